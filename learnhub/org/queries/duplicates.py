"""Entries of the actor's scope that may be one person, and merges that may be undone."""

from __future__ import annotations

from dataclasses import dataclass

from learnhub.org.duplicate_rules import Entry, find_pairs
from learnhub.org.models import Person, PersonMerge, Unit
from learnhub.org.queries.people import person_for
from learnhub.org.queries.units import names_along
from learnhub.org.scope import Actor, in_scope

MANAGE = "people.manage"
SHOWN = 200


@dataclass(frozen=True)
class Suspicion:
    """Two people (with their units) who may be one, and why; ``places`` are their units with those above."""

    why: str
    one: Person
    other: Person
    places: tuple[str, str]


def find_duplicates(actor: Actor, limit: int = SHOWN) -> list[Suspicion]:
    """Pairs of people in service that the actor manages, the surest first. Three queries."""
    query = Person.select(Person.id, Person.name_folded, Person.unit, Person.staff_no).join(Unit)
    rows = query.where(in_scope(actor, MANAGE) & Person.is_active).tuples()
    order = {"same_name": 0, "staff_no": 1, "near_name": 2}
    pairs = find_pairs(Entry(one, name, unit, number or "") for one, name, unit, number in rows)
    pairs = sorted(pairs, key=lambda pair: (order[pair.why], pair.one, pair.other))[:limit]
    ids = {pair.one for pair in pairs} | {pair.other for pair in pairs}
    people = {one.id: one for one in Person.select(Person, Unit).join(Unit).where(Person.id.in_(ids))}
    places = names_along({one.unit.path for one in people.values()})
    return [
        Suspicion(
            pair.why,
            people[pair.one],
            people[pair.other],
            (places[people[pair.one].unit.path], places[people[pair.other].unit.path]),
        )
        for pair in pairs
    ]


def merges_of(actor: Actor, person_id: int) -> list[PersonMerge]:
    """The merges into a person of the actor's scope that are not undone, the latest first. Two queries."""
    person_for(actor, person_id)
    into = (PersonMerge.kept == person_id) & PersonMerge.undone_at.is_null()
    query = PersonMerge.select(PersonMerge, Person).join(Person, on=PersonMerge.gone == Person.id).where(into)
    return list(query.order_by(PersonMerge.id.desc()))
