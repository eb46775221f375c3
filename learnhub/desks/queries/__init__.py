"""What each part of the home page and the system page shows, composed from the queries of the features."""

from __future__ import annotations

from learnhub.desks.queries.department import DepartmentDesk, UnitStanding, department_desk
from learnhub.desks.queries.editor import EditorDesk, editor_desk
from learnhub.desks.queries.home import Home, home_of
from learnhub.desks.queries.own import OwnDesk, own_desk
from learnhub.desks.queries.station import DueSession, StationDesk, station_desk
from learnhub.desks.queries.system import JobCounts, Place, System, job_counts, page_of_jobs, system_state

__all__ = [
    "DepartmentDesk",
    "DueSession",
    "EditorDesk",
    "Home",
    "JobCounts",
    "OwnDesk",
    "Place",
    "StationDesk",
    "System",
    "UnitStanding",
    "department_desk",
    "editor_desk",
    "home_of",
    "job_counts",
    "own_desk",
    "page_of_jobs",
    "station_desk",
    "system_state",
]
