"""How far the people of a department's area are with their year, unit by unit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import peewee

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.org.models import Account, Person, Rank, Unit
from learnhub.org.queries import list_ranks, roots_for
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, in_scope, scope_of
from learnhub.reports import queries as reports
from learnhub.study import hours
from learnhub.study.models import YearHours
from learnhub.study.rules.hours import Requirement

ABILITY = "records.read"


@dataclass(frozen=True)
class UnitStanding:
    """A unit directly below the area's root, or the root without its children.

    ``people`` have an account and a year that asks something of them; ``reached`` have all of it, ``begun`` have hours.
    ``share``: their hours as a share of those asked for, 0 to 1, what somebody has too many left out.
    """

    unit_id: int
    name: str
    is_itself: bool
    people: int
    reached: int
    begun: int
    share: float


@dataclass(frozen=True)
class DepartmentDesk:
    """The standings of the child units, and how many courses were completed since the first of the month.

    ``at``: when this was added up.
    """

    at: datetime
    year: int
    units: list[UnitStanding]
    completions: int

    @property
    def people(self) -> int:
        """People of whom the year asks something."""
        return sum(one.people for one in self.units)

    @property
    def reached(self) -> int:
        """People who have all that is asked for."""
        return sum(one.reached for one in self.units)

    @property
    def last_month(self) -> tuple[date, date]:
        """The first day of the year and the last day of the month that ended last: what is reported as of a day."""
        last = clock.local_date(self.at).replace(day=1) - timedelta(days=1)
        return last.replace(month=1, day=1), last

    @property
    def not_begun(self) -> int:
        """People without a single hour."""
        return self.people - sum(one.begun for one in self.units)


def department_desk(actor: Actor, *, now: datetime, settings: Settings) -> DepartmentDesk:
    """The year of the people in the actor's area. Five queries, whatever the size of the tree."""
    today = clock.local_date(now)
    month = reports.RecordFilter(first=today.replace(day=1), last=today)
    standings = _standings(actor, today.year, settings)
    return DepartmentDesk(now, today.year, standings, reports.count_records(actor, month))


def _standings(actor: Actor, year: int, settings: Settings) -> list[UnitStanding]:
    tops = roots_for(actor, ABILITY)
    depth = 0
    if len(tops) == 1:
        children = Unit.select().where((Unit.parent == tops[0]) & ~Unit.is_retired).order_by(Unit.code)
        depth = len(ids_on(tops[0].path)) + 1
        tops = [*tops, *children]
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for path, *counted in _by_path(actor, year, settings):
        top = _top_of(path, depth, tops)
        sums[top] = [one + int(other) for one, other in zip(sums[top], counted, strict=True)]
    found = []
    for place, top in enumerate(tops):
        people, reached, begun, have, asked = sums[top.path]
        share = have / asked if asked else 0.0
        found.append(UnitStanding(top.id, top.name, depth > 0 and place == 0, people, reached, begun, share))
    return [one for one in found if one.people]


def _top_of(path: str, depth: int, tops: list[Unit]) -> str:
    if depth:
        return "/" + "".join(f"{part}/" for part in ids_on(path)[:depth])
    return next(str(top.path) for top in tops if path.startswith(top.path))


def _by_path(actor: Actor, year: int, settings: Settings) -> list[tuple]:
    """(path, people, reached, begun, centihours had, centihours asked) of each unit without those below it."""
    groups = _groups(actor, year, settings)
    kinds = sorted({_kind(one) for asked, _ranks in groups for one in asked})
    if not kinds:
        return []
    earned = _earned(actor, kinds, year)
    have = {kind: peewee.fn.COALESCE(getattr(earned.c, f"kind_{at}"), 0) for at, kind in enumerate(kinds)}
    reached, had, wanted = [], [], []
    for asked, of_rank in groups:
        most = max(asked, key=lambda one: one.centihours)
        all_of_it = of_rank
        for one in asked:
            all_of_it &= have[_kind(one)] >= one.centihours
        reached.append((all_of_it, 1))
        had += [(of_rank & (have[_kind(most)] >= most.centihours), most.centihours), (of_rank, have[_kind(most)])]
        wanted.append((of_rank, most.centihours))
    count, case = peewee.fn.SUM, peewee.Case
    query = (
        Person.select(
            *(Unit.path, peewee.fn.COUNT(Person.id), count(case(None, reached, 0))),
            *(count(case(None, [(earned.c.any > 0, 1)], 0)), count(case(None, had, 0)), count(case(None, wanted, 0))),
        )
        .join_from(Person, Unit)
        .join_from(Person, Account, on=Account.person == Person.id)
        .join_from(Person, earned, peewee.JOIN.LEFT_OUTER, on=earned.c.person_id == Person.id)
        .where(in_scope(actor, ABILITY) & Person.is_active & _any_of([ranks for _asked, ranks in groups]))
        .group_by(Unit.path)
    )
    return list(query.tuples())


def _kind(one: Requirement) -> tuple[tuple[str, ...], bool]:
    """What a requirement adds up: sources, and whether of required courses only."""
    return one.sources, one.only_required


def _earned(actor: Actor, kinds: list[tuple[tuple[str, ...], bool]], year: int) -> peewee.ModelSelect:
    """Centihours of the year by person: one column for each set of sources that somebody is asked for, and ``any``."""
    sums = [
        peewee.fn.SUM(peewee.Case(None, [(YearHours.source.in_(list(sources)), column)], 0)).alias(f"kind_{at}")
        for at, (sources, only_required) in enumerate(kinds)
        for column in (YearHours.required if only_required else YearHours.counted,)
    ]
    total = peewee.fn.SUM(YearHours.counted).alias("any")
    query = YearHours.select(YearHours.person.alias("person_id"), total, *sums).join(Person).join(Unit)
    return query.where(in_scope(actor, ABILITY), YearHours.year == year).group_by(YearHours.person).alias("earned")


def _groups(actor: Actor, year: int, settings: Settings) -> list[tuple[tuple[Requirement, ...], peewee.Expression]]:
    """What one year asks, each with the condition on the ranks of which it is asked; ranks without are left out."""
    rule = hours.rule_for(next(iter(scope_of(actor, ABILITY)), actor.unit_path), year, settings)
    ranks: dict[tuple[Requirement, ...], list[Rank]] = defaultdict(list)
    for rank in list_ranks():
        ranks[_of_one_year(rule, rank.code)].append(rank)
    groups = [(asked, Person.rank.in_([rank.id for rank in those])) for asked, those in ranks.items() if asked]
    unranked = _of_one_year(rule, None)
    return [*groups, (unranked, Person.rank.is_null())] if unranked else groups


def _of_one_year(rule: hours.HoursRule, rank_code: str | None) -> tuple[Requirement, ...]:
    return tuple(one for one in hours.requirements_of(rule, rank_code) if one.years == 1)


def _any_of(conditions: list[peewee.Expression]) -> peewee.Expression:
    found = conditions[0]
    for one in conditions[1:]:
        found |= one
    return found
