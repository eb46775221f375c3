"""Taking back hours that a corrected roll no longer proves."""

from __future__ import annotations

from datetime import datetime

from learnhub.kernel.db import transaction
from learnhub.study import ledger
from learnhub.study.models import Completion, LedgerEntry, Progress
from learnhub.study.rules.hours import GROUP


def reverse_group_viewing(
    person_id: int, lesson_id: int, session_id: int, *, reason: str, now: datetime
) -> LedgerEntry | None:
    """Writes a negative entry for what this session gave to a person for a lesson; the caller has checked who may.

    The lesson is no longer done if only the session had made it so, and its course no longer complete. Afterwards
    another session, or study on line, may give the hours again. Returns None when this session gave nothing (any more).
    Joins the caller's transaction.
    """
    with transaction():
        ledger.lock_person(person_id)
        given = _given_by(person_id, lesson_id, session_id)
        if given is None:
            return None
        entry = ledger.reverse(given, {"session": session_id, "reason": reason}, now=now)
        if entry is not None:
            _undo_progress(person_id, lesson_id, given.course_id, now)
    return entry


def _given_by(person_id: int, lesson_id: int, session_id: int) -> LedgerEntry | None:
    """The entry that this session gave and that is not reversed yet."""
    mine = (LedgerEntry.person == person_id) & (LedgerEntry.lesson == lesson_id) & (LedgerEntry.source == GROUP)
    for entry in LedgerEntry.select().where(mine & (LedgerEntry.centihours > 0)).order_by(LedgerEntry.number.desc()):
        if entry.evidence.get("session") == session_id:
            taken = LedgerEntry.select(LedgerEntry.id).where(LedgerEntry.credit_key == f"reversal:{entry.id}").exists()
            return None if taken else entry
    return None


def _undo_progress(person_id: int, lesson_id: int, course_id: int, now: datetime) -> None:
    by_group = (Progress.person == person_id) & (Progress.lesson == lesson_id) & (Progress.done_by == "group")
    undone = Progress.update(done_at=None, done_by="", changed_at=now).where(by_group).execute()
    left = (Progress.person == person_id) & (Progress.lesson == lesson_id) & Progress.done_at.is_null(False)
    if undone and not Progress.select(Progress.id).where(left).exists():
        Completion.delete().where((Completion.person == person_id) & (Completion.course == course_id)).execute()
