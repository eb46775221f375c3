"""The roll call: one page, saved mark by mark from the page's script, or all at once without it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from learnhub.design.format import clock_time
from learnhub.design.i18n import _, _n
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock, messages
from learnhub.kernel.text import clean
from learnhub.org.actions import note_list
from learnhub.org.guard import ability, actor
from learnhub.sessions import actions, forms, queries
from learnhub.sessions.models import StationSession
from learnhub.sessions.views.blueprint import blueprint, settings


@blueprint.get("/sessions/<int:session_id>/roll")
@ability("sessions.hold")
def show_roll(session_id: int) -> str | Response:
    """The roll; ``?q=`` looks for a person to add."""
    session = queries.get_session(actor(), session_id, "sessions.hold")
    if session.state not in ("held", "closed"):
        return redirect(url_for("sessions.show_session", session_id=session_id))
    return _page(session, {}, "")


@blueprint.post("/sessions/<int:session_id>/roll")
@ability("sessions.hold")
def save_roll(session_id: int) -> Response:
    """Saves the rows that differ from what the page showed; ``rest`` then marks everybody who is left."""
    session = queries.get_session(actor(), session_id, "sessions.hold")
    reason = clean(request.form.get("reason", ""))[:200]
    show_again(lambda errors: _page(session, errors, reason))
    marks = forms.read_changed_marks(request.form)
    outcome = actions.mark_all(actor(), session_id, marks, now=clock.now(), settings=settings(), reason=reason)
    if rest := request.form.get("rest"):
        actions.mark_rest(actor(), session_id, rest, now=clock.now(), settings=settings())
    for _person, refusal in outcome.refused:
        flash(messages.text_of(refusal.code, refusal.params), "warning")
    flash(_n("%(num)d mark saved.", "%(num)d marks saved.", outcome.changed), "success")
    return redirect(url_for("sessions.show_roll", session_id=session_id))


def _page(session: StationSession, errors: Errors, reason: str) -> str:
    text = request.args.get("q", "")
    roll = queries.list_roll(session.id)
    note_list(actor(), "sessions.show_roll", [session.station.unit.path], len(roll), now=clock.now())
    return render_template(
        "sessions/roll.html",
        session=session,
        roll=roll,
        text=text,
        found=queries.list_people_to_add(session, text),
        errors=errors,
        reason=reason,
    )


@blueprint.get("/sessions/<int:session_id>/roll/state")
@ability("sessions.hold")
def roll_state(session_id: int) -> dict[str, Any]:
    """The marks in force, for a page that is open already."""
    return _state(session_id)


@blueprint.post("/sessions/<int:session_id>/roll/marks")
@ability("sessions.hold")
def save_marks(session_id: int) -> dict[str, Any]:
    """Saves marks one by one as the page's script sends them; a mark sent twice changes nothing."""
    marks = forms.read_json_marks(request.get_json(silent=True))
    outcome = actions.mark_all(actor(), session_id, marks, now=clock.now(), settings=settings())
    refused = [{"person": one, "text": messages.text_of(why.code, why.params)} for one, why in outcome.refused]
    return {**_state(session_id), "refused": refused}


@blueprint.post("/sessions/<int:session_id>/roll/rest")
@ability("sessions.hold")
def save_rest(session_id: int) -> dict[str, Any]:
    """Marks everybody who is not marked yet, for the page's script."""
    status = forms.read_json_status(request.get_json(silent=True))
    actions.mark_rest(actor(), session_id, status, now=clock.now(), settings=settings())
    return _state(session_id)


@blueprint.post("/sessions/<int:session_id>/roll/add")
@ability("sessions.hold")
def add_person(session_id: int) -> Response:
    """Puts somebody on the roll."""
    person_id = forms.whole(request.form.get("person")) or 0
    reason = clean(request.form.get("reason", ""))[:200]
    actions.add_to_roll(actor(), session_id, person_id, now=clock.now(), reason=reason)
    flash(_("Added to the roll."), "success")
    return redirect(url_for("sessions.show_roll", session_id=session_id, _anchor=f"f-mark-{person_id}"))


@blueprint.post("/sessions/<int:session_id>/roll/remove")
@ability("sessions.hold")
def remove_person(session_id: int) -> Response:
    """Takes somebody off the roll who was put there by mistake."""
    actions.remove_from_roll(actor(), session_id, forms.whole(request.form.get("person")) or 0, now=clock.now())
    flash(_("Taken off the roll."), "info")
    return redirect(url_for("sessions.show_roll", session_id=session_id))


def _state(session_id: int) -> dict[str, Any]:
    session = queries.get_session(actor(), session_id, "sessions.hold")
    lines = [
        {
            "person": line.person_id,
            "status": line.status,
            "version": line.version,
            "by": f"{line.marked_by} {clock_time(line.marked_at)}" if line.marked_by else "",
        }
        for line in queries.list_roll(session.id)
    ]
    return {"state": session.state, "lines": lines}
