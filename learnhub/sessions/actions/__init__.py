"""What people do with sessions; each public function is one act and one transaction."""

from learnhub.sessions.actions.closing import close_session
from learnhub.sessions.actions.planning import cancel_session, change_session, schedule_session
from learnhub.sessions.actions.roll import (
    Mark,
    MarkOutcome,
    add_to_roll,
    hold_session,
    mark_all,
    mark_attendance,
    mark_rest,
    remove_from_roll,
)

__all__ = [
    "Mark",
    "MarkOutcome",
    "add_to_roll",
    "cancel_session",
    "change_session",
    "close_session",
    "hold_session",
    "mark_all",
    "mark_attendance",
    "mark_rest",
    "remove_from_roll",
    "schedule_session",
]
