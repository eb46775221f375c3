"""Roles: giving them and taking them away; only what one holds, only downward."""

from __future__ import annotations

from datetime import datetime

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.org import audit
from learnhub.org.abilities import ROLES
from learnhub.org.actions.accounts import open_account
from learnhub.org.actions.people import NewPerson, add_person
from learnhub.org.models import RoleGrant, Unit
from learnhub.org.queries.grants import holds_system
from learnhub.org.queries.people import get_person, person_for
from learnhub.org.queries.units import standing_unit_for, unit_for
from learnhub.org.scope import Actor, Grant, holds_all_of, in_force


def grant_role(
    actor: Actor | None, person_id: int, role: str, unit_id: int, *, ends_at: datetime | None = None, now: datetime
) -> RoleGrant:
    """Gives a person of the actor's scope a role over a unit of the scope, until ``ends_at`` if that is given.

    The actor needs roles.grant over both and every power of the role there. Raises Forbidden, Invalid (unknown role,
    an end in the past), Conflict (held already). ``actor`` None is the command line.
    """
    person = person_for(actor, person_id, "roles.grant") if actor else get_person(person_id)
    unit = standing_unit_for(actor, unit_id, "roles.grant") if actor else Unit.get_by_id(unit_id)
    if role not in ROLES or role == "learner":
        raise Invalid("org.role_unknown", fields={"role": "org.role_unknown"})
    if ends_at is not None and ends_at <= now:
        raise Invalid("org.end_past", fields={"last_day": "org.end_past"})
    if actor is not None and not holds_all_of(actor, [Grant(role, unit.id, unit.path)]):
        raise Forbidden("org.grant_beyond")
    with transaction():
        held = (RoleGrant.person == person) & (RoleGrant.role == role) & (RoleGrant.unit == unit) & in_force(now)
        if RoleGrant.select().where(held).exists():
            raise Conflict("org.grant_exists")
        grant = RoleGrant.create(
            person=person,
            role=role,
            unit=unit,
            granted_by=actor.person_id if actor else None,
            starts_at=now,
            ends_at=ends_at,
        )
        audit.record(
            *(actor, "role.granted", "person", person.id),
            unit_id=unit.id,
            now=now,
            role=role,
            ends_at=ends_at.isoformat() if ends_at else None,
        )
    return grant


def revoke_role(actor: Actor | None, grant_id: int, *, now: datetime) -> None:
    """Ends a grant at ``now``; the line stays as history.

    The actor needs roles.grant over the unit and every power of the role there. The last system administrator who can
    sign in stays (Conflict ``org.last_admin``).
    """
    grant = RoleGrant.select(RoleGrant, Unit).join(Unit).where((RoleGrant.id == grant_id) & in_force(now)).first()
    if grant is None:
        raise NotFound("org.no_such_grant")
    if actor is not None:
        unit_for(actor, grant.unit_id, "roles.grant")
        if not holds_all_of(actor, [Grant(grant.role, grant.unit_id, grant.unit.path)]):
            raise Forbidden("org.grant_beyond")
    with transaction():
        if grant.role == "system_admin" and not holds_system(grant=grant.id, now=now):
            raise Conflict("org.last_admin")
        RoleGrant.update(ends_at=now).where(RoleGrant.id == grant.id).execute()
        audit.record(actor, "role.revoked", "person", grant.person_id, unit_id=grant.unit_id, now=now, role=grant.role)


def add_administrator(name: str, username: str, *, now: datetime) -> str:
    """Adds a person to the topmost unit with an account and the system administrator's role, for the command line.

    Returns the one-time password. Raises NotFound while there is no unit.
    """
    root = Unit.select().where(Unit.parent.is_null() & (Unit.kind == "admin")).order_by(Unit.id).first()
    if root is None:
        raise NotFound("org.no_root")
    with transaction():
        person = add_person(None, NewPerson(name, root.id), now=now)
        first = open_account(None, person.id, username=username, now=now)
        grant_role(None, person.id, "system_admin", root.id, now=now)
    return first


def share_root(root: Unit, *, now: datetime) -> int:
    """Gives those who hold the system over another root the same over a new one; returns to how many."""
    held = (RoleGrant.role == "system_admin") & RoleGrant.ends_at.is_null() & (RoleGrant.starts_at <= now)
    over_roots = RoleGrant.select(RoleGrant.person).join(Unit).where(held & Unit.parent.is_null()).distinct()
    holders = [person_id for (person_id,) in over_roots.tuples()]
    for person_id in holders:
        grant_role(None, person_id, "system_admin", root.id, now=now)
    return len(holders)
