"""The words for each refusal of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from learnhub.design import format as shown
from learnhub.design.i18n import LazyText, _l
from learnhub.sessions.rules import State, Status

STATES: dict[str, LazyText] = {
    State.PLANNED: _l("Planned"),
    State.HELD: _l("Roll call open"),
    State.CLOSED: _l("Closed"),
    State.CANCELLED: _l("Cancelled"),
}

STATUSES: dict[str, LazyText] = {
    Status.UNMARKED: _l("Not marked"),
    Status.PRESENT: _l("Present"),
    Status.LATE: _l("Late"),
    Status.LEAVE: _l("On leave"),
    Status.ABSENT: _l("Absent"),
}


@dataclass(frozen=True)
class When:
    """A moment or a period among a refusal's parameters, said in the reader's language."""

    start: datetime
    end: datetime | None = None

    def __str__(self) -> str:
        return shown.period(self.start, self.end) if self.end else shown.moment(self.start)


WORDS: dict[str, Any] = {
    "sessions.not_found": _l("This session does not exist, or it belongs to a station outside your area."),
    "sessions.plan_refused": _l("The session was not saved. Please look at the marked entries."),
    "sessions.station_missing": _l("Choose a station in your area."),
    "sessions.date_missing": _l("Give the day of the session."),
    "sessions.time_missing": _l("Give the time as hours and minutes, for example 09:30."),
    "sessions.title_missing": _l("Give the session a title."),
    "sessions.lessons_missing": _l("Choose at least one lesson."),
    "sessions.lessons_not_visible": _l("A chosen lesson is not offered to this station. Choose again."),
    "sessions.host_missing": _l("Choose who hosts the session."),
    "sessions.end_before_start": _l("The end must be after the start."),
    "sessions.too_short": _l("A session lasts at least %(shortest_minutes)d minutes."),
    "sessions.too_long": _l("A session lasts at most %(longest_hours)d hours."),
    "sessions.too_far_back": _l("A session can be entered at most %(plan_back_days)d days after it took place."),
    "sessions.too_far_ahead": _l("A session can be planned at most %(plan_ahead_days)d days ahead."),
    "sessions.programme_too_long": _l(
        "These lessons take %(programme_minutes)d minutes; the session has only %(session_minutes)d."
    ),
    "sessions.station_clash": _l("The station is taken %(when)s by “%(title)s”. Choose another time."),
    "sessions.host_clash": _l("%(host)s hosts “%(title)s” at %(station)s %(when)s. Choose another time or host."),
    "sessions.host_clash_elsewhere": _l("%(host)s hosts another session %(when)s. Choose another time or host."),
    "sessions.wrong_state": _l("This is no longer possible: the session is “%(state)s”."),
    "sessions.too_early_to_open": _l("The roll can be called from %(when)s."),
    "sessions.too_late_to_open": _l("The roll had to be called by %(when)s. Plan the session anew if it was held."),
    "sessions.too_early_to_close": _l("The programme is not over: the session can be closed from %(when)s."),
    "sessions.nobody_on_roll": _l("There is nobody on the roll."),
    "sessions.unmarked_left": _l("%(count)d people are not marked yet. Mark them, then close the session."),
    "sessions.cancel_reason_missing": _l("Say in a few words why the session is cancelled."),
    "sessions.roll_not_open": _l("The roll is not open. Open the session first."),
    "sessions.reason_missing": _l("The session is closed: give a reason for changing its roll."),
    "sessions.unknown_mark": _l("A person is marked present, late, on leave or absent."),
    "sessions.marked_meanwhile": _l("%(by)s has marked %(name)s “%(status)s” in the meantime."),
    "sessions.marks_shape": _l("The marks could not be read. Load the page again."),
    "sessions.not_on_roll": _l("This person is not on the roll."),
    "sessions.already_on_roll": _l("%(name)s is on the roll already."),
    "sessions.person_not_here": _l("This person cannot be added: not found among the people of this area."),
    "sessions.marked_stays": _l("%(name)s is marked already and stays on the roll."),
}

ACTION_WORDS = {
    "session.scheduled": _l("Scheduled a session"),
    "session.changed": _l("Changed a session"),
    "session.cancelled": _l("Cancelled a session"),
    "session.opened": _l("Opened a roll call"),
    "session.closed": _l("Closed a session"),
    "roll.rest_marked": _l("Marked the rest of the roll"),
    "roll.person_added": _l("Put somebody on the roll"),
    "roll.person_removed": _l("Took somebody off the roll"),
    "roll.mark_changed": _l("Changed a mark of the roll"),
}
"""What the audit trail calls by these codes."""

PAGE_WORDS = {
    "sessions.show_session": _l("Page of a session with its roll"),
    "sessions.show_roll": _l("Roll of a session"),
}
"""What a reading calls its page."""
