"""The programme on the big screen of a room; nothing here is credited to whoever is signed in."""

from __future__ import annotations

from flask import render_template

from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.media import delivery
from learnhub.org.guard import ability, actor
from learnhub.sessions import queries
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
    session = queries.get_session(actor(), session_id, "sessions.hold")
    programme = queries.programme_of([session.id])[session.id]
    places = [place for place, lesson in enumerate(programme) if lesson.lesson_id == lesson_id]
    if not places:
        raise NotFound("sessions.not_found")
    lesson, *later = programme[places[0] :]
    content = queries.get_content(lesson.version_id)
    return render_template(
        "sessions/play.html",
        session=session,
        lesson=lesson,
        following=later[0] if later else None,
        content=content,
        media=delivery.addresses_of(content.asset, actor().person_id, settings=settings(), now=clock.now())
        if content.asset
        else None,
    )
