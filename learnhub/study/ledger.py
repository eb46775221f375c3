"""The one place that writes the ledger: append only, each entry sealed to the one before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

import peewee

from learnhub.kernel import clock, events
from learnhub.kernel.db import db, is_postgres
from learnhub.kernel.signing import digest
from learnhub.study import hours
from learnhub.study.events import HoursCredited
from learnhub.study.models import LedgerEntry, YearHours
from learnhub.study.rules import chain
from learnhub.study.rules.hours import CLAIMED, HoursRule
from learnhub.study.rules.year import Counted, Given, fold

LOCK = 7001  # names the advisory locks of study on PostgreSQL


@dataclass(frozen=True)
class Credit:
    """Hours to be written for one person; ``earned_at`` decides the year.

    ``about``: what gives them where it is no lesson (``claim:7``, ``carry:2026:12``); it gives them once.
    """

    person_id: int
    source: str
    is_required: bool
    centihours: int
    course_id: int | None
    lesson_id: int | None
    rule: str
    evidence: dict[str, Any]
    earned_at: datetime
    about: str = ""
    reverses: int | None = None

    @property
    def year(self) -> int:
        """The Chinese calendar year for which the hours count."""
        return clock.local_year(self.earned_at)

    @property
    def base(self) -> str:
        """What may count only once: this lesson, this year, this person, however it was studied; or ``about``."""
        return self.about or f"lesson:{self.lesson_id}:{self.year}:{self.person_id}"


def lock_person(person_id: int) -> None:
    """Lets one transaction at a time write a person's study; SQLite has but one writer anyway."""
    if is_postgres():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK, person_id))


def append(credit: Credit, *, now: datetime) -> LedgerEntry | None:
    """Writes an entry; None when this lesson already gave hours in that year. Call within a transaction.

    After a reversal a lesson may give its hours once more; an entry is reversed once.
    """
    lock_person(credit.person_id)
    key = _free_key(credit)
    if key is None:
        return None
    last = (
        LedgerEntry.select(LedgerEntry.number, LedgerEntry.digest)
        .where(LedgerEntry.person == credit.person_id)
        .order_by(LedgerEntry.number.desc())
        .first()
    )
    hours.keep_stamped(credit.rule, now)
    entry = LedgerEntry(
        person=credit.person_id, number=last.number + 1 if last else 1, year=credit.year, source=credit.source,
        is_required=credit.is_required, centihours=credit.centihours, credit_key=key, course=credit.course_id,
        lesson=credit.lesson_id, rule=credit.rule, evidence=credit.evidence, evidence_digest=digest(credit.evidence),
        previous_digest=last.digest if last else chain.START, earned_at=credit.earned_at, written_at=now,
    )  # fmt: skip
    entry.digest = chain.seal(plain(entry))
    entry.save(force_insert=True)
    recount(credit.person_id, credit.year)
    events.publish(HoursCredited(entry.id, credit.person_id, credit.year, credit.centihours, now))
    return entry


def reverse(entry: LedgerEntry, evidence: dict[str, Any], *, now: datetime) -> LedgerEntry | None:
    """Takes an entry's hours back by a negative one; None when that was done before. Call within a transaction."""
    return append(
        Credit(
            person_id=entry.person_id, source=entry.source, is_required=entry.is_required,
            centihours=-entry.centihours, course_id=entry.course_id, lesson_id=entry.lesson_id, rule=entry.rule,
            evidence={"reverses": entry.id, **evidence}, earned_at=entry.earned_at, reverses=entry.id,
        ),
        now=now,
    )  # fmt: skip


def _free_key(credit: Credit) -> str | None:
    """The key for a new entry; None when what it is about gives hours already."""
    if credit.reverses is not None:
        key = f"reversal:{credit.reverses}"
        return None if LedgerEntry.select().where(LedgerEntry.credit_key == key).exists() else key
    before = _given_for(credit.person_id, credit.base)
    if before and not _is_reversed(before[-1].id):
        return None
    return f"{credit.base}:{len(before)}" if before else credit.base


def _given_for(person_id: int, base: str) -> list[LedgerEntry]:
    """Every entry that this ever gave to the person, in their order."""
    by_key = (LedgerEntry.credit_key == base) | LedgerEntry.credit_key.startswith(f"{base}:")
    return list(LedgerEntry.select().where((LedgerEntry.person == person_id) & by_key).order_by(LedgerEntry.number))


def _is_reversed(entry_id: int) -> bool:
    found: bool = LedgerEntry.select().where(LedgerEntry.credit_key == f"reversal:{entry_id}").exists()
    return found


def standing_entry(person_id: int, base: str) -> LedgerEntry | None:
    """The entry by which something (``Credit.base``) gives hours now, or None."""
    given = _given_for(person_id, base)
    return given[-1] if given and not _is_reversed(given[-1].id) else None


_FOLDED = (
    *(LedgerEntry.id, LedgerEntry.year, LedgerEntry.source, LedgerEntry.is_required, LedgerEntry.centihours),
    *(LedgerEntry.credit_key, LedgerEntry.course, LedgerEntry.rule, LedgerEntry.earned_at),
)


def open_entries(person_id: int, year: int) -> list[LedgerEntry]:
    """The entries of a year whose hours stand; without evidence. One query."""
    rows = LedgerEntry.select(*_FOLDED).where((LedgerEntry.person == person_id) & (LedgerEntry.year == year))
    return standing(rows.order_by(LedgerEntry.number))


def standing(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Of one person's entries those that gave hours and were not taken back."""
    rows = list(entries)
    taken = {row.credit_key for row in rows if row.credit_key.startswith("reversal:")}
    return [row for row in rows if row.credit_key not in taken and f"reversal:{row.id}" not in taken]


def givens_of(entries: list[LedgerEntry]) -> list[Given]:
    """Entries as the fold takes them; one query more where there are claims, whose days are in their evidence."""
    claims = [entry.id for entry in entries if entry.source in CLAIMED]
    proofs = dict(
        LedgerEntry.select(LedgerEntry.id, LedgerEntry.evidence).where(LedgerEntry.id.in_(claims)).tuples()
        if claims
        else ()
    )
    return [_given(entry, proofs.get(entry.id)) for entry in entries]


def _given(entry: LedgerEntry, claimed: dict[str, Any] | None) -> Given:
    day = clock.local_date(entry.earned_at)
    if claimed is None:
        return Given(entry.source, entry.is_required, entry.centihours, day, day, str(entry.course_id or ""))
    first, last = (date.fromisoformat(claimed[name]) for name in ("first_day", "last_day"))
    return Given(entry.source, entry.is_required, entry.centihours, first, last, f"claim:{claimed['claim']}")


def counted_of(rule: HoursRule, entries: list[LedgerEntry]) -> dict[str, Counted]:
    """What entries whose hours stand give to their year by a rule."""
    return fold(rule, givens_of(entries))


def recount(person_id: int, year: int) -> None:
    """Brings the figures kept of a person's year in line with the ledger and the rule in force."""
    mine = (YearHours.person == person_id) & (YearHours.year == year)
    YearHours.delete().where(mine).execute()
    rule, counted = recounted(person_id, year)
    rows = [(person_id, year, source, one.given, one.counted, one.required, rule) for source, one in counted.items()]
    if rows:
        fields = [YearHours.person, YearHours.year, YearHours.source, YearHours.given, YearHours.counted]
        YearHours.insert_many(rows, fields=[*fields, YearHours.required, YearHours.rule]).execute()


def recounted(person_id: int, year: int) -> tuple[str, dict[str, Counted]]:
    """The rule's stamp, and what a person's year holds by source, added up from the ledger."""
    rule = hours.standing_rule(person_id, year)
    return (rule.stamp, counted_of(rule, open_entries(person_id, year))) if rule is not None else ("", {})


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


def list_miscounts(person_id: int | None = None) -> Iterator[tuple[int, int]]:
    """(person, year) wherever the figures kept of a year differ from a recount of the ledger."""
    kept: dict[tuple[int, int], dict[str, Counted]] = {}
    rows = YearHours.select()
    years = LedgerEntry.select(LedgerEntry.person, LedgerEntry.year).distinct()
    if person_id is not None:
        rows, years = rows.where(YearHours.person == person_id), years.where(LedgerEntry.person == person_id)
    for row in rows:
        kept.setdefault((row.person_id, row.year), {})[row.source] = Counted(row.given, row.counted, row.required)
    for person, year in sorted({*kept, *years.tuples()}):
        if kept.get((person, year), {}) != recounted(person, year)[1]:
            yield person, year


def count_entries() -> int:
    """How many entries the ledger has."""
    return int(LedgerEntry.select(peewee.fn.COUNT(LedgerEntry.id)).scalar())
