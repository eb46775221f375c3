"""The course page, the lesson pages and "my year"."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from learnhub.catalog import queries as catalog
from learnhub.catalog.models import LessonVersion
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.media import queries as media
from learnhub.media.delivery import addresses_of
from learnhub.media.players import first_cues, player_of, sources_of
from learnhub.org.guard import ability, actor
from learnhub.study import actions, beat, forms, hours, queries
from learnhub.study.lessons import StudyLesson, study_lesson
from learnhub.study.rules import quiz
from learnhub.study.rules.completion import READ, TIMED
from learnhub.study.rules.hours import HoursRule, lesson_centihours, passed_test_centihours
from learnhub.study.words import KINDS, NOT_SHOWN, reader_words, watching_words

blueprint = Blueprint("study", __name__, template_folder="templates", static_folder=None)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings


@blueprint.get("/courses/<int:course_id>")
@ability("catalog.browse")
def course(course_id: int) -> str:
    """A course: what it is about, its lessons and where one stands in each."""
    me = actor()
    actions.settle(me.person_id)
    shown = catalog.course_for(me, course_id)
    chapters = catalog.outline(shown)
    lessons = [lesson for chapter in chapters for lesson in chapter.lessons]
    states = queries.lesson_states(me.person_id, course_id)
    rule = _rule()
    return render_template(
        "study/course.html",
        course=shown,
        chapters=chapters,
        lessons=lessons,
        states=states,
        blank=queries.NOT_BEGUN,
        next_lesson=next((one for one in lessons if states.get(one.id, queries.NOT_BEGUN).done_at is None), None),
        done=sum(1 for one in lessons if states.get(one.id, queries.NOT_BEGUN).done_at is not None),
        rule=rule,
        centihours={
            one.id: hours.lessons_centihours(rule, [(one.kind, one.length_s)], is_required=shown.is_required)
            for one in lessons
        },
        kinds=KINDS,
        has_recordings=any(one.kind in TIMED for one in lessons),
    )


@blueprint.get("/lessons/<int:lesson_id>")
@ability("study.learn")
def lesson(lesson_id: int) -> str:
    """A lesson: the player, the text, the document or the test."""
    me, now = actor(), clock.now()
    actions.settle(me.person_id)
    version = catalog.lesson_for(me, lesson_id)
    facts = study_lesson(version)
    shown = {
        "version": version,
        "lesson": version.lesson,
        "course": version.lesson.course,
        "facts": facts,
        "state": queries.lesson_state(me.person_id, lesson_id),
        "chapters": catalog.outline(version.lesson.course),
        "states": queries.lesson_states(me.person_id, version.lesson.course_id),
        "blank": queries.NOT_BEGUN,
        "kinds": KINDS,
        "centihours": _centihours(facts),
    }
    if facts.kind in TIMED:
        return render_template("study/watch.html", **shown, **_to_watch(version, facts, now))
    if facts.kind in READ:
        return render_template("study/read.html", **shown, **_to_read(version, facts, now))
    return render_template("study/test.html", **shown, **_to_answer(version))


def _rule() -> HoursRule:
    """The rule in force for the person and this year."""
    return hours.rule_for(actor().unit_path, clock.local_year(clock.now()), _settings())


def _centihours(facts: StudyLesson) -> int:
    rule = _rule()
    if facts.kind == "test":
        return passed_test_centihours(rule, is_required=facts.is_required)
    return lesson_centihours(rule, facts.hours_ms, is_required=facts.is_required)


def _to_watch(version: LessonVersion, facts: StudyLesson, now: Any) -> dict[str, Any]:
    """What player and counting begin with; ``data`` is None while the medium is not shown."""
    asset = version.asset
    why = media.why_not_shown(asset, now) or ("preparing" if facts.length_ms == 0 else "")
    if asset is None or why:
        return {"data": None, "cues": [], "why": why, "not_shown": NOT_SHOWN["recording"][why]}
    marks = [{"start_ms": mark["start_ms"], "title": mark["title"]} for mark in version.marks or ()]
    return {
        "cues": first_cues(asset.id, settings=_settings()),
        "marks": marks,
        "player": player_of(
            asset,
            actor().person_id,
            fresh_url=url_for("study.sources", recording_id=facts.lesson_id),
            length_ms=facts.length_ms,
            marks=marks,
            settings=_settings(),
            now=now,
        ),
        "data": {
            **_viewing_data(facts),
            "start_s": forms.read_start(request.args),
            "words": watching_words(),
        },
    }


@blueprint.get("/lessons/<int:recording_id>/sources")
@ability("study.learn")
def sources(recording_id: int) -> dict[str, Any]:
    """Fresh addresses of a lesson's recording, for a player whose own have expired; JSON."""
    asset, now = catalog.lesson_for(actor(), recording_id).asset, clock.now()
    if asset is None or media.why_not_shown(asset, now):
        raise NotFound("media.not_found")
    return sources_of(asset, actor().person_id, settings=_settings(), now=now)


def _to_read(version: LessonVersion, facts: StudyLesson, now: Any) -> dict[str, Any]:
    pages, original = [], None
    why = media.why_not_shown(version.asset, now) if version.asset is not None else ""
    if why:
        return {"data": None, "why": why, "not_shown": NOT_SHOWN["document"][why]}
    if version.asset is not None and version.asset.kind == "document":
        pages = media.list_pages(version.asset_id, settings=_settings())
        original = addresses_of(version.asset, actor().person_id, settings=_settings(), now=now).original
    return {"pages": pages, "original": original, "data": {**_viewing_data(facts), "words": reader_words()}}


def _viewing_data(facts: StudyLesson) -> dict[str, Any]:
    """What every page that reports needs: where to, how long, what was seen already."""
    person_id = actor().person_id
    state = queries.lesson_state(person_id, facts.lesson_id)
    return {
        "lesson": facts.lesson_id,
        "open_url": url_for("study.open_viewing", lesson_id=facts.lesson_id),
        "beat_url": beat.PATH,
        "length_ms": facts.length_ms,
        "needed_ms": facts.needed_ms,
        "seen": queries.seen_of(person_id, facts.version_id),
        "seen_ms": state.seen_ms,
        "position_ms": state.position_ms,
        "done": state.done_at is not None,
    }


def _to_answer(version: LessonVersion) -> dict[str, Any]:
    attempts = queries.list_attempts(actor().person_id, version.id)
    questions = version.questions or []
    order = quiz.order_for(actor().person_id, version.id, len(attempts) + 1, questions)
    return {"attempts": attempts, "questions": questions, "order": order}


@blueprint.post("/lessons/<int:lesson_id>/viewings")
@ability("study.learn")
def open_viewing(lesson_id: int) -> dict[str, Any]:
    """Opens a viewing for the page's player; JSON."""
    opened = actions.open_viewing(
        actor(), lesson_id, device=str(request.user_agent), now=clock.now(), settings=_settings()
    )
    return asdict(opened)


@blueprint.post("/lessons/<int:lesson_id>/attempts")
@ability("study.learn")
def submit_attempt(lesson_id: int) -> Response:
    """Judges the answers of a test and shows the review."""
    version = catalog.lesson_for(actor(), lesson_id)
    answers = forms.read_answers(request.form, version.questions or [])
    attempt = actions.submit_attempt(actor(), lesson_id, answers, now=clock.now(), settings=_settings())
    return redirect(url_for("study.attempt", lesson_id=lesson_id, number=attempt.number))


@blueprint.get("/lessons/<int:lesson_id>/attempts/<int:number>")
@ability("study.learn")
def attempt(lesson_id: int, number: int) -> str:
    """The review of one try: what was right, what was not, and why."""
    me = actor()
    version = catalog.lesson_for(me, lesson_id)
    tried = queries.attempt_for(me, version.id, number)
    questions = version.questions or []
    return render_template(
        "study/review.html",
        version=version,
        lesson=version.lesson,
        course=version.lesson.course,
        attempt=tried,
        questions=questions,
        marks=quiz.mark(questions, tried.answers),
        order=quiz.order_for(me.person_id, version.id, number, questions),
        centihours=_centihours(study_lesson(version)),
    )
