"""The dry run: with this rule that year would have looked so, person by person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime

import peewee

from learnhub.catalog.models import LessonVersion
from learnhub.config import Settings
from learnhub.kernel import jobs
from learnhub.kernel.db import transaction
from learnhub.org.models import Person, Rank, Unit
from learnhub.org.queries import unit_for
from learnhub.org.scope import Actor
from learnhub.study import hours, ledger
from learnhub.study.models import LedgerEntry
from learnhub.study.rules.hours import (
    CARRIED,
    CLAIMED,
    TEST,
    HoursRule,
    balances,
    claim_centihours,
    lesson_centihours,
    passed_test_centihours,
)
from learnhub.study.rules.year import Counted, Given, fold
from learnhub.years.actions.choosing import RULE, get_version
from learnhub.years.models import DryRun, DryRunLine

TRY = "years.try_rule"
AT_ONCE = 200
"""So many people are added up while the administrator waits; more become a job that tells how far it is."""


def ask_dry_run(actor: Actor, version_id: int, unit_id: int, year: int, *, now: datetime, settings: Settings) -> DryRun:
    """Tries a rule out on a year of all people of a unit; at once for a small one, else by a job."""
    unit = unit_for(actor, unit_id, RULE)
    version = get_version(version_id)
    with transaction():
        people = _people(unit.path).count()
        run: DryRun = DryRun.create(
            version=version, unit=unit, year=year, asked_by=actor.person_id, asked_at=now, people=people
        )
        if people > AT_ONCE:
            run.job = jobs.enqueue(TRY, {"run": run.id}, now=now)
            DryRun.update(job=run.job).where(DryRun.id == run.id).execute()
    if people <= AT_ONCE:
        run_dry(run.id, lambda _done, _all: None, now=now, settings=settings)
    return run


def run_dry(run_id: int, tell: Callable[[int, int], None], *, now: datetime, settings: Settings) -> None:
    """Adds everybody up by both rules; running it again replaces what was there."""
    run = DryRun.select(DryRun, Unit).join(Unit).where(DryRun.id == run_id).get()
    rule = hours.rule_of_version(get_version(run.version_id))
    people = list(_people(run.unit.path).tuples())
    sums = dict.fromkeys(("people", "had", "would_have", "was_reached", "would_reach", "gain", "lose"), 0)
    DryRunLine.delete().where(DryRunLine.run == run_id).execute()
    for batch in peewee.chunked(people, 100):
        with transaction():
            lines = [_line(run.year, rule, *person, settings) for person in batch]
            rows = [{"run": run_id, **line} for line in lines if line["had"] or line["would_have"] or line["changed"]]
            if rows:
                DryRunLine.insert_many(rows).execute()
        for line in lines:
            _add(sums, line)
        tell(int(sums["people"]), len(people))
    DryRun.update(done_at=now, summary=sums).where(DryRun.id == run_id).execute()


def _add(sums: dict[str, int], line: dict[str, int]) -> None:
    sums["people"] += 1
    for name in ("had", "would_have", "was_reached", "would_reach"):
        sums[name] += line[name]
    sums["gain"] += line["would_reach"] and not line["was_reached"]
    sums["lose"] += line["was_reached"] and not line["would_reach"]


def _people(path: str) -> peewee.ModelSelect:
    """(id, unit path, rank code) of the people in service below a unit."""
    return (
        Person.select(Person.id, Unit.path, Rank.code)
        .join_from(Person, Unit, on=Person.unit)
        .join_from(Person, Rank, peewee.JOIN.LEFT_OUTER)
        .where(Person.is_active & Unit.path.within(path))
        .order_by(Person.id)
    )


def _line(
    year: int, rule: HoursRule, person_id: int, path: str, rank: str | None, settings: Settings
) -> dict[str, int]:
    entries = ledger.open_entries(person_id, year)
    then = hours.rule_for(path, year, settings)
    before = ledger.counted_of(then, entries)
    after = fold(rule, _given_anew(rule, entries))
    had, would = (sum(one.counted for one in counted.values()) for counted in (before, after))
    was, reaches = _reached(then, rank, before), _reached(rule, rank, after)
    return {
        "person": person_id, "had": had, "would_have": would, "was_reached": was, "would_reach": reaches,
        "changed": had != would or was != reaches,
    }  # fmt: skip


def _reached(rule: HoursRule, rank: str | None, counted: dict[str, Counted]) -> bool:
    asked = [one for one in hours.requirements_of(rule, rank) if one.years == 1]
    earned = {source: one.counted for source, one in counted.items()}
    required = {source: one.required for source, one in counted.items()}
    return bool(asked) and all(not one.missing_centihours for one in balances(asked, earned, required))


def _given_anew(rule: HoursRule, entries: list[LedgerEntry]) -> list[Given]:
    """The same year as if the rule had held from its first day on: each entry measured anew by its evidence."""
    proofs = dict(
        LedgerEntry.select(LedgerEntry.id, LedgerEntry.evidence)
        .where(LedgerEntry.id.in_([entry.id for entry in entries]))
        .tuples()
    )
    lengths = _lengths({proof.get("version") for proof in proofs.values()} - {None})
    found = []
    for entry, given in zip(entries, ledger.givens_of(entries), strict=True):
        proof = proofs[entry.id]
        if entry.source == TEST:
            centihours = passed_test_centihours(rule, is_required=entry.is_required)
        elif entry.source in CLAIMED:
            days = (date.fromisoformat(proof["last_day"]) - date.fromisoformat(proof["first_day"])).days + 1
            centihours = claim_centihours(rule, entry.source, proof["claimed"], days, is_required=entry.is_required)
        elif entry.source == CARRIED or proof.get("version") not in lengths:
            centihours = entry.centihours
        else:
            centihours = lesson_centihours(rule, lengths[proof["version"]], is_required=entry.is_required)
        found.append(Given(given.source, given.is_required, centihours, given.first_day, given.last_day, given.course))
    return found


def _lengths(versions: Iterable[int]) -> dict[int, int]:
    """Milliseconds of lesson versions that have a length."""
    rows = LessonVersion.select(LessonVersion.id, LessonVersion.length_s).where(LessonVersion.id.in_(list(versions)))
    found: dict[int, int] = defaultdict(int)
    found.update({version: seconds * 1000 for version, seconds in rows.tuples() if seconds})
    return dict(found)
