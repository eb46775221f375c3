"""Reading the roles that were given: the list of a part of the tree, and whether somebody holds the whole system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from learnhub.kernel.db import db, is_postgres, locked
from learnhub.kernel.paging import Page, page_of
from learnhub.kernel.text import fold_name
from learnhub.org.models import Account, Person, RoleGrant, Unit
from learnhub.org.queries.units import names_along, unit_for
from learnhub.org.rules import is_within
from learnhub.org.scope import Actor, Grant, holds_all_of, in_force, in_scope, may, scope_of

READ = "audit.read"
SOON = timedelta(days=30)
STATES = ("now", "soon", "ended")


@dataclass(frozen=True)
class GrantFilter:
    """What a list of roles is narrowed to. ``state``: now (in force), soon (ends within thirty days), ended."""

    unit_id: int | None = None
    role: str = ""
    text: str = ""
    state: str = "now"


@dataclass(frozen=True)
class GrantRow:
    """A role over a subtree. ``is_near``: the person lies in the actor's own part and may be linked to."""

    id: int
    person_id: int
    name: str
    staff_no: str
    role: str
    unit_id: int
    place: str
    granted_by: str
    starts_at: datetime
    ends_at: datetime | None
    is_soon: bool
    is_near: bool
    may_end: bool


def list_grants(actor: Actor, wanted: GrantFilter, *, now: datetime, page: int = 1, size: int = 25) -> Page[GrantRow]:
    """One page of the roles given over units in the actor's scope, by unit. At most four queries."""
    found = page_of(_rows(actor, wanted, now), page, size)
    places = names_along([row["path"] for row in found.items])
    return found.map(lambda row: _row(actor, row, places, now))


def stream_grants(actor: Actor, wanted: GrantFilter, *, now: datetime, size: int = 500) -> Iterator[GrantRow]:
    """All of them in the same order; two queries for each five hundred. What is refused is refused at once."""
    return _stream(actor, _rows(actor, wanted, now), now, size)


def _stream(actor: Actor, rows: peewee.ModelSelect, now: datetime, size: int) -> Iterator[GrantRow]:
    number = 1
    while batch := list(rows.paginate(number, size)):
        places = names_along([row["path"] for row in batch])
        yield from (_row(actor, row, places, now) for row in batch)
        number += 1


def _rows(actor: Actor, wanted: GrantFilter, now: datetime) -> peewee.ModelSelect:
    giver, home = Person.alias("giver"), Unit.alias("home")
    query = (
        RoleGrant.select(
            *(
                RoleGrant.id,
                RoleGrant.role,
                RoleGrant.starts_at,
                RoleGrant.ends_at,
                Unit.id.alias("unit_id"),
                Unit.path,
            ),
            *(Person.id.alias("person_id"), Person.name, Person.staff_no, home.path.alias("home")),
            giver.name.alias("granted_by"),
        )
        .join_from(RoleGrant, Unit)
        .join_from(RoleGrant, Person, on=Person.id == RoleGrant.person)
        .join_from(Person, home, on=home.id == Person.unit)
        .join_from(RoleGrant, giver, peewee.JOIN.LEFT_OUTER, on=giver.id == RoleGrant.granted_by)
        .where(in_scope(actor, READ), _state(wanted.state, now))
        .order_by(Unit.path, RoleGrant.role, Person.name_folded, RoleGrant.id)
        .dicts()
    )
    if wanted.unit_id is not None:
        query = query.where(Unit.path.within(unit_for(actor, wanted.unit_id, READ).path))
    if wanted.role:
        query = query.where(RoleGrant.role == wanted.role)
    if wanted.text.strip():
        folded = fold_name(wanted.text)
        query = query.where(Person.name_folded.contains(folded) | (peewee.fn.LOWER(Person.staff_no) == folded))
    return query


def _state(state: str, now: datetime) -> peewee.Expression:
    if state == "ended":
        return RoleGrant.ends_at <= now
    return in_force(now) & (RoleGrant.ends_at <= now + SOON) if state == "soon" else in_force(now)


def _row(actor: Actor, row: dict[str, Any], places: dict[str, str], now: datetime) -> GrantRow:
    ends_at, path = row["ends_at"], row["path"]
    is_open = ends_at is None or ends_at > now
    own = may(actor, "roles.grant", path) and holds_all_of(actor, [Grant(row["role"], row["unit_id"], path)])
    return GrantRow(
        id=row["id"],
        person_id=row["person_id"],
        name=row["name"],
        staff_no=row["staff_no"] or "",
        role=row["role"],
        unit_id=row["unit_id"],
        place=places[path],
        granted_by=row["granted_by"] or "",
        starts_at=row["starts_at"],
        ends_at=ends_at,
        is_soon=is_open and ends_at is not None and ends_at <= now + SOON,
        is_near=any(is_within(row["home"], root) for root in scope_of(actor, "people.view")),
        may_end=is_open and own,
    )


def count_ending_soon(actor: Actor, now: datetime) -> int:
    """How many roles in the actor's scope end within thirty days. One query."""
    return int(RoleGrant.select().join(Unit).where(in_scope(actor, READ), _state("soon", now)).count())


def holds_system(
    *, now: datetime, but: Unit | None = None, without: int | None = None, grant: int | None = None
) -> bool:
    """True when somebody holds the system for good: over a standing root, without an end, active, able to sign in.

    Who has only a one-time password that will run out cannot be counted on. Left out of account: the roles over the unit
    ``but``, those of the person ``without``, the one with the id ``grant``. Within a transaction, others who ask wait
    until it ends: two administrators cannot take the role from each other at the same moment.
    """
    if is_postgres() and db.in_transaction():
        list(locked(Unit.select(Unit.id).where(Unit.parent.is_null())).tuples())
    held = (
        RoleGrant.select()
        .join_from(RoleGrant, Unit)
        .join_from(RoleGrant, Person, on=Person.id == RoleGrant.person)
        .join_from(Person, Account, on=Account.person == Person.id)
        .where(
            RoleGrant.role == "system_admin",
            RoleGrant.ends_at.is_null(),
            RoleGrant.starts_at <= now,
            Unit.parent.is_null(),
            Unit.kind == "admin",
            ~Unit.is_retired,
            Person.is_active,
            Account.password_ends_at.is_null(),
        )
    )
    if but is not None:
        held = held.where(RoleGrant.unit != but)
    if without is not None:
        held = held.where(RoleGrant.person != without)
    if grant is not None:
        held = held.where(RoleGrant.id != grant)
    return bool(held.exists())
