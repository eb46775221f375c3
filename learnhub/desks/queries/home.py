"""The whole home page: one's own part, and a part for each power that is held somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from learnhub.config import Settings
from learnhub.desks.queries.department import DepartmentDesk
from learnhub.desks.queries.editor import EditorDesk, editor_desk
from learnhub.desks.queries.own import OwnDesk, own_desk
from learnhub.desks.queries.station import StationDesk, station_desk
from learnhub.desks.queries.system import JobCounts, job_counts
from learnhub.org import queries as org
from learnhub.org.scope import Actor
from learnhub.sessions.queries import CalendarEntry


@dataclass(frozen=True)
class Home:
    """The parts of a home page; a part is None for those who do not hold the power behind it.

    ``tree``: numbers of units, stations and people under one's administration.
    """

    own: OwnDesk
    station: StationDesk | None
    department: DepartmentDesk | None
    editor: EditorDesk | None
    tree: tuple[int, int, int] | None
    jobs: JobCounts | None

    @property
    def coming(self) -> list[CalendarEntry]:
        """The sessions of one's own unit that the part about one's own stations does not show already."""
        known = self.station.shown_ids if self.station else set()
        return [session for session in self.own.sessions if session.id not in known]


def home_of(actor: Actor, department: DepartmentDesk | None, *, now: datetime, settings: Settings) -> Home:
    """What this person's home page shows, ``department`` being added up already. At most 22 queries."""
    return Home(
        own=own_desk(actor, now=now, settings=settings),
        station=station_desk(actor, now=now) if actor.can("sessions.hold") else None,
        department=department,
        editor=editor_desk(actor, settings=settings) if actor.can("catalog.edit") else None,
        tree=org.count_in_scope(actor, "people.manage") if actor.can("people.manage") else None,
        jobs=job_counts(settings=settings) if actor.can("system.run") else None,
    )
