"""One session: its page, opening, closing, cancelling."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.kernel.text import clean
from learnhub.org.actions import note_list
from learnhub.org.guard import ability, actor
from learnhub.org.scope import may
from learnhub.sessions import actions, queries, rules
from learnhub.sessions.models import StationSession
from learnhub.sessions.rule_file import read_rule
from learnhub.sessions.views.blueprint import blueprint, settings


@blueprint.get("/sessions/<int:session_id>")
@ability("sessions.view")
def show_session(session_id: int) -> str:
    """Everything about one session; prints as a sheet with the roll."""
    session = queries.get_session(actor(), session_id)
    path = session.station.unit.path
    roll = queries.list_roll(session.id)
    given = queries.list_given(session, roll)
    opens_at, opens_until = rules.opening_times(session.starts_at, session.ends_at, read_rule())
    note_list(actor(), "sessions.show_session", [path], len(roll), now=clock.now())
    closes_from = queries.closes_from(session) if session.state == rules.State.HELD.value else None
    return render_template(
        "sessions/session.html",
        session=session,
        programme=queries.programme_of([session.id])[session.id],
        roll=roll,
        counts=queries.roll_counts(session.id),
        given=given,
        credited=read_rule().credited,
        may_plan=may(actor(), "sessions.plan", path),
        may_hold=may(actor(), "sessions.hold", path),
        opens_at=opens_at,
        opens_now=opens_at <= clock.now() <= opens_until,
        closes_from=closes_from if closes_from and clock.now() < closes_from else None,
        is_early=clock.now() < opens_at,
    )


@blueprint.post("/sessions/<int:session_id>/hold")
@ability("sessions.hold")
def hold(session_id: int) -> Response:
    """Opens the session and its roll."""
    actions.hold_session(actor(), session_id, now=clock.now())
    return redirect(url_for("sessions.show_roll", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/close")
@ability("sessions.hold")
def close(session_id: int) -> Response:
    """Closes the session and credits the people present."""
    actions.close_session(actor(), session_id, now=clock.now(), settings=settings())
    flash(_("The session is closed. The people present have been credited."), "success")
    return redirect(url_for("sessions.show_session", session_id=session_id))


@blueprint.get("/sessions/<int:session_id>/cancel")
@ability("sessions.plan")
def ask_to_cancel(session_id: int) -> str:
    """Asks why."""
    return _cancel_page(queries.get_session(actor(), session_id, "sessions.plan"), "", {})


@blueprint.post("/sessions/<int:session_id>/cancel")
@ability("sessions.plan")
def cancel(session_id: int) -> Response:
    """Cancels the session."""
    session = queries.get_session(actor(), session_id, "sessions.plan")
    reason = clean(request.form.get("reason", ""))[:200]
    show_again(lambda errors: _cancel_page(session, reason, errors))
    actions.cancel_session(actor(), session_id, reason, now=clock.now())
    flash(_("The session is cancelled."), "info")
    return redirect(url_for("sessions.show_session", session_id=session_id))


def _cancel_page(session: StationSession, reason: str, errors: Errors) -> str:
    return render_template("sessions/cancel.html", session=session, errors=errors, reason=reason)
