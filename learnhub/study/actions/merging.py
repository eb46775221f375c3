"""What two entries of one person studied becomes one person's; and the way back. Called inside the merge's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import peewee

from learnhub.kernel.errors import Conflict
from learnhub.org.events import PeopleMerged, PeopleParted
from learnhub.study import ledger
from learnhub.study.models import Attempt, Completion, LedgerEntry, Progress, Viewing
from learnhub.study.rules import intervals

NAME = "study"


def take_over(merged: PeopleMerged) -> None:
    """Viewings, progress, attempts, completions and hours go to the kept person.

    Entries of the ledger are never changed: each is reversed for the one and given anew to the other; a lesson that
    gave hours to both gives them once.
    """
    for person_id in sorted((merged.kept_id, merged.gone_id)):
        ledger.lock_person(person_id)
    told: dict[str, Any] = {}
    told["viewings"] = _move_viewings(merged)
    told["progress"], told["united"] = _unite_progress(merged)
    told["attempts"] = _move_attempts(merged)
    told["completions"] = _unite_completions(merged)
    told["hours"] = _move_hours(_open_entries(merged.gone_id), merged.kept_id, "merged", merged.at)
    merged.moved[NAME] = told


def give_back(parted: PeopleParted) -> None:
    """Undoes :func:`take_over`. Raises Conflict ``org.merge_used`` when the person has studied on in what was moved."""
    told: dict[str, Any] = parted.moved[NAME]  # type: ignore[assignment]
    for person_id in sorted((parted.kept_id, parted.gone_id)):
        ledger.lock_person(person_id)
    _refuse_if_used(told)
    Viewing.update(person=parted.gone_id).where(Viewing.id.in_(told["viewings"])).execute()
    Progress.update(person=parted.gone_id).where(Progress.id.in_(list(map(int, told["progress"])))).execute()
    for progress_id, before in told["united"].items():
        Progress.update(**_with_times(before)).where(Progress.id == int(progress_id)).execute()
    for attempt_id, number in told["attempts"].items():
        Attempt.update(person=parted.gone_id, number=number).where(Attempt.id == int(attempt_id)).execute()
    for course_id, (gone_at, kept_at) in told["completions"].items():
        own = (Completion.person == parted.kept_id) & (Completion.course == int(course_id))
        if kept_at is None:
            Completion.update(person=parted.gone_id).where(own).execute()
        else:
            Completion.update(completed_at=datetime.fromisoformat(kept_at)).where(own).execute()
            at = datetime.fromisoformat(gone_at)
            Completion.create(person=parted.gone_id, course=int(course_id), completed_at=at)
    given = LedgerEntry.select().where(LedgerEntry.id.in_([new for _old, new in told["hours"] if new]))
    _move_hours(given, parted.gone_id, "parted", parted.at)
    doubled = [old for old, new in told["hours"] if new is None]
    for entry in LedgerEntry.select().where(LedgerEntry.id.in_(doubled)).order_by(LedgerEntry.number):
        _give(entry, parted.gone_id, "parted", parted.at)


def _move_viewings(merged: PeopleMerged) -> list[str]:
    own = Viewing.person == merged.gone_id
    Viewing.update(ended_at=merged.at, ended_by="merged").where(own & Viewing.ended_at.is_null()).execute()
    moved = [viewing_id for (viewing_id,) in Viewing.select(Viewing.id).where(own).tuples()]
    Viewing.update(person=merged.kept_id).where(own).execute()
    return moved


_UNITED = ("seen", "seen_ms", "position_ms", "started_at", "changed_at", "done_at", "done_by")


def _unite_progress(merged: PeopleMerged) -> tuple[dict[int, str], dict[int, dict[str, Any]]]:
    """Moves what only the one has; what both have is united in the kept row. Returns both, with what stood before."""
    kept = {row.version_id: row for row in Progress.select().where(Progress.person == merged.kept_id)}
    moved: dict[int, str] = {}
    united: dict[int, dict[str, Any]] = {}
    for row in Progress.select().where(Progress.person == merged.gone_id):
        own = kept.get(row.version_id)
        if own is None:
            Progress.update(person=merged.kept_id).where(Progress.id == row.id).execute()
            moved[row.id] = row.changed_at.isoformat()
            continue
        united[own.id] = {name: _plain(getattr(own, name)) for name in _UNITED}
        seen = intervals.union(intervals.normal(own.seen), intervals.normal(row.seen))
        first = min((one for one in (own, row) if one.done_at), key=lambda one: one.done_at, default=own)
        Progress.update(
            seen=[list(piece) for piece in seen], seen_ms=intervals.measure(seen),
            position_ms=max(own.position_ms, row.position_ms), started_at=min(own.started_at, row.started_at),
            changed_at=merged.at, done_at=first.done_at, done_by=first.done_by,
        ).where(Progress.id == own.id).execute()  # fmt: skip
    return moved, united


def _move_attempts(merged: PeopleMerged) -> dict[int, int]:
    """Tries at tests are counted on after those of the kept person; returns the numbers that they had."""
    highest = dict(
        Attempt.select(Attempt.version, peewee.fn.MAX(Attempt.number))
        .where(Attempt.person == merged.kept_id)
        .group_by(Attempt.version)
        .tuples()
    )
    moved = {}
    for attempt in Attempt.select().where(Attempt.person == merged.gone_id):
        moved[attempt.id] = attempt.number
        number = attempt.number + highest.get(attempt.version_id, 0)
        Attempt.update(person=merged.kept_id, number=number).where(Attempt.id == attempt.id).execute()
    return moved


def _unite_completions(merged: PeopleMerged) -> dict[int, tuple[str, str | None]]:
    """A course completed by both counts from the earlier day; by course the times of the one and of the kept (None)."""
    kept = {row.course_id: row for row in Completion.select().where(Completion.person == merged.kept_id)}
    told: dict[int, tuple[str, str | None]] = {}
    for row in Completion.select().where(Completion.person == merged.gone_id):
        own = kept.get(row.course_id)
        told[row.course_id] = (row.completed_at.isoformat(), own.completed_at.isoformat() if own else None)
        if own is None:
            Completion.update(person=merged.kept_id).where(Completion.id == row.id).execute()
        else:
            earlier = min(row.completed_at, own.completed_at)
            Completion.update(completed_at=earlier).where(Completion.id == own.id).execute()
            Completion.delete().where(Completion.id == row.id).execute()
    return told


def _open_entries(person_id: int) -> list[LedgerEntry]:
    """The entries of a person that gave hours and are not reversed, in their order."""
    own = LedgerEntry.select().where(LedgerEntry.person == person_id).order_by(LedgerEntry.number)
    return [entry for entry in ledger.standing(own) if entry.centihours > 0]


def _move_hours(entries: Iterable[LedgerEntry], to_id: int, word: str, now: datetime) -> list[tuple[int, int | None]]:
    """Reverses each entry and gives it anew to the other; pairs of old and new ids, None where both had it."""
    moved = []
    for entry in entries:
        ledger.reverse(entry, {"reason": word, "person": to_id}, now=now)
        moved.append((entry.id, _give(entry, to_id, word, now)))
    return moved


def _give(entry: LedgerEntry, person_id: int, word: str, now: datetime) -> int | None:
    given = ledger.append(
        ledger.Credit(
            person_id=person_id, source=entry.source, is_required=entry.is_required, centihours=entry.centihours,
            course_id=entry.course_id, lesson_id=entry.lesson_id, rule=entry.rule,
            evidence={**entry.evidence, word: {"entry": entry.id, "person": entry.person_id}},
            earned_at=entry.earned_at, about=_about(entry, person_id),
        ),
        now=now,
    )  # fmt: skip
    return given.id if given else None


def _about(entry: LedgerEntry, person_id: int) -> str:
    """What gives the hours, as the other person's: only lessons go by themselves (ledger.Credit.base)."""
    kind, number = entry.credit_key.split(":")[:2]
    return "" if kind == "lesson" else f"{kind}:{number}:{person_id}"


def _refuse_if_used(told: dict[str, Any]) -> None:
    """Something new depends on the merge when a moved lesson was studied on, or moved hours were taken back since."""
    ids = [int(progress_id) for progress_id in told["progress"]]
    changed = dict(Progress.select(Progress.id, Progress.changed_at).where(Progress.id.in_(ids)).tuples())
    studied_on = any(changed[int(one)].isoformat() != at for one, at in told["progress"].items())
    taken = [f"reversal:{new}" for _old, new in told["hours"] if new]
    if studied_on or LedgerEntry.select().where(LedgerEntry.credit_key.in_(taken)).exists():
        raise Conflict("org.merge_used")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _with_times(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in values.items()
    }
