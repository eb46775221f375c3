"""Completion records and their sums, never outside of the actor's scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import peewee

from learnhub.catalog.models import Course
from learnhub.kernel import clock
from learnhub.kernel.db import db, is_postgres
from learnhub.kernel.errors import NotFound
from learnhub.kernel.ids import new_id
from learnhub.kernel.paging import Page
from learnhub.kernel.text import fold_name
from learnhub.org.models import Person, Rank, Unit
from learnhub.org.queries import (
    TreeThen,
    UnitThen,
    ancestors_for,
    memberships_on,
    names_along,
    roots_for,
    tree_as_of,
    unit_for,
)
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, may, scope_of, within
from learnhub.study.models import Completion, LedgerEntry

READ, EXPORT = "records.read", "records.export"
PAGE_SIZE = 50
FETCH = 2000
_PATH = 5  # the place of the unit's path in a selected row


@dataclass(frozen=True)
class RecordFilter:
    """What is wanted: a subtree, a rank, a course, days of completion (both included), part of a name or staff number.

    ``as_of``: the tree, who belonged where, and what was written down, at the end of that day.
    """

    unit_id: int | None = None
    rank_id: int | None = None
    course_id: int | None = None
    first: date | None = None
    last: date | None = None
    text: str = ""
    as_of: date | None = None


class Record(NamedTuple):
    """One completion; hours are centihours earned with this course, by source. ``place``: the unit with all above it."""

    completion_id: int
    person_id: int
    name: str
    staff_no: str
    unit: str
    path: str
    place: str
    rank: str
    rank_en: str
    course: str
    course_en: str
    completed_at: datetime
    online: int
    group: int
    test: int

    @property
    def total(self) -> int:
        """Centihours of all sources."""
        return self.online + self.group + self.test


@dataclass(frozen=True)
class UnitSum:
    """A child unit (or the unit itself without its children): people, how many of them completed, centihours.

    ``unit_id`` is None for a unit of an earlier day that lies outside of the actor's scope today.
    """

    unit_id: int | None
    name: str
    is_itself: bool
    people: int
    completed: int
    centihours: int

    @property
    def share(self) -> float:
        """People who completed something of what was asked for, as a share of all, 0 to 1."""
        return self.completed / self.people if self.people else 0.0


@dataclass(frozen=True)
class Overview:
    """The unit looked at (None: several roots), the way to it, and the sums below it."""

    unit: Unit | UnitThen | None
    way: Sequence[Unit | UnitThen]
    sums: list[UnitSum]

    @property
    def people(self) -> int:
        """People in the area."""
        return sum(one.people for one in self.sums)

    @property
    def completed(self) -> int:
        """People who completed something of what was asked for."""
        return sum(one.completed for one in self.sums)

    @property
    def centihours(self) -> int:
        """Hours in hundredths."""
        return sum(one.centihours for one in self.sums)


def settle_unit(actor: Actor, wanted: RecordFilter, ability: str = READ) -> RecordFilter:
    """The filter with its unit checked against the scope; an actor with a single root gets that as the unit.

    Raises NotFound for a unit outside of the scope. At most one query.
    """
    if wanted.unit_id is not None:
        unit_for(actor, wanted.unit_id, ability)
        return wanted
    roots = scope_of(actor, ability)
    return replace(wanted, unit_id=ids_on(roots[0])[-1]) if len(roots) == 1 else wanted


def page_of_records(actor: Actor, wanted: RecordFilter, number: int, size: int = PAGE_SIZE) -> Page[Record]:
    """One page, the latest completion first. Four queries whatever the size."""
    tree = tree_as_of(wanted.as_of) if wanted.as_of else None
    query = _records(actor, wanted, READ, tree)
    total = _narrowed(actor, wanted, READ, Completion.select(), tree).count()
    number = min(max(1, number), max(1, -(-total // size)))
    latest = query.order_by(Completion.completed_at.desc(), Completion.id.desc()).paginate(number, size)
    rows = list(db.execute(latest))
    places = {} if tree else names_along({row[_PATH] for row in rows})
    return Page([_record(row, places, tree) for row in rows], number, size, total)


def count_records(actor: Actor, wanted: RecordFilter, ability: str = READ) -> int:
    """How many records there are. Two queries."""
    tree = tree_as_of(wanted.as_of) if wanted.as_of else None
    return int(_narrowed(actor, wanted, ability, Completion.select(), tree).count())


def stream_records(actor: Actor, wanted: RecordFilter) -> Iterator[Record]:
    """All records for a file, unit by unit, in bounded memory; three queries whatever the number of rows."""
    tree = tree_as_of(wanted.as_of) if wanted.as_of else None
    query = _records(actor, wanted, EXPORT, tree).order_by(Unit.path, Person.id, Completion.id)
    places = {} if tree else _place_names(actor, wanted)
    for row in _rows(query):
        yield _record(row, places, tree)


def overview_of(actor: Actor, wanted: RecordFilter) -> Overview:
    """The sums of each unit directly below the one that is looked at. Six queries whatever the size of the tree.

    As of an earlier day the tree of that day. Raises NotFound ``org.not_yet`` for a unit that did not stand.
    """
    if wanted.as_of:
        return _overview_then(actor, wanted, tree_as_of(wanted.as_of))
    unit = unit_for(actor, wanted.unit_id, READ) if wanted.unit_id is not None else None
    way = ancestors_for(actor, unit.path, READ) if unit else []
    if unit:
        children = list(Unit.select().where((Unit.parent == unit) & ~Unit.is_retired).order_by(Unit.code))
        tops = [unit, *children]
    else:
        tops = roots_for(actor, READ)
    people, completed, earned = _sums_by_path(actor, wanted)
    by_top: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    depth = len(ids_on(unit.path)) + 1 if unit else 0
    for place, sums in enumerate((people, completed, earned)):
        for path, value in sums.items():
            by_top[_top_of(path, depth, tops)][place] += value
    sums = [UnitSum(top.id, top.name, unit is not None and top.id == unit.id, *by_top[top.path]) for top in tops]
    return Overview(unit, way, [one for one in sums if one.people or not one.is_itself])


def _overview_then(actor: Actor, wanted: RecordFilter, tree: TreeThen) -> Overview:
    """Whoever may see a unit today may see its figures of then; units that lie outside today are named without address."""
    inside = _inside_then(actor, wanted, READ, tree)
    if wanted.unit_id is not None:
        tops = {wanted.unit_id: {wanted.unit_id}}
        tops |= {child: set(tree.below(child)) for child in tree.children.get(wanted.unit_id, ())}
    else:
        tops = {root: set(tree.below(root)) for root in _roots(actor, READ) if root in tree.units}
    top_of = {unit_id: top for top, below in tops.items() for unit_id in below}
    by_top: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, query in enumerate(_sums_then(wanted, tree.day)):
        for unit_id, value in query.tuples():
            if unit_id in inside:
                by_top[top_of[unit_id]][place] += value
    sums = []
    for top in tops:
        one, known = tree.units[top], may(actor, READ, tree.units[top].path)
        sums.append(UnitSum(top if known else None, one.name, top == wanted.unit_id, *by_top[top]))
    unit = tree.units[wanted.unit_id] if wanted.unit_id is not None else None
    way = [one for one in tree.way(unit.id) if may(actor, READ, one.path)] if unit else []
    return Overview(unit, way, [one for one in sums if one.people or not one.is_itself])


def _roots(actor: Actor, ability: str) -> list[int]:
    return [ids_on(path)[-1] for path in scope_of(actor, ability)]


def _inside_then(actor: Actor, wanted: RecordFilter, ability: str, tree: TreeThen) -> set[int]:
    """The ids of the units that stood in the area. Raises NotFound ``org.not_yet`` when its unit did not stand."""
    if wanted.unit_id is None:
        return {unit_id for root in _roots(actor, ability) for unit_id in tree.below(root)}
    unit_for(actor, wanted.unit_id, ability)
    if wanted.unit_id not in tree.units:
        raise NotFound("org.not_yet")
    return set(tree.below(wanted.unit_id))


def _sums_then(wanted: RecordFilter, day: date) -> tuple[peewee.ModelSelect, ...]:
    """By the unit of then: people, people who had completed, centihours that were written down."""
    members = memberships_on(day).alias("members")
    unit_id, of_person = members.c.unit_id, members.c.person_id == Person.id
    people = Person.select(unit_id, peewee.fn.COUNT(Person.id)).join(members, on=of_person)
    completed = Completion.select(unit_id, peewee.fn.COUNT(peewee.fn.DISTINCT(Completion.person)))
    completed = completed.join(Person).join(members, on=of_person).where(*_between(Completion.completed_at, wanted))
    earned = LedgerEntry.select(unit_id, peewee.fn.SUM(LedgerEntry.centihours)).join(Person).join(members, on=of_person)
    earned = earned.where(*_between(LedgerEntry.earned_at, wanted), _written(LedgerEntry, day))
    if wanted.course_id is not None:
        completed = completed.where(Completion.course == wanted.course_id)
        earned = earned.where(LedgerEntry.course == wanted.course_id)
    return tuple(query.where(_like(wanted)).group_by(unit_id) for query in (people, completed, earned))


def _written(entry: Any, day: date) -> peewee.Expression:
    """Entries that the ledger had by then: what was moved between entries of one person later on does not count."""
    return entry.written_at < clock.day_bounds(day, day)[1]


def list_courses(actor: Actor, wanted: RecordFilter) -> list[Course]:
    """The courses that somebody in the area has completed, by title. One query."""
    people = Person.select(Person.id).join(Unit).where(within(paths_of(actor, wanted)))
    completed = Completion.select(Completion.course).where(Completion.person.in_(people))
    return list(Course.select().where(Course.id.in_(completed)).order_by(Course.title, Course.id))


def _top_of(path: str, depth: int, tops: list[Unit]) -> str:
    if depth:
        return "/" + "".join(f"{part}/" for part in ids_on(path)[:depth])
    return next(top.path for top in tops if path.startswith(top.path))


def paths_of(actor: Actor, wanted: RecordFilter, ability: str = READ) -> tuple[str, ...]:
    """The subtrees that may be read: the wanted unit's, if it lies in the scope, else the whole scope."""
    if wanted.unit_id is None:
        return scope_of(actor, ability)
    return (unit_for(actor, wanted.unit_id, ability).path,)


def _about_people(actor: Actor, wanted: RecordFilter, ability: str) -> peewee.Expression:
    area = scope_of(actor, ability) if wanted.as_of else paths_of(actor, wanted, ability)
    return within(area) & _like(wanted)


def _like(wanted: RecordFilter) -> peewee.Expression:
    condition: peewee.Expression = Person.id.is_null(False)
    if wanted.rank_id is not None:
        condition &= Person.rank == wanted.rank_id
    if text := fold_name(wanted.text):
        condition &= Person.name_folded.contains(text) | (peewee.fn.LOWER(Person.staff_no) == text)
    return condition


def _between(field: peewee.Field, wanted: RecordFilter) -> list[peewee.Expression]:
    conditions = []
    if wanted.first:
        conditions.append(field >= clock.day_bounds(wanted.first, wanted.first)[0])
    if wanted.last:
        conditions.append(field < clock.day_bounds(wanted.last, wanted.last)[1])
    if wanted.as_of:
        conditions.append(field < clock.day_bounds(wanted.as_of, wanted.as_of)[1])
    return conditions


def _narrowed(
    actor: Actor, wanted: RecordFilter, ability: str, query: peewee.ModelSelect, tree: TreeThen | None = None
) -> peewee.ModelSelect:
    """A query on completions joined with people and units, within scope and filter.

    With a ``tree`` of an earlier day: of those who belonged to the area then and lie within the scope today.
    """
    query = query.join_from(Completion, Person).join_from(Person, Unit, on=Person.unit == Unit.id)
    if tree is not None:
        members = memberships_on(tree.day).alias("members")
        query = query.join_from(Person, members, on=members.c.person_id == Person.id)
        query = query.where(members.c.unit_id.in_(sorted(_inside_then(actor, wanted, ability, tree))))
        query = query.select_extend(members.c.unit_id) if query._returning else query
    query = query.where(_about_people(actor, wanted, ability), *_between(Completion.completed_at, wanted))
    return query if wanted.course_id is None else query.where(Completion.course == wanted.course_id)


def _records(actor: Actor, wanted: RecordFilter, ability: str, tree: TreeThen | None = None) -> peewee.ModelSelect:
    query = Completion.select(
        *(Completion.id, Person.id, Person.name, Person.staff_no, Unit.name, Unit.path, Rank.name, Rank.name_en),
        *(Course.title, Course.title_en, Completion.completed_at),
        *(_hours_from(source, wanted) for source in ("online", "group", "test")),
    )
    narrowed = _narrowed(actor, wanted, ability, query, tree)
    return narrowed.join_from(Completion, Course).join_from(Person, Rank, peewee.JOIN.LEFT_OUTER)


def _hours_from(source: str, wanted: RecordFilter) -> peewee.Node:
    """The sum of one source for the person and course of the row; an index leads to its few entries."""
    entry = LedgerEntry.alias()
    own = (entry.course == Completion.course) & (entry.person == Completion.person) & (entry.source == source)
    if wanted.as_of:
        own &= _written(entry, wanted.as_of)
    return entry.select(peewee.fn.COALESCE(peewee.fn.SUM(entry.centihours), 0)).where(own)


def _record(row: tuple[Any, ...], places: Mapping[str, str], tree: TreeThen | None = None) -> Record:
    completion, person, name, staff_no, unit, path, rank, rank_en, course, course_en, at, *hours = row
    if tree is not None:
        way = tree.way(hours.pop())
        unit, place = way[-1].name, _place_of(way)
    else:
        place = places[path]
    return Record(
        *(completion, person, name, staff_no or "", unit, path, place, rank or "", rank_en or ""),
        *(course, course_en or course, _instant(at)),
        *map(int, hours),
    )


def _place_of(way: Sequence[UnitThen]) -> str:
    return " / ".join(one.name for one in way[1:] or way)


def _instant(value: Any) -> datetime:
    """A stored instant: text on SQLite, a naive datetime on PostgreSQL, both UTC."""
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).replace(tzinfo=UTC)


def _rows(query: peewee.ModelSelect) -> Iterator[tuple[Any, ...]]:
    """The rows as they come; PostgreSQL keeps them on its side, SQLite steps through them anyway."""
    if not is_postgres():
        yield from db.execute(query)
        return
    statement, values = query.sql()
    with db.atomic(), db.connection().cursor(name=f"records_{new_id(8)}") as cursor:
        cursor.itersize = FETCH
        cursor.execute(statement, values)
        yield from cursor


def _place_names(actor: Actor, wanted: RecordFilter) -> dict[str, str]:
    """Path → names from the top down, for every unit of the area."""
    paths = Unit.select(Unit.path).where(within(paths_of(actor, wanted, EXPORT)))
    return names_along({row[0] for row in paths.tuples()})


def _sums_by_path(actor: Actor, wanted: RecordFilter) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Unit path → active people, people who completed, centihours; each unit without those below it."""
    about = _about_people(actor, wanted, READ)
    people = Person.select(Unit.path, peewee.fn.COUNT(Person.id)).join(Unit).where(about & Person.is_active)
    who = peewee.fn.COUNT(peewee.fn.DISTINCT(Completion.person))
    completed = _narrowed(actor, wanted, READ, Completion.select(Unit.path, who)).where(Person.is_active)
    earned = (
        LedgerEntry.select(Unit.path, peewee.fn.SUM(LedgerEntry.centihours))
        .join_from(LedgerEntry, Person)
        .join_from(Person, Unit)
        .where(about & Person.is_active, *_between(LedgerEntry.earned_at, wanted))
    )
    if wanted.course_id is not None:
        earned = earned.where(LedgerEntry.course == wanted.course_id)
    found = [dict(query.group_by(Unit.path).tuples()) for query in (people, completed, earned)]
    return found[0], found[1], found[2]
