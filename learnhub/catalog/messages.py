"""The words for each refusal of the catalogue and for each problem of a course folder."""

from __future__ import annotations

from typing import Any

from learnhub.catalog.course_folder import Problem
from learnhub.catalog.rules import Band, Kind, ProposalState, State
from learnhub.design.format import duration
from learnhub.design.i18n import SOURCE_LOCALE, LazyText, _, _l, _n, current_locale
from learnhub.kernel import messages
from learnhub.media.queries import Preparation
from learnhub.org.rules import Level

STATES: dict[str, LazyText] = {
    State.DRAFT: _l("Draft"),
    State.PUBLISHED: _l("Published"),
    State.WITHDRAWN: _l("Withdrawn"),
}
KINDS: dict[str, LazyText] = {
    Kind.VIDEO: _l("Video"),
    Kind.AUDIO: _l("Audio"),
    Kind.TEXT: _l("Text"),
    Kind.DOCUMENT: _l("Document"),
    Kind.TEST: _l("Test"),
}
BANDS: dict[str, LazyText] = {
    Band.SHORT: _l("Up to 15 minutes"),
    Band.MEDIUM: _l("15 to 60 minutes"),
    Band.LONG: _l("More than an hour"),
}
LEVELS: dict[str, LazyText] = {
    Level.CITY: _l("City courses"),
    Level.COUNTY: _l("County courses"),
    Level.TOWNSHIP: _l("Township courses"),
    Level.VILLAGE: _l("Village courses"),
}

REFUSALS: dict[str, Any] = {
    "catalog.title_missing": _l("Write a title of at most 300 characters."),
    "catalog.media_nature_unfit": _l("A lesson can only show a file of its own kind: film, sound or document."),
    "catalog.same_media": _l("The lesson shows this file already."),
    "catalog.folder_refused": _l("The course folder %(folder)s was not published: %(count)d problems."),
    "catalog.course_not_found": _l("There is no such course, or it is not offered to your unit."),
    "catalog.lesson_not_found": _l("There is no such lesson, or its course is not offered to your unit."),
    "catalog.file_not_in_course": _l("This file is ready or no longer belongs to the course."),
    "catalog.is_withdrawn": _l("The course %(course)s was withdrawn. Restore it first, then publish the new content."),
    "catalog.not_published": _l("Only a published course can be withdrawn."),
    "catalog.not_withdrawn": _l("Only a withdrawn course can be restored."),
    "catalog.reason_missing": _l("Say why, in one sentence. It is kept in the audit trail."),
    "catalog.reason_too_long": _l("The reason may have at most %(longest)d characters."),
    "catalog.audience_not_allowed": _l("You may not publish to %(unit)s, which lies outside your area."),
    "catalog.folder_changed": _l("The folder has changed since you opened it. Please read it once more."),
    "catalog.say_what": _l("Please say what is to be changed."),
    "catalog.not_approved": _l("Somebody else must approve exactly this content before it can be published."),
    "catalog.proposal_not_found": _l("This was not put up for approval, or not for your units."),
    "catalog.proposal_ended": _l("This was decided, taken back or replaced meanwhile. Nothing was changed."),
    "catalog.own_proposal": _l("You put this up yourself: somebody else has to approve it."),
    "catalog.put_up_already": _l("This file is waiting for approval there already."),
    "catalog.proposed_file_gone": _l(
        "The file was withdrawn, has expired or was taken off the list since it was put up."
    ),
    "catalog.proposed_lesson_gone": _l("The lesson is no longer part of the course."),
    "catalog.proposed_lesson_changed": _l("The lesson has a newer version than when this was put up. Put it up again."),
    "catalog.proposed_course_gone": _l("The course is not published at the moment."),
    "catalog.proposer_left": _l(
        "Whoever put it up may not publish there any more. Somebody else has to put it up again."
    ),
    "catalog.publishing_failed": _l("The publishing did not come to its end, by no fault of the folder. Try again."),
    "catalog.folder_unknown": _l("There is no course folder named %(folder)s."),
}

PROBLEMS: dict[str, Any] = {
    "catalog.folder_missing": _l("There is no course folder here: %(path)s."),
    "catalog.course_toml_missing": _l("The file course.toml is missing."),
    "catalog.toml_broken": _l("This is not valid TOML: %(why)s."),
    "catalog.categories_form": _l("Each category is a table with title and title_en."),
    "catalog.not_utf8": _l("The text is not UTF-8. Save the file as UTF-8 and try again."),
    "catalog.not_text": _l("This is not a text file."),
    "catalog.text_too_large": _l("A text file may have at most %(largest_kb)d kB; this one has %(kb)d kB."),
    "catalog.too_many_files": _l("A course folder may hold at most %(most)d files."),
    "catalog.link_in_folder": _l("A link is not allowed in a course folder. Put the file itself here."),
    "catalog.file_ending": _l("Only files ending in %(ending)s belong into this folder."),
    "catalog.file_name": _l(
        "The name must be a number of two or three digits, a hyphen and small letters, for example 03-fire-safety.md."
    ),
    "catalog.key_unknown": _l("The key “%(key)s” is not known here. Known: %(known)s."),
    "catalog.key_missing": _l("The key “%(key)s” is missing."),
    "catalog.key_not_here": _l("The key “%(key)s” does not belong to a lesson of the kind “%(kind)s”."),
    "catalog.expects_text": _l("“%(key)s” must be a text in quotation marks."),
    "catalog.expects_number": _l("“%(key)s” must be a whole number."),
    "catalog.expects_list": _l('“%(key)s” must be a list of texts: ["…", "…"].'),
    "catalog.expects_table": _l('“%(key)s” must be a table: { … = "…" }.'),
    "catalog.expects_tables": _l("“%(key)s” must be written as [[%(key)s]] tables."),
    "catalog.value_empty": _l("“%(key)s” is empty."),
    "catalog.value_too_long": _l("“%(key)s” is too long: at most %(longest)d."),
    "catalog.value_not_allowed": _l("“%(value)s” is not possible for “%(key)s”. Possible: %(allowed)s."),
    "catalog.value_form": _l("“%(value)s” cannot be used for “%(key)s”: small letters, digits and hyphens only."),
    "catalog.number_out_of_range": _l("“%(key)s” must lie between %(least)d and %(most)d."),
    "catalog.category_unknown": _l("There is no category “%(value)s”. Known: %(known)s."),
    "catalog.code_not_folder": _l("The code “%(value)s” must be the name of the folder, “%(folder)s”."),
    "catalog.chapter_unknown": _l("There is no chapter “%(value)s” in course.toml."),
    "catalog.chapter_twice": _l("The chapter “%(value)s” is there twice."),
    "catalog.unit_unknown": _l("There is no unit with the code “%(value)s”."),
    "catalog.no_lessons": _l("The course has no lessons."),
    "catalog.number_twice": _l("The number %(number)d is used twice; %(other)s has it too."),
    "catalog.name_twice": _l("The name “%(name)s” is used twice; %(other)s has it too."),
    "catalog.kind_changed": _l(
        "This lesson was published as “%(before)s” and cannot become “%(after)s”. Give the new lesson another name."
    ),
    "catalog.front_matter_missing": _l("The file must begin with a line +++ and its front matter."),
    "catalog.front_matter_open": _l("The front matter has no closing line +++."),
    "catalog.body_empty": _l("A text lesson needs a text."),
    "catalog.body_too_long": _l("The text may have at most %(longest)d characters; it has %(length)d."),
    "catalog.line_too_long": _l("A line may have at most %(longest)d characters."),
    "catalog.body_too_deep": _l("Lists and quotations may lie at most %(deepest)d deep inside each other."),
    "catalog.body_has_h1": _l("Begin headings with ##; the title of the lesson is in the front matter."),
    "catalog.body_has_image": _l("Pictures cannot be put into a text. Offer them as a document."),
    "catalog.path_unsafe": _l("“%(path)s” leads out of the course folder. Name a file inside it."),
    "catalog.media_missing": _l("The file “%(path)s” is not in the course folder."),
    "catalog.media_empty": _l("The file “%(path)s” is empty."),
    "catalog.media_ending": _l("The file “%(path)s” cannot be used here. Possible endings: %(allowed)s."),
    "catalog.media_nature": _l("The content of “%(path)s” is not what its name says."),
    "catalog.language_unknown": _l("“%(value)s” is not a language tag such as zh-CN."),
    "catalog.question_twice": _l("The question “%(value)s” is there twice."),
    "catalog.options_few": _l("A question needs at least two options."),
    "catalog.option_twice": _l("Two options of the question are the same."),
    "catalog.judge_has_options": _l("A question of the kind “judge” has no options; its answer is true or false."),
    "catalog.answer_not_yes_no": _l("The answer must be true or false."),
    "catalog.answer_not_letter": _l('The answer must be one letter, for example "B".'),
    "catalog.answer_not_letters": _l('The answer must be a list of different letters, for example ["A", "C"].'),
    "catalog.answer_unknown": _l("There is no option “%(value)s”; the last one is %(last)s."),
}

WORDS: dict[str, Any] = {**REFUSALS, **PROBLEMS}


def said(chinese: str, english: str) -> str:
    """What authors wrote in one or two languages, in the language of the moment; Chinese where there is no English."""
    return english if english and current_locale() == SOURCE_LOCALE else chinese


PROPOSAL_STATES: dict[str, tuple[LazyText, str]] = {
    ProposalState.OPEN: (_l("Waits for approval"), "info"),
    ProposalState.APPROVED: (_l("Approved and published"), "good"),
    ProposalState.REFUSED: (_l("Not approved"), "warn"),
    ProposalState.TAKEN_BACK: (_l("Taken back before a decision"), "neutral"),
    ProposalState.REPLACED: (_l("Replaced by a later one"), "neutral"),
}
"""The words of a state and the kind of its badge."""


PREPARATION_STATES: dict[str, LazyText] = {
    "waiting": _l("Waiting"),
    "working": _l("Being prepared"),
    "refused": _l("Unusable"),
    "failed": _l("Failed"),
    "cancelled": _l("Stopped"),
}


def publishing_sentence(left_s: int | None) -> str:
    """What is going on while a folder is published, for the line under the bar."""
    left = _("About %(time)s more.", time=duration(left_s)) + " " if left_s is not None else ""
    return left + _("You may leave this page; the work goes on.")


def preparation_sentence(going: list[Preparation]) -> str:
    """What is going on with the files of a course, for the line under the bar."""
    left = [one.left_s for one in going if one.left_s is not None]
    text = _n("%(num)d file to go.", "%(num)d files to go.", len(going))
    if left:
        text += " " + _("The present one takes about %(time)s more.", time=duration(max(left)))
    return text + " " + _("You may leave this page; the work goes on.")


def sentence_of(problem: Problem) -> str:
    """What is wrong, in the language of the moment, without its place."""
    return messages.text_of(problem.code, problem.params)


def place_of(problem: Problem) -> str:
    """Where it is: the file, and the line where one is known."""
    if not problem.file:
        return _("Course folder")
    return f"{problem.file}:{problem.line}" if problem.line else problem.file


ACTION_WORDS = {
    "catalog.media_added": _l("Added a lesson from a media file"),
    "catalog.media_changed": _l("Replaced the media file of a lesson"),
    "catalog.media_put_up": _l("Put a media file up for approval"),
    "catalog.media_approved": _l("Approved a media file that was put up"),
    "catalog.media_refused": _l("Refused a media file that was put up"),
    "catalog.media_taken_back": _l("Took a media file back that was put up"),
    "catalog.media_replaced": _l("Put a later media file in place of one that waited for approval"),
    "catalog.publish_course": _l("Published a course"),
    "catalog.approve_folder": _l("Approved a course folder"),
    "catalog.ask_for_changes": _l("Asked for changes to a course folder"),
    "catalog.withdraw_course": _l("Withdrew a course"),
    "catalog.restore_course": _l("Offered a course again"),
    "catalog.set_category": _l("Set a category"),
}
"""What the audit trail calls by these codes."""
