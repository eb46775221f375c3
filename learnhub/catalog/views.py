"""The catalogue for everybody and the editor's pages."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from learnhub.catalog import actions, forms, queries
from learnhub.catalog.course_folder import (
    BadCourseFolder,
    CourseFolder,
    Problem,
    read_categories,
    read_course_folder,
    takes_time,
)
from learnhub.catalog.hours import hours_of
from learnhub.catalog.messages import (
    BANDS,
    KINDS,
    LEVELS,
    PREPARATION_STATES,
    PROPOSAL_STATES,
    STATES,
    place_of,
    preparation_sentence,
    publishing_sentence,
    said,
    sentence_of,
)
from learnhub.catalog.models import Course
from learnhub.catalog.posters import posters_of
from learnhub.catalog.rules import LONGEST_REASON
from learnhub.config import Settings
from learnhub.design.i18n import LazyText, _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock, messages
from learnhub.kernel.errors import Invalid
from learnhub.media import actions as media
from learnhub.org.guard import ability, actor
from learnhub.org.scope import may

blueprint = Blueprint("catalog", __name__, template_folder="templates", static_folder=None)
blueprint.add_app_template_global(said, "said")
blueprint.add_app_template_global(hours_of, "course_hours")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings


@blueprint.get("/courses")
@ability("catalog.browse")
def list_courses() -> str:
    """The courses offered to one's unit, filtered and in pages."""
    me, filters = actor(), forms.read_filters(request.args)
    page = queries.list_courses(me, filters, forms.read_page(request.args))
    posters = posters_of(me, [card.poster_id for card in page.items], settings=_settings(), now=clock.now())
    return render_template(
        "catalog/courses.html",
        page=page,
        filters=filters,
        posters=posters,
        categories=queries.list_categories(me),
        kinds=KINDS,
        bands=BANDS,
        levels=LEVELS,
    )


@blueprint.get("/editing")
@ability("catalog.edit")
def editing() -> str:
    """The courses in one's care and the folders that can be published."""
    me, state = actor(), forms.read_state(request.args)
    return render_template(
        "catalog/editing.html",
        page=queries.list_edited_courses(me, state, forms.read_page(request.args)),
        folders=queries.list_folders(me, _settings().courses_dir),
        state=state,
        states=STATES,
    )


@blueprint.get("/editing/folders/<name>")
@ability("catalog.publish")
def folder(name: str) -> str:
    """A course folder and everything that is wrong with it; nothing is written."""
    queries.get_folder_path(actor(), _settings().courses_dir, name)
    return _folder_page(name, *_checked(name))


@blueprint.post("/editing/folders/<name>/publish")
@ability("catalog.publish")
def publish_folder(name: str) -> Response | tuple[str, int]:
    """Publishes a course folder, or shows what speaks against it; where that takes time, the worker does it."""
    path = queries.get_folder_path(actor(), _settings().courses_dir, name)
    if takes_time(path):
        actions.ask_to_publish(actor(), name, now=clock.now())
        return redirect(url_for("catalog.publishing_folder", name=name))
    show_again(lambda errors: _folder_page(name, *_checked(name), refused=errors.get("")))
    try:
        done = actions.publish_folder(actor(), path, now=clock.now(), settings=_settings())
    except BadCourseFolder as refused:  # the page lists every problem, which the common error page cannot
        return _folder_page(name, None, refused.problems), 422
    flash(_("The course is published.") if done.is_changed else _("Nothing was new; nothing was changed."), "success")
    return redirect(url_for("catalog.edited_course", course_id=done.course_id))


@blueprint.get("/editing/folders/<name>/publishing")
@ability("catalog.publish")
def publishing_folder(name: str) -> Response | str | tuple[str, int]:
    """How far the publishing of a folder is, and then what became of it."""
    queries.get_folder_path(actor(), _settings().courses_dir, name)
    job = queries.find_publishing(name)
    if job is None:
        return redirect(url_for("catalog.folder", name=name))
    if job.state in ("waiting", "running"):
        return render_template("catalog/publishing.html", name=name, job=job)
    outcome = job.payload.get("outcome") or {"code": "catalog.publishing_failed", "params": {}}
    if "course" in outcome:
        flash(
            _("The course is published.") if outcome["is_changed"] else _("Nothing was new; nothing was changed."),
            "success",
        )
        return redirect(url_for("catalog.edited_course", course_id=outcome["course"]))
    if "problems" in outcome:
        return _folder_page(name, None, tuple(Problem(*one) for one in outcome["problems"])), 422
    return _folder_page(name, *_checked(name), refused=messages.text_of(outcome["code"], outcome["params"])), 409


@blueprint.get("/editing/folders/<name>/publishing.json")
@ability("catalog.publish")
def publishing_progress(name: str) -> dict[str, object]:
    """How far it is, for the bar."""
    queries.get_folder_path(actor(), _settings().courses_dir, name)
    job = queries.find_publishing(name)
    if job is None or job.state not in ("waiting", "running"):
        return {"state": "done", "done": 100, "total": 100, "next": url_for("catalog.publishing_folder", name=name)}
    return {
        "state": "running",
        "done": round(job.share * 100),
        "total": 100,
        "message": publishing_sentence(job.left_s),
    }


@blueprint.get("/reviewing")
@ability("catalog.review")
def reviewing() -> str:
    """The course folders and uploads that a reviewer looks through before they are published."""
    folders = queries.list_folders(actor(), _settings().courses_dir, "catalog.review")
    verdicts = queries.verdicts_on(line.name for line in folders)
    waiting = queries.list_open_proposals(actor(), "catalog.review")
    return render_template(
        "catalog/reviewing.html", folders=folders, verdicts=verdicts, states=STATES, proposals=waiting
    )


@blueprint.get("/reviewing/folders/<name>")
@ability("catalog.review")
def reviewed_folder(name: str) -> str:
    """A course folder as people would see it, with what was said of it."""
    return _review_page(name, {})


def _review_page(name: str, errors: Errors) -> str:
    queries.get_folder_path(actor(), _settings().courses_dir, name, "catalog.review")
    checked, problems = _checked(name)
    return render_template(
        "catalog/reviewed_folder.html",
        name=name,
        folder=checked,
        places=queries.places_of(actor(), checked, "catalog.review") if checked else None,
        bodies={part.key: Markup(part.body_html) for part in checked.lessons} if checked else {},  # noqa: S704 - cleaned when the folder was read
        problems=[(place_of(problem), sentence_of(problem)) for problem in problems],
        reviews=queries.list_reviews(name),
        errors=errors,
        kinds=KINDS,
    )


@blueprint.post("/reviewing/folders/<name>")
@ability("catalog.review")
def review_folder(name: str) -> Response:
    """Approves the folder as it is, or asks for changes."""
    queries.get_folder_path(actor(), _settings().courses_dir, name, "catalog.review")
    show_again(lambda errors: _review_page(name, errors))
    checked, problems = _checked(name)
    if checked is None:
        raise BadCourseFolder(name, problems)
    form = request.form
    actions.review_folder(
        actor(),
        checked,
        digest=form.get("digest", ""),
        is_approval=form.get("verdict") == "approve",
        comment=form.get("comment", "")[:2000],
        now=clock.now(),
    )
    flash(_("Your review has been written down."), "success")
    return redirect(url_for("catalog.reviewing"))


@blueprint.get("/editing/courses/<int:course_id>")
@ability("catalog.edit")
def edited_course(course_id: int) -> str:
    """One course in one's care: what is published, to whom, and the way to take it back."""
    return _course_page(queries.edited_course_for(actor(), course_id), forms.ReasonForm(""))


@blueprint.get("/editing/courses/<int:course_id>/preparing")
@ability("catalog.edit")
def media_progress(course_id: int) -> dict[str, object]:
    """How far the files of a course are, for the bar on its page."""
    course = queries.edited_course_for(actor(), course_id)
    going = [one for one in queries.list_preparations(course.id) if one.state in ("waiting", "working")]
    if not going:
        return {
            "state": "done",
            "done": 100,
            "total": 100,
            "next": url_for("catalog.edited_course", course_id=course_id),
        }
    share = sum(one.share for one in going) / len(going)
    return {"state": "running", "done": round(share * 100), "total": 100, "message": preparation_sentence(going)}


@blueprint.post("/editing/courses/<int:course_id>/preparing")
@ability("catalog.edit")
def steer_media(course_id: int) -> Response:
    """Stops the preparation of a course's file, or takes it up again."""
    course = queries.edited_course_for(actor(), course_id)
    wanted = request.form.get("asset", "")
    asset_id = next((one.asset.id for one in queries.list_preparations(course.id) if str(one.asset.id) == wanted), None)
    if asset_id is None:
        raise Invalid("catalog.file_not_in_course")
    if request.form.get("act") == "stop":
        media.stop_preparing(actor(), asset_id, now=clock.now())
        flash(_("Stopped. The file is kept; you can take it up again at any time."), "success")
    else:
        media.resume_preparing(actor(), asset_id, now=clock.now())
        flash(_("The file is in line again."), "success")
    return redirect(url_for("catalog.edited_course", course_id=course_id))


@blueprint.post("/editing/courses/<int:course_id>/withdraw")
@ability("catalog.publish")
def withdraw(course_id: int) -> Response | tuple[str, int]:
    """Takes a course away from everybody."""
    form = forms.read_reason(request.form)
    if form.errors:
        return _course_page(queries.edited_course_for(actor(), course_id), form), 422
    actions.withdraw_course(actor(), course_id, form.reason, now=clock.now())
    flash(_("The course is withdrawn. Nobody finds or opens it any more; hours already earned stay."), "success")
    return redirect(url_for("catalog.edited_course", course_id=course_id))


@blueprint.post("/editing/courses/<int:course_id>/restore")
@ability("catalog.publish")
def restore(course_id: int) -> Response | tuple[str, int]:
    """Offers a withdrawn course again."""
    form = forms.read_reason(request.form)
    if form.errors:
        return _course_page(queries.edited_course_for(actor(), course_id), form), 422
    actions.restore_course(actor(), course_id, form.reason, now=clock.now())
    flash(_("The course is offered again."), "success")
    return redirect(url_for("catalog.edited_course", course_id=course_id))


def _checked(name: str) -> tuple[CourseFolder | None, tuple[Problem, ...]]:
    courses_dir = _settings().courses_dir
    try:
        return read_course_folder(courses_dir / name, [line.code for line in read_categories(courses_dir)]), ()
    except BadCourseFolder as refused:
        return None, refused.problems


def _folder_page(
    name: str, checked: CourseFolder | None, problems: tuple[Problem, ...], refused: str | LazyText | None = None
) -> str:
    course = queries.find_course_by_code(name)
    return render_template(
        "catalog/folder.html",
        name=name,
        refused=refused,
        folder=checked,
        places=queries.places_of(actor(), checked) if checked else None,
        problems=[(place_of(problem), sentence_of(problem)) for problem in problems],
        course=course,
        is_same=bool(course and checked and course.digest == checked.digest),
        reviews=queries.list_reviews(name),
        needs_review=_settings().two_person_publishing,
        kinds=KINDS,
        states=STATES,
    )


def _course_page(course: Course, form: forms.ReasonForm) -> str:
    errors = {name: messages.text_of(code, {"longest": LONGEST_REASON}) for name, code in form.errors.items()}
    return render_template(
        "catalog/edited_course.html",
        course=course,
        audience=queries.list_audience(course),
        chapters=queries.outline(course),
        waiting=queries.count_waiting_media([course.id]).get(course.id, (0, 0)),
        preparations=queries.list_preparations(course.id),
        preparation_states=PREPARATION_STATES,
        proposals=queries.list_proposals_of(course.id),
        proposal_states=PROPOSAL_STATES,
        may_publish=may(actor(), "catalog.publish", course.unit.path),
        refusal_text=lambda asset: messages.text_of(asset.refusal_code, asset.refusal_params or {}),
        form=form,
        errors=errors,
        kinds=KINDS,
        states=STATES,
        levels=LEVELS,
    )
