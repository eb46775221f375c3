"""Reading people: always within what an actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from learnhub.kernel.errors import NotFound
from learnhub.kernel.paging import Page, page_of
from learnhub.kernel.text import fold_name
from learnhub.org.abilities import ROLES
from learnhub.org.models import Account, Person, Rank, RoleGrant, Unit
from learnhub.org.queries.units import ancestors_for, names_along, unit_for
from learnhub.org.scope import Actor, Grant, grants_of, holds_all_of, in_force, in_scope, may

_ORDER = peewee.Tuple(Unit.path, Person.name_folded, Person.id)


@dataclass(frozen=True)
class PeopleFilter:
    """What a list of people is narrowed to; every part may be left out."""

    unit_id: int | None = None
    text: str = ""
    rank: str = ""
    include_retired: bool = False


@dataclass(frozen=True)
class PersonRow:
    """A person in a list; ``place`` is the unit with those above it, the city left out."""

    id: int
    name: str
    staff_no: str
    unit_id: int
    place: str
    rank: str
    rank_en: str
    duty: str
    username: str
    is_active: bool
    unit_code: str = ""
    branch: str = ""


def get_person(person_id: int) -> Person:
    """A person with unit and rank, whoever asks. Raises NotFound."""
    person = _people().where(Person.id == person_id).first()
    if person is None:
        raise NotFound("org.no_such_person")
    return person


def person_for(actor: Actor, person_id: int, ability: str = "people.view") -> Person:
    """A person (with unit and rank) over whom the actor holds ``ability``. Raises NotFound for all others. One query."""
    person = _people().where((Person.id == person_id) & in_scope(actor, ability)).first()
    if person is None:
        raise NotFound("org.no_such_person")
    return person


def _people() -> peewee.ModelSelect:
    return Person.select(Person, Unit, Rank).join_from(Person, Unit).join_from(Person, Rank, peewee.JOIN.LEFT_OUTER)


def list_people(actor: Actor, wanted: PeopleFilter, page: int = 1, size: int = 25) -> Page[PersonRow]:
    """One page of the people in the actor's scope, by unit and name. At most five queries."""
    narrowed = _narrowed(actor, wanted, Person.select(Person.id).join(Unit, on=Person.unit == Unit.id))
    # Which people the page shows is read from the indexes alone; only these are then looked up.
    found = page_of(narrowed.order_by(*_ORDER.nodes), page, size)
    shown = list(_rows().where(Person.id.in_([person.id for person in found.items])))
    places = names_along(_paths(shown))
    return Page([_person_row(row, places) for row in shown], found.number, found.size, found.total)


def count_people(actor: Actor, wanted: PeopleFilter) -> int:
    """How many people in the actor's scope match. At most two queries."""
    return int(_narrowed(actor, wanted, Person.select(Person.id).join(Unit, on=Person.unit == Unit.id)).count())


def stream_people(actor: Actor, wanted: PeopleFilter, size: int = 1000) -> Iterator[PersonRow]:
    """All people in the actor's scope, in the order of :func:`list_people`; two queries for each thousand."""
    return _stream(_narrowed(actor, wanted, _rows()), size)


def _stream(rows: peewee.ModelSelect, size: int) -> Iterator[PersonRow]:
    batch = list(rows.limit(size))
    while batch:
        places = names_along(_paths(batch))
        yield from (_person_row(row, places) for row in batch)
        last = batch[-1]
        # The next ones by key and not by offset, which would read everything before them again and again.
        after = (last["path"], last["name_folded"], last["id"]) < _ORDER
        batch = list(rows.where(after).limit(size))


def _paths(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [path for row in rows for path in (row["path"], row["branch_path"]) if path]


def _rows() -> peewee.ModelSelect:
    branch = Unit.alias()
    return (
        Person.select(
            *(Person.id, Person.name, Person.name_folded, Person.staff_no, Person.duty, Person.is_active),
            *(Person.unit_id.alias("unit_id"), Unit.path, Unit.code.alias("unit_code"), Account.username),
            *(Rank.name.alias("rank"), Rank.name_en.alias("rank_en"), branch.path.alias("branch_path")),
        )
        .join_from(Person, Unit, on=Person.unit == Unit.id)
        .join_from(Person, branch, peewee.JOIN.LEFT_OUTER, on=Person.branch == branch.id)
        .join_from(Person, Rank, peewee.JOIN.LEFT_OUTER)
        .join_from(Person, Account, peewee.JOIN.LEFT_OUTER, on=Account.person == Person.id)
        .order_by(*_ORDER.nodes)
        .dicts()
    )


def _narrowed(actor: Actor, wanted: PeopleFilter, query: peewee.ModelSelect) -> peewee.ModelSelect:
    """A query on people joined with units, within scope and filter."""
    query = query.where(in_scope(actor, "people.view"))
    if wanted.unit_id is not None:
        query = query.where(Unit.path.within(unit_for(actor, wanted.unit_id).path))
    if not wanted.include_retired:
        query = query.where(Person.is_active)
    if wanted.rank:
        query = query.where(Person.rank.in_(Rank.select(Rank.id).where(Rank.code == wanted.rank)))
    if wanted.text.strip():
        query = query.where(_text_condition(wanted.text))
    return query


def _text_condition(text: str) -> peewee.Expression:
    folded = fold_name(text)
    return Person.name_folded.contains(folded) | (peewee.fn.LOWER(Person.staff_no) == folded)


def _person_row(row: dict[str, Any], places: dict[str, str]) -> PersonRow:
    return PersonRow(
        id=row["id"],
        name=row["name"],
        staff_no=row["staff_no"] or "",
        unit_id=row["unit_id"],
        place=places[row["path"]],
        rank=row["rank"] or "",
        rank_en=row["rank_en"] or "",
        duty=row["duty"],
        username=row["username"] or "",
        is_active=row["is_active"],
        unit_code=row["unit_code"],
        branch=places.get(row["branch_path"], ""),
    )


def people_of_unit(unit_id: int) -> list[Person]:
    """The active people of a unit and all below it, by name; for those who already hold that unit. Two queries."""
    unit = Unit.get_by_id(unit_id)
    condition = Unit.path.within(unit.path) & Person.is_active
    return list(_people().where(condition).order_by(Person.name_folded, Person.id))


def find_person_by_staff_no(staff_no: str) -> Person | None:
    """The person with a staff number, or None."""
    return _people().where(Person.staff_no == staff_no).first()


@dataclass(frozen=True)
class HeldRole:
    """A role that a person holds now, in words."""

    grant_id: int
    role: str
    unit_id: int
    unit_path: str
    unit_name: str
    ends_at: datetime | None


def roles_of(person_id: int, now: datetime) -> list[HeldRole]:
    """The roles that a person holds at ``now``. One query."""
    grants = (
        RoleGrant.select(RoleGrant, Unit)
        .join(Unit)
        .where((RoleGrant.person == person_id) & in_force(now))
        .order_by(Unit.path, RoleGrant.role)
    )
    return [HeldRole(one.id, one.role, one.unit_id, one.unit.path, one.unit.name, one.ends_at) for one in grants]


@dataclass(frozen=True)
class GrantChoices:
    """What an actor may do about a person's roles: the roles to give, the units to give them over, those to end."""

    roles: tuple[str, ...]
    units: tuple[Unit, ...]
    ending: frozenset[int]


def choices_of_grant(actor: Actor, person: Person, held: list[HeldRole]) -> GrantChoices:
    """The choices for a person (with unit) who holds ``held``; empty where the actor may not grant. One query."""
    if not may(actor, "roles.grant", person.unit.path):
        return GrantChoices((), (), frozenset())
    own = person.unit.path
    roles = tuple(role for role in ROLES if role != "learner" and holds_all_of(actor, [Grant(role, 0, own)]))
    ending = frozenset(
        one.grant_id
        for one in held
        if may(actor, "roles.grant", one.unit_path)
        and holds_all_of(actor, [Grant(one.role, one.unit_id, one.unit_path)])
    )
    return GrantChoices(roles, tuple(ancestors_for(actor, own, "roles.grant")), ending)


def may_reset(actor: Actor, person: Person, now: datetime) -> bool:
    """True when the actor may reset the password of a person (with unit): below them, and not themselves."""
    if actor.person_id == person.id or not may(actor, "people.reset", person.unit.path):
        return False
    return holds_all_of(actor, grants_of(person.id, now))


def is_within_reach(actor: Actor, person: Person, ability: str) -> bool:
    """True when the actor holds ``ability`` over the person's unit (``person.unit`` is loaded)."""
    return may(actor, ability, person.unit.path)


def list_ranks() -> list[Rank]:
    """All ranks, the highest first."""
    return list(Rank.select().order_by(Rank.order))
