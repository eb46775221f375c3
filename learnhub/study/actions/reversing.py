"""Taking back hours that a corrected roll no longer proves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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


def reverse_entry(entry_id: int, evidence: dict[str, Any], *, now: datetime) -> LedgerEntry | None:
    """Takes one entry back whatever gave it; the caller has checked who may. Joins the caller's transaction.

    Where the entry had taken the place of another (rules.year.is_better), that one counts again.
    """
    with transaction():
        given = LedgerEntry.get_by_id(entry_id)
        ledger.lock_person(given.person_id)
        entry = ledger.reverse(given, evidence, now=now)
        if entry is not None and given.lesson_id is not None:
            _restore_worse(given, now)
    return entry


def _restore_worse(given: LedgerEntry, now: datetime) -> None:
    """Gives again what the entry had replaced: the last entry of the lesson and year that was reversed as worse."""
    mine = (LedgerEntry.person == given.person_id) & (LedgerEntry.lesson == given.lesson_id)
    rows = LedgerEntry.select().where(mine & (LedgerEntry.year == given.year) & (LedgerEntry.number < given.number))
    for row in rows.order_by(LedgerEntry.number.desc()):
        if row.centihours < 0 and row.evidence.get("reason") == "better":
            worse = LedgerEntry.get_by_id(row.evidence["reverses"])
            ledger.append(
                ledger.Credit(
                    person_id=worse.person_id, source=worse.source, is_required=worse.is_required,
                    centihours=worse.centihours, course_id=worse.course_id, lesson_id=worse.lesson_id, rule=worse.rule,
                    evidence={**worse.evidence, "again": worse.id}, earned_at=worse.earned_at,
                ),
                now=now,
            )  # fmt: skip
            return
