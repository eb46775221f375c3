"""One-time passwords in bulk, to be printed as slips for the people of a village."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid
from learnhub.org import audit, passwords
from learnhub.org.actions.accounts import end_all_sessions, end_for, require_free_name
from learnhub.org.models import Account, LoginFailure, Person, RoleGrant, SlipRun, Unit
from learnhub.org.queries.slips import MOST_SLIPS
from learnhub.org.queries.units import standing_unit_for
from learnhub.org.rules import is_username
from learnhub.org.scope import Actor, Grant, holds_all_of, in_force, in_scope, require


@dataclass(frozen=True)
class Slip:
    """What is printed for one person; nobody can read the password again."""

    person_id: int
    name: str
    unit_name: str
    username: str
    password: str


def make_slips(
    actor: Actor, unit_id: int, person_ids: Sequence[int], *, key: str, ends_at: datetime, now: datetime
) -> list[Slip]:
    """Gives each of these people of the unit a one-time password that holds until ``ends_at``, and returns the slips.

    Who has no account gets one (needs people.manage there), who has one is signed out everywhere (needs people.reset and
    every power that the person holds: downward only). All or nothing. ``key`` comes from the form: sending the same form
    twice is refused with Conflict ``org.slips_printed``, so that a reload does not make the printed slips worthless.
    """
    unit = standing_unit_for(actor, unit_id, "people.reset")
    people = _chosen(actor, unit, person_ids)
    accounts = {account.person_id: account for account in Account.select().where(Account.person.in_(people))}
    _require_below(actor, people, accounts, now)
    firsts = {person.id: passwords.one_time_password() for person in people}
    # Each takes some 30 ms of a core: before the transaction, so that nobody else waits for the database.
    hashed = {person_id: passwords.hash_password(first) for person_id, first in firsts.items()}
    slips = []
    with transaction():
        if SlipRun.select().where(SlipRun.key == key).exists():
            raise Conflict("org.slips_printed")
        run = SlipRun.create(
            key=key, unit=unit, made_by=actor.person_id, made_at=now, ends_at=ends_at, count=len(people)
        )
        for person in people:
            values = {"password_hash": hashed[person.id], "must_change": True}
            values["password_ends_at"] = end_for(person.id, ends_at, now)
            username = _write(actor, run, person, accounts.get(person.id), values, now)
            slips.append(Slip(person.id, person.name, person.unit.name, username, firsts[person.id]))
    return slips


def _write(
    actor: Actor, run: SlipRun, person: Person, account: Account | None, values: dict[str, object], now: datetime
) -> str:
    """Opens the account or sets its password, with the line of the trail; returns the user name."""
    if account is None:
        account, act, ended = _open(person, values, now), "account.opened", 0
    else:
        Account.update(**values).where(Account.id == account.id).execute()
        LoginFailure.delete().where(LoginFailure.subject == f"account:{account.id}").execute()
        act, ended = "account.password_reset", end_all_sessions(account, now)
    audit.record(
        *(actor, act, "account", account.id),
        unit_id=person.unit_id,
        now=now,
        username=account.username,
        ended=ended,
        slips=run.id,
    )
    return str(account.username)


def _chosen(actor: Actor, unit: Unit, person_ids: Sequence[int]) -> list[Person]:
    """The people, by name; refused when one of them is not (any more) among those of the unit."""
    wanted = set(person_ids)
    if not wanted:
        raise Invalid("org.slips_nobody", fields={"person": "org.slips_nobody"})
    if len(wanted) > MOST_SLIPS:
        raise Invalid("org.slips_many", fields={"person": "org.slips_many"}, most=MOST_SLIPS)
    own = Unit.path.within(unit.path) & in_scope(actor, "people.reset") & Person.is_active
    found = list(
        Person.select(Person, Unit)
        .join(Unit)
        .where(Person.id.in_(wanted) & own)
        .order_by(Unit.path, Person.name_folded, Person.id)
    )
    if len(found) != len(wanted):
        raise Conflict("org.slips_gone", fields={"person": "org.slips_gone"})
    return found


def _require_below(actor: Actor, people: list[Person], accounts: dict[int, Account], now: datetime) -> None:
    held: dict[int, list[Grant]] = defaultdict(list)
    rows = RoleGrant.select(RoleGrant.person, RoleGrant.role, RoleGrant.unit, Unit.path).join(Unit)
    for person_id, role, unit_id, path in rows.where(RoleGrant.person.in_(people) & in_force(now)).tuples():
        held[person_id].append(Grant(role, unit_id, path))
    for person in people:
        if person.id == actor.person_id:
            raise Forbidden("org.reset_self")
        if person.id not in accounts:
            require(actor, "people.manage", person.unit.path)
        if not holds_all_of(actor, held[person.id]):
            raise Forbidden("org.reset_upward", name=person.name)


def _open(person: Person, values: dict[str, object], now: datetime) -> Account:
    name = (person.staff_no or f"u{person.id}").lower()
    if not is_username(name):
        name = f"u{person.id}"
    require_free_name(name, person.id)
    return Account.create(person=person, username=name, created_at=now, **values)
