"""The page on which an uploaded medium becomes a lesson or replaces another."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from learnhub.catalog import actions
from learnhub.catalog.messages import KINDS
from learnhub.catalog.queries import uses
from learnhub.catalog.rules import kind_for_asset
from learnhub.config import Settings
from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.org.guard import ability, actor

blueprint = Blueprint("catalog_media", __name__, template_folder="templates", static_folder=None)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings


@blueprint.get("/editing/media/<int:asset_id>")
@ability("catalog.publish")
def choose(asset_id: int) -> str:
    """Where an uploaded medium is to be shown."""
    return _page(asset_id, {})


@blueprint.post("/editing/media/<int:asset_id>/add")
@ability("catalog.publish")
def add(asset_id: int) -> Response:
    """A new lesson at the end of a course; put up for approval where two people are needed."""
    show_again(lambda errors: _page(asset_id, errors))
    course_id, title = request.form.get("course", 0, type=int), request.form.get("title", "")
    if _settings().two_person_publishing:
        actions.put_up_addition(actor(), course_id, asset_id, title, now=clock.now())
        return _put_up(course_id)
    actions.add_media_lesson(actor(), course_id, asset_id, title, settings=_settings(), now=clock.now())
    flash(_("The lesson is in the course; its audience can open it now."), "success")
    return redirect(url_for("catalog.edited_course", course_id=course_id))


@blueprint.post("/editing/media/<int:asset_id>/replace")
@ability("catalog.publish")
def replace(asset_id: int) -> Response:
    """A new version of a lesson; put up for approval where two people are needed."""
    show_again(lambda errors: _page(asset_id, errors))
    lesson_id = request.form.get("lesson", 0, type=int)
    if _settings().two_person_publishing:
        return _put_up(actions.put_up_replacement(actor(), lesson_id, asset_id, now=clock.now()).course_id)
    made = actions.replace_media(actor(), lesson_id, asset_id, settings=_settings(), now=clock.now())
    flash(_("The lesson has a new version. What people earned with the old one stays."), "success")
    return redirect(url_for("catalog.edited_course", course_id=made.lesson.course_id))


def _put_up(course_id: int) -> Response:
    flash(_("Put up for approval. It is published when somebody else has approved it."), "success")
    return redirect(url_for("catalog.edited_course", course_id=course_id))


def _page(asset_id: int, errors: Errors) -> str:
    me = actor()
    asset = actions.usable_asset(me, asset_id, now=clock.now())
    kind = kind_for_asset(asset.kind)
    return render_template(
        "catalog/from_media.html",
        asset=asset,
        kind=KINDS[kind] if kind else None,
        courses=uses.courses_to_extend(me) if kind else [],
        lessons=uses.lessons_to_replace(me, kind, asset_id) if kind else [],
        errors=errors,
        needs_review=_settings().two_person_publishing,
        title=request.form.get("title") or asset.file_name.rpartition(".")[0] or asset.file_name,
    )
