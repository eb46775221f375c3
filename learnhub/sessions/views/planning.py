"""Planning a session, changing it, and the searches that the planning page makes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from learnhub.catalog.messages import said
from learnhub.design.format import duration, input_date, input_time
from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.org.guard import ability, actor
from learnhub.sessions import actions, forms, queries
from learnhub.sessions.forms import PlanForm
from learnhub.sessions.models import StationSession
from learnhub.sessions.views.blueprint import blueprint


@blueprint.get("/sessions/new")
@ability("sessions.plan")
def new_session() -> str:
    """An empty plan for a day and a station given in the address."""
    day = forms.read_day(request.args.get("day")) or clock.local_date(clock.now()) + timedelta(days=1)
    form = PlanForm(date=day.isoformat(), start="09:00", end="10:00", host=str(actor().person_id))
    reachable = queries.list_stations(actor(), "sessions.plan", limit=2)
    chosen = queries.find_station(actor(), "sessions.plan", forms.whole(request.args.get("station")))
    only = chosen or (reachable[0] if len(reachable) == 1 else None)
    form.station = str(only.id) if only else ""
    return _page(form, {})


@blueprint.post("/sessions/new")
@ability("sessions.plan")
def schedule() -> Response | str:
    """Puts the session on the calendar."""
    form = PlanForm.of(request.form)
    if "find" in request.form:
        return _page(form, {})
    show_again(lambda errors: _page(form, errors))
    session = actions.schedule_session(actor(), form.read(), now=clock.now())
    flash(_("The session is on the calendar."), "success")
    return redirect(url_for("sessions.show_session", session_id=session.id))


@blueprint.get("/sessions/<int:session_id>/edit")
@ability("sessions.plan")
def edit_session(session_id: int) -> str:
    """The plan as it stands."""
    session = queries.get_session(actor(), session_id, "sessions.plan")
    lessons = queries.programme_of([session.id])[session.id]
    form = PlanForm(
        station=str(session.station_id),
        date=input_date(session.starts_at),
        start=input_time(session.starts_at),
        end=input_time(session.ends_at),
        title=session.title,
        host=str(session.host_id or ""),
        lessons=[str(lesson.lesson_id) for lesson in lessons],
    )
    return _page(form, {}, session)


@blueprint.post("/sessions/<int:session_id>/edit")
@ability("sessions.plan")
def change(session_id: int) -> Response | str:
    """Changes the plan."""
    session = queries.get_session(actor(), session_id, "sessions.plan")
    form = PlanForm.of(request.form)
    if "find" in request.form:
        return _page(form, {}, session)
    show_again(lambda errors: _page(form, errors, session))
    actions.change_session(actor(), session_id, form.read(), now=clock.now())
    flash(_("The changes are saved."), "success")
    return redirect(url_for("sessions.show_session", session_id=session_id))


@blueprint.get("/sessions/choices/stations")
@ability("sessions.view")
def find_stations() -> dict[str, Any]:
    """Stations in reach by name or number: ``?q=``."""
    wanted = "sessions.plan" if request.args.get("for") == "plan" else "sessions.view"
    found = queries.list_stations(actor(), wanted, request.args.get("q", ""))
    return {"items": [{"id": one.id, "text": f"{one.name} {one.station_no}", "note": one.unit.name} for one in found]}


@blueprint.get("/sessions/choices/hosts")
@ability("sessions.plan")
def find_hosts() -> dict[str, Any]:
    """People who may host by name or staff number: ``?q=``."""
    found = queries.list_hosts(actor(), request.args.get("q", ""))
    return {
        "items": [{"id": one.id, "text": one.name, "note": f"{one.unit} {one.staff_no or ''}".strip()} for one in found]
    }


@blueprint.get("/sessions/choices/lessons")
@ability("sessions.plan")
def find_lessons() -> dict[str, Any]:
    """The lessons offered to a station's unit: ``?station=``."""
    station = queries.find_station(actor(), "sessions.plan", forms.whole(request.args.get("station")))
    found = queries.list_lessons_for(station.unit.path) if station else []
    return {
        "items": [
            {
                "id": one.lesson_id,
                "text": said(one.title, one.title_en),
                "course": said(one.course, one.course_en),
                "note": duration(one.length_s),
                "s": one.length_s,
            }
            for one in found
        ]
    }


def _page(form: PlanForm, errors: Errors, session: StationSession | None = None) -> str:
    station = queries.find_station(actor(), "sessions.plan", forms.whole(form.station))
    station_text, host_text = request.values.get("station_text", ""), request.values.get("host_text", "")
    return render_template(
        "sessions/plan.html",
        form=form,
        errors=errors,
        session=session,
        station=station,
        host=queries.find_host(actor(), forms.whole(form.host)),
        stations=queries.list_stations(actor(), "sessions.plan", station_text) if station_text or not station else [],
        hosts=queries.list_hosts(actor(), host_text),
        lessons=queries.list_lessons_for(station.unit.path) if station else [],
        station_text=station_text,
        host_text=host_text,
        labels=_labels(),
    )


def _labels() -> dict[str, str]:
    return {
        "station": _("Station"),
        "date": _("Date"),
        "start": _("Start"),
        "end": _("End"),
        "title": _("Title"),
        "host": _("Host"),
        "lessons": _("Lessons"),
    }
