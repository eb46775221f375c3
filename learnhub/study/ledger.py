"""The one place that writes the ledger: append only, each entry sealed to the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import peewee

from learnhub.kernel import clock, events
from learnhub.kernel.db import db, is_postgres
from learnhub.kernel.signing import digest
from learnhub.study.events import HoursCredited
from learnhub.study.models import LedgerEntry
from learnhub.study.rules import chain

LOCK = 7001  # names the advisory locks of study on PostgreSQL


@dataclass(frozen=True)
class Credit:
    """Hours to be written for one person; ``earned_at`` decides the year."""

    person_id: int
    source: str
    is_required: bool
    centihours: int
    course_id: int
    lesson_id: int
    rule: str
    evidence: dict[str, Any]
    earned_at: datetime
    reversals: int = 0
    reverses: int | None = None

    @property
    def year(self) -> int:
        """The Chinese calendar year for which the hours count."""
        return clock.local_year(self.earned_at)

    @property
    def key(self) -> str:
        """What may exist only once: this lesson, this year, this person, however it was studied.

        After a reversal (``reversals`` counts them) the lesson may give its hours once more; an entry is reversed once.
        """
        if self.reverses is not None:
            return f"reversal:{self.reverses}"
        again = f":{self.reversals}" if self.reversals else ""
        return f"lesson:{self.lesson_id}:{self.year}:{self.person_id}{again}"


def lock_person(person_id: int) -> None:
    """Lets one transaction at a time write a person's study; SQLite has but one writer anyway."""
    if is_postgres():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK, person_id))


def append(credit: Credit, *, now: datetime) -> LedgerEntry | None:
    """Writes an entry; None when this lesson already gave hours in that year. Call within a transaction."""
    lock_person(credit.person_id)
    if credit.reverses is None:
        credit = replace(credit, reversals=_count_reversals(credit))
    if LedgerEntry.select(LedgerEntry.id).where(LedgerEntry.credit_key == credit.key).exists():
        return None
    last = (
        LedgerEntry.select(LedgerEntry.number, LedgerEntry.digest)
        .where(LedgerEntry.person == credit.person_id)
        .order_by(LedgerEntry.number.desc())
        .first()
    )
    entry = LedgerEntry(
        person=credit.person_id, number=last.number + 1 if last else 1, year=credit.year, source=credit.source,
        is_required=credit.is_required, centihours=credit.centihours, credit_key=credit.key, course=credit.course_id,
        lesson=credit.lesson_id, rule=credit.rule, evidence=credit.evidence, evidence_digest=digest(credit.evidence),
        previous_digest=last.digest if last else chain.START, earned_at=credit.earned_at, written_at=now,
    )  # fmt: skip
    entry.digest = chain.seal(plain(entry))
    entry.save(force_insert=True)
    events.publish(HoursCredited(entry.id, credit.person_id, credit.year, credit.centihours, now))
    return entry


def _count_reversals(credit: Credit) -> int:
    reversed_ones = (LedgerEntry.person == credit.person_id) & (LedgerEntry.year == credit.year)
    reversed_ones &= (LedgerEntry.lesson == credit.lesson_id) & LedgerEntry.credit_key.startswith("reversal:")
    return LedgerEntry.select().where(reversed_ones).count()


def plain(entry: LedgerEntry) -> dict[str, Any]:
    """The values that the chain seals, as they come back from either database."""
    values = {name: getattr(entry, name) for name in chain.SEALED if name not in ("person", "course", "lesson")}
    for name in ("earned_at", "written_at"):
        values[name] = values[name].astimezone(UTC).isoformat()
    return {
        **values, "person": entry.person_id, "course": entry.course_id, "lesson": entry.lesson_id,
        "evidence": entry.evidence, "digest": entry.digest,
    }  # fmt: skip


def list_faults(person_id: int | None = None) -> Iterator[tuple[int, int, str]]:
    """(person, entry number, code) for everything wrong in the chains of one person or of all; see rules.chain."""
    entries = LedgerEntry.select().order_by(LedgerEntry.person, LedgerEntry.number)
    if person_id is not None:
        entries = entries.where(LedgerEntry.person == person_id)
    for person, chained in groupby(entries.iterator(), key=lambda entry: entry.person_id):
        for number, code in chain.faults(plain(entry) for entry in chained):
            yield person, number, code


def count_entries() -> int:
    """How many entries the ledger has."""
    return LedgerEntry.select(peewee.fn.COUNT(LedgerEntry.id)).scalar()
