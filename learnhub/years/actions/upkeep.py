"""What the worker does of itself: adding a year up anew, carrying hours over, pinning the year's rule, signing the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

import peewee

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.kernel.keys import signing_key
from learnhub.org import audit
from learnhub.org.models import Person, Rank, Unit
from learnhub.study import heads, hours, ledger
from learnhub.study.models import RuleChoice, YearHours
from learnhub.study.rules.hours import CARRIED
from learnhub.study.rules.year import Counted, surplus


def recount_unit(unit_id: int, year: int, tell: Callable[[int, int], None]) -> int:
    """Adds up a year anew for everybody of a unit who has hours in it; returns how many people that are."""
    path = Unit.get_by_id(unit_id).path
    people = [
        person
        for (person,) in YearHours.select(YearHours.person)
        .distinct()
        .join(Person)
        .join(Unit, on=Person.unit)
        .where((YearHours.year == year) & Unit.path.within(path))
        .tuples()
    ]
    for done, person in enumerate(people):
        with transaction():
            ledger.lock_person(person)
            ledger.recount(person, year)
        if done % 50 == 0:
            tell(done, len(people))
    return len(people)


def pin_year(year: int, settings: Settings, *, now: datetime) -> bool:
    """Notes the setting's rule as the one of a year for which nobody chose one, so that later settings change no old year."""
    if RuleChoice.select().where((RuleChoice.year == year) & RuleChoice.unit.is_null()).exists():
        return False
    with transaction():
        rule = hours.rule_named(settings.hours_rule)
        version = hours.keep_version(hours.shipped_texts()[rule.code], entered_by=None, now=now)
        RuleChoice.create(unit=None, year=year, version=version, chosen_by=None, chosen_at=now, reason="")
        audit.record(None, "hours.rule_pinned", "rule", version.id, unit_id=None, now=now, year=year, rule=rule.stamp)
    return True


def carry_over(year: int, settings: Settings, *, now: datetime) -> int:
    """Writes what the people's year has above its requirement as elective hours of the next; returns how many entries.

    May run again: where a late correction changed the surplus, the old entry is reversed and the right one written.
    """
    people = (
        YearHours.select(YearHours.person, Unit.path, Rank.code)
        .join_from(YearHours, Person)
        .join_from(Person, Unit, on=Person.unit)
        .join_from(Person, Rank, peewee.JOIN.LEFT_OUTER)
        .where(YearHours.year == year)
        .distinct()
        .tuples()
    )
    return sum(_carry_one(person, path, rank, year, settings, now) for person, path, rank in list(people))


def _carry_one(person: int, path: str, rank: str | None, year: int, settings: Settings, now: datetime) -> int:
    rule = hours.rule_for(path, year, settings)
    about = f"carry:{year}:{person}"
    with transaction():
        ledger.lock_person(person)
        rows = YearHours.select().where((YearHours.person == person) & (YearHours.year == year))
        counted = {row.source: Counted(row.given, row.counted, row.required) for row in rows}
        over = surplus(rule, hours.requirements_of(rule, rank), counted)
        standing = ledger.standing_entry(person, about)
        if (standing.centihours if standing else 0) == over:
            return 0
        if standing is not None:
            ledger.reverse(standing, {"reason": "carried_anew"}, now=now)
        if over:
            _write_carried(person, over, rule.stamp, about, year, counted, now)
    return 1


def _write_carried(
    person: int, over: int, stamp: str, about: str, year: int, counted: dict[str, Counted], now: datetime
) -> None:
    evidence = {
        "from_year": year, "surplus": over, "by_source": {source: one.counted for source, one in counted.items()},
    }  # fmt: skip
    ledger.append(
        ledger.Credit(
            person_id=person, source=CARRIED, is_required=False, centihours=over, course_id=None, lesson_id=None,
            rule=stamp, evidence=evidence, earned_at=clock.instant(date(year + 1, 1, 1), time(0)), about=about,
        ),
        now=now,
    )  # fmt: skip


def daily_round(settings: Settings, *, now: datetime) -> None:
    """Pins this year's rule, carries the last year's surplus over while it may still change, signs the ledger's ends."""
    year = clock.local_year(now)
    pin_year(year, settings, now=now)
    carry_over(year - 1, settings, now=now)
    heads.note_head(settings.data_dir / heads.FILE_NAME, signing_key(settings.data_dir), now=now)
