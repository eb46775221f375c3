"""Reads of sessions, always within the reach of an actor."""

from learnhub.sessions.queries.calendar import (
    CalendarEntry,
    count_sessions,
    list_due,
    list_for_own_unit,
    list_left_open,
    list_sessions_between,
    list_upcoming,
    page_of_sessions,
)
from learnhub.sessions.queries.choices import (
    PersonChoice,
    find_host,
    find_station,
    list_hosts,
    list_lessons_for,
    list_people_to_add,
    list_stations,
    stations_in_scope,
)
from learnhub.sessions.queries.session import (
    Programme,
    RollLine,
    get_content,
    get_session,
    list_given,
    list_roll,
    programme_of,
    roll_counts,
)

__all__ = [
    "CalendarEntry",
    "PersonChoice",
    "Programme",
    "RollLine",
    "count_sessions",
    "find_host",
    "find_station",
    "get_content",
    "get_session",
    "list_due",
    "list_given",
    "list_for_own_unit",
    "list_hosts",
    "list_left_open",
    "list_lessons_for",
    "list_people_to_add",
    "list_roll",
    "list_sessions_between",
    "list_stations",
    "list_upcoming",
    "page_of_sessions",
    "programme_of",
    "roll_counts",
    "stations_in_scope",
]
