"""The programme on the big screen of a room; nothing here is credited to whoever is signed in."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.media import delivery
from learnhub.media.players import player_of, sources_of
from learnhub.media.queries import why_not_shown
from learnhub.org.guard import ability, actor
from learnhub.sessions import queries
from learnhub.sessions.models import StationSession
from learnhub.sessions.views.blueprint import blueprint, settings


@blueprint.get("/sessions/<int:session_id>/play")
@ability("sessions.hold")
def show_programme(session_id: int) -> str:
    """The lessons of the session in large type."""
    session = queries.get_session(actor(), session_id, "sessions.hold")
    programme = queries.programme_of([session.id])[session.id]
    return render_template("sessions/programme.html", session=session, programme=programme)


@blueprint.get("/sessions/<int:session_id>/play/<int:lesson_id>")
@ability("sessions.hold")
def play_lesson(session_id: int, lesson_id: int) -> str:
    """One lesson for the room, with the way to the next one."""
    session, (lesson, *later) = _from(session_id, lesson_id)
    content = queries.get_content(lesson.version_id)
    asset, me, now = content.asset, actor().person_id, clock.now()
    is_shown = asset is not None and not why_not_shown(asset, now)
    is_played = asset is not None and is_shown and asset.kind in ("video", "audio")
    return render_template(
        "sessions/play.html",
        session=session,
        lesson=lesson,
        following=later[0] if later else None,
        content=content,
        media=delivery.addresses_of(asset, me, settings=settings(), now=now)
        if asset and is_shown and not is_played
        else None,
        is_absent=asset is not None and not is_shown,
        player=player_of(
            asset,
            me,
            fresh_url=url_for("sessions.sources", session_id=session.id, lesson_id=lesson_id),
            # The server keeps nobody's place for a room; after a power cut the box on the wall goes on by itself.
            keep_as=f"learnhub.screen.{session.id}.{lesson.version_id}",
            settings=settings(),
            now=now,
        )
        if asset and is_played
        else None,
    )


@blueprint.get("/sessions/<int:session_id>/play/<int:lesson_id>/sources")
@ability("sessions.hold")
def sources(session_id: int, lesson_id: int) -> dict[str, Any]:
    """Fresh addresses of the recording, for a player whose own have expired; JSON."""
    _session, (lesson, *_later) = _from(session_id, lesson_id)
    asset = queries.get_content(lesson.version_id).asset
    if asset is None or why_not_shown(asset, clock.now()):
        raise NotFound("media.not_found")
    return sources_of(asset, actor().person_id, settings=settings(), now=clock.now())


def _from(session_id: int, lesson_id: int) -> tuple[StationSession, list[queries.Programme]]:
    """The session, and its programme from that lesson on. Raises NotFound."""
    session = queries.get_session(actor(), session_id, "sessions.hold")
    programme = queries.programme_of([session.id])[session.id]
    places = [place for place, lesson in enumerate(programme) if lesson.lesson_id == lesson_id]
    if not places:
        raise NotFound("sessions.not_found")
    return session, programme[places[0] :]
