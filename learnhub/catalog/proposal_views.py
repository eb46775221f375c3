"""The pages on which an upload that was put up by one person is looked at and decided by another."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from learnhub.catalog import actions, queries
from learnhub.catalog.messages import KINDS, PROPOSAL_STATES
from learnhub.catalog.models import MediaProposal
from learnhub.catalog.rules import kind_for_asset
from learnhub.config import Settings
from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock, messages
from learnhub.kernel.errors import NotFound
from learnhub.media.delivery import addresses_of
from learnhub.media.players import player_of, sources_of
from learnhub.media.queries import list_pages, why_not_shown
from learnhub.org.guard import ability, actor

blueprint = Blueprint("proposals", __name__, template_folder="templates", static_folder=None)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings


@blueprint.get("/reviewing/media/<int:proposal_id>")
@ability("catalog.review")
def show(proposal_id: int) -> str:
    """What was put up, as people would see it, and the verdict."""
    return _page(proposal_id, {})


@blueprint.post("/reviewing/media/<int:proposal_id>")
@ability("catalog.review")
def judge(proposal_id: int) -> Response:
    """Approves it, which publishes it, or refuses it."""
    show_again(lambda errors: _page(proposal_id, errors))
    if request.form.get("verdict") == "approve":
        actions.approve_proposal(actor(), proposal_id, settings=_settings(), now=clock.now())
        flash(_("Approved. The lesson is in the course; its audience can open it now."), "success")
    else:
        actions.refuse_proposal(actor(), proposal_id, request.form.get("comment", ""), now=clock.now())
        flash(_("Your review has been written down."), "success")
    return redirect(url_for("catalog.reviewing"))


@blueprint.get("/reviewing/media/<int:proposal_id>/sources")
@ability("catalog.review")
def sources(proposal_id: int) -> dict[str, Any]:
    """Fresh addresses of the recording for the reviewer's player; JSON."""
    asset, now = queries.get_proposal(actor(), proposal_id, "catalog.review").asset, clock.now()
    if asset is None or why_not_shown(asset, now):
        raise NotFound("media.not_found")
    return sources_of(asset, actor().person_id, settings=_settings(), now=now)


@blueprint.post("/editing/proposals/<int:proposal_id>/take-back")
@ability("catalog.publish")
def take_back(proposal_id: int) -> Response:
    """Ends what was put up before somebody has decided."""
    ended = actions.take_back_proposal(actor(), proposal_id, now=clock.now())
    flash(_("Taken back. Nothing of the course has changed."), "success")
    return redirect(url_for("catalog.edited_course", course_id=ended.course_id))


def _page(proposal_id: int, errors: Errors) -> str:
    proposal, now = queries.get_proposal(actor(), proposal_id, "catalog.review"), clock.now()
    is_open = proposal.state == "open"
    obstacle = actions.obstacle_to(proposal, now=now) if is_open else ""
    return render_template(
        "catalog/reviewed_media.html",
        proposal=proposal,
        kind=KINDS[kind] if proposal.asset and (kind := kind_for_asset(proposal.asset.kind)) else "",
        states=PROPOSAL_STATES,
        is_open=is_open,
        is_own=proposal.person_id == actor().person_id,
        obstacle=messages.text_of(obstacle, {}) if obstacle else "",
        before=queries.shown_now(proposal),
        errors=errors,
        **_preview(proposal, now),
    )


def _preview(proposal: MediaProposal, now: Any) -> dict[str, Any]:
    """The recording for the player, or the pages of a document; nothing of what may not be shown any more."""
    asset = proposal.asset
    if asset is None or why_not_shown(asset, now):
        return {"player": None, "pages": [], "original": None}
    me, settings = actor().person_id, _settings()
    if asset.kind == "document":
        original = addresses_of(asset, me, settings=settings, now=now).original
        return {"player": None, "pages": list_pages(asset.id, settings=settings), "original": original}
    fresh = url_for("proposals.sources", proposal_id=proposal.id)
    return {"player": player_of(asset, me, fresh_url=fresh, settings=settings, now=now), "pages": [], "original": None}
