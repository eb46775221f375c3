"""The month, and the list of one day."""

from __future__ import annotations

from datetime import date

from flask import render_template, request, url_for

from learnhub.design.format import clock_time
from learnhub.design.i18n import _n
from learnhub.kernel import clock
from learnhub.org.guard import ability, actor
from learnhub.sessions import forms, queries
from learnhub.sessions.messages import STATES
from learnhub.sessions.views.blueprint import blueprint

SHOWN_PER_DAY = 3
FEW_STATIONS = 40
KINDS = {"planned": "plan", "held": "plan", "closed": "held", "cancelled": "cancelled"}


@blueprint.get("/sessions")
@ability("sessions.view")
def show_calendar() -> str:
    """A month of the actor's stations, or of one of them; ``?day=`` lists a single day."""
    today = clock.local_date(clock.now())
    station = queries.find_station(actor(), "sessions.view", forms.whole(request.args.get("station")))
    day = forms.read_day(request.args.get("day"))
    if day is not None:
        return _show_day(day, station)
    month = forms.read_month(request.args.get("month"), today)
    start, end = clock.instant(month), clock.instant(forms.month_after(month))
    sessions = queries.list_sessions_between(actor(), start, end, station_id=station.id if station else None)
    names = {session.station for session in sessions}
    only = names.pop() if len(names) == 1 else None
    return render_template(
        "sessions/calendar.html",
        month=month,
        only=only,
        today=today,
        previous=_month_address(forms.month_before(month), station),
        next=_month_address(forms.month_after(month), station),
        entries=_by_day(sessions, station, is_only=bool(station or only)),
        count=len(sessions),
        **_filters(station),
    )


def _show_day(day: date, station: object) -> str:
    start, end = clock.day_bounds(day, day)
    station_id = getattr(station, "id", None)
    number = forms.whole(request.args.get("page")) or 1
    page = queries.page_of_sessions(actor(), start, end, station_id=station_id, number=number)
    back = _month_address(day, station)
    return render_template("sessions/day.html", day=day, page=page, back=back, **_filters(station))


def _filters(station: object) -> dict[str, object]:
    """The station filter: a list when there are few stations, a search otherwise."""
    text = request.args.get("station_text", "")
    reachable = queries.stations_in_scope(actor(), "sessions.view").count()
    is_short = reachable <= FEW_STATIONS
    found = queries.list_stations(actor(), "sessions.view", "" if is_short else text, limit=FEW_STATIONS)
    return {
        "station": station,
        "stations": found if is_short or text else [],
        "station_text": text,
        "is_short": is_short,
        "station_total": reachable,
        "may_plan": actor().can("sessions.plan"),
    }


def _month_address(month: date, station: object) -> str:
    return url_for("sessions.show_calendar", month=f"{month:%Y-%m}", station=getattr(station, "id", None))


def _by_day(
    sessions: list[queries.CalendarEntry], station: object, *, is_only: bool
) -> dict[date, list[dict[str, object]]]:
    """What the calendar shows: a few sessions per day, then how many more; stations are named where there are several."""
    days: dict[date, list[queries.CalendarEntry]] = {}
    for session in sessions:
        days.setdefault(clock.local_date(session.starts_at), []).append(session)
    return {day: _cell(day, found, station, is_only) for day, found in days.items()}


def _cell(day: date, found: list[queries.CalendarEntry], station: object, is_only: bool) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = [
        {
            "text": _entry_text(session, is_only),
            "time": clock_time(session.starts_at),
            "href": url_for("sessions.show_session", session_id=session.id),
            "kind": KINDS[session.state],
        }
        for session in found[:SHOWN_PER_DAY]
    ]
    more = len(found) - SHOWN_PER_DAY
    if more > 0:
        address = url_for("sessions.show_calendar", day=day.isoformat(), station=getattr(station, "id", None))
        shown.append({"text": _n("%(num)d more", "%(num)d more", more), "href": address})
    return shown


def _entry_text(session: queries.CalendarEntry, is_only: bool) -> str:
    parts = [STATES["held"]] if session.state == "held" else []
    parts += [session.title] if is_only else [session.station, session.title]
    return " · ".join(map(str, parts))
