"""Powers on the tree: who may do what where. Every list and every check goes through here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import peewee

from learnhub.kernel.errors import Forbidden
from learnhub.org.abilities import ABILITIES, OF_EVERYBODY, abilities_of
from learnhub.org.models import Account, Person, RoleGrant, Unit
from learnhub.org.rules import is_within


@dataclass(frozen=True)
class Grant:
    """A role over the subtree whose root has the path ``path``."""

    role: str
    unit_id: int
    path: str


@dataclass(frozen=True)
class Actor:
    """The person who acts, as business code sees them; loaded once per request or job."""

    person_id: int
    name: str
    unit_id: int
    unit_path: str
    grants: tuple[Grant, ...] = ()
    locale: str = ""
    address: str = ""

    @property
    def roles(self) -> frozenset[str]:
        """The roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def can(self, ability: str) -> bool:
        """True when the person holds the power somewhere (or as everybody does)."""
        return ability in OF_EVERYBODY or bool(scope_of(self, ability))


def load_actor(person_id: int, now: datetime, *, address: str = "") -> Actor:
    """The actor for an active person with the grants in force at ``now``. Two queries; raises Person.DoesNotExist."""
    person = (
        Person.select(Person, Unit, Account.locale.alias("chosen"))
        .join_from(Person, Unit)
        .join_from(Person, Account, peewee.JOIN.LEFT_OUTER)
        .where((Person.id == person_id) & Person.is_active)
        .objects()
        .get()
    )
    grants = grants_of(person_id, now)
    return Actor(person.id, person.name, person.unit_id, person.path, grants, person.chosen or "", address)


def in_force(now: datetime) -> peewee.Expression:
    """The SQL condition "this grant counts at ``now``" on ``RoleGrant``."""
    return (RoleGrant.starts_at <= now) & (RoleGrant.ends_at.is_null() | (RoleGrant.ends_at > now))


def grants_of(person_id: int, now: datetime) -> tuple[Grant, ...]:
    """The grants of a person in force at ``now``; those over a retired unit rest. One query."""
    rows = (
        RoleGrant.select(RoleGrant.role, RoleGrant.unit, Unit.path)
        .join(Unit)
        .where((RoleGrant.person == person_id) & ~Unit.is_retired & in_force(now))
        .order_by(RoleGrant.id)
        .tuples()
    )
    return tuple(Grant(role, unit_id, path) for role, unit_id, path in rows)


def scope_of(actor: Actor, ability: str) -> tuple[str, ...]:
    """The paths of the subtree roots over which the actor holds ``ability``; none lies inside another.

    Raises KeyError for a power that does not exist, so that a misspelt name cannot pass as "nobody".
    """
    ABILITIES[ability]
    roots = sorted({grant.path for grant in actor.grants if ability in abilities_of(grant.role)}, key=len)
    kept: list[str] = []
    for root in roots:
        if not any(is_within(root, other) for other in kept):
            kept.append(root)
    return tuple(kept)


def may(actor: Actor, ability: str, unit_path: str) -> bool:
    """True when the actor holds ``ability`` over the unit at ``unit_path``."""
    return any(is_within(unit_path, root) for root in scope_of(actor, ability))


def holds_all_of(actor: Actor, grants: Iterable[Grant]) -> bool:
    """True when the actor holds every power of these grants where they hold: so nobody acts on somebody above them."""
    return all(may(actor, ability, grant.path) for grant in grants for ability in abilities_of(grant.role))


def require(actor: Actor, ability: str, unit_path: str) -> None:
    """Refuses with Forbidden ``org.not_allowed`` unless :func:`may`."""
    if not may(actor, ability, unit_path):
        raise Forbidden("org.not_allowed", ability=ability)


def within(roots: Iterable[str], path: peewee.Field | None = None) -> peewee.Expression:
    """The SQL condition "in one of these subtrees" on ``path`` (default: ``Unit.path``); no roots: false."""
    field = Unit.path if path is None else path
    condition: peewee.Expression | None = None
    for root in roots:
        one = field.within(root)
        condition = one if condition is None else condition | one
    return condition if condition is not None else peewee.SQL("1 = 0")


def in_scope(actor: Actor, ability: str) -> peewee.Expression:
    """The SQL condition on ``Unit.path`` for what the actor may touch with ``ability``; join Unit before using it."""
    return within(scope_of(actor, ability))
