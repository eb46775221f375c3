"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from learnhub.design.i18n import _l
from learnhub.org.models import Station
from learnhub.org.own_data import Part, register_part
from learnhub.sessions.models import Attendance, StationSession

_SESSION = {"title": _l("Session"), "station": _l("Station"), "starts_at": _l("Begins"), "state": _l("State")}
_COLUMNS = (StationSession.title, Station.name, StationSession.starts_at, StationSession.state)
_PARTS = (
    Part(
        "attendance",
        _l("Sessions on whose roll you are"),
        {
            **_SESSION,
            "mark": _l("Mark"),
            "reason": _l("Reason"),
            "marked_at": _l("Marked"),
            "history": _l("Earlier marks"),
        },
        lambda person: (
            Attendance.select(*_COLUMNS, Attendance.status, Attendance.reason, Attendance.marked_at, Attendance.history)
            .join_from(Attendance, StationSession)
            .join_from(StationSession, Station)
            .where(Attendance.person == person)
            .order_by(Attendance.id)
            .tuples()
            .iterator()
        ),
        (Attendance,),
    ),
    Part(
        "hosted_sessions",
        _l("Sessions that you host"),
        _SESSION,
        lambda person: (
            StationSession.select(*_COLUMNS)
            .join(Station)
            .where(StationSession.host == person)
            .order_by(StationSession.id)
            .tuples()
            .iterator()
        ),
        (StationSession,),
    ),
)


def register() -> None:
    """Names the parts of this feature."""
    register_part(*_PARTS)
