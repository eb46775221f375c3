"""People change their place: transfer, retirement and return, each dated."""

from __future__ import annotations

from datetime import date, datetime

import peewee

from learnhub.kernel import clock, events, jobs
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid
from learnhub.org import audit, history
from learnhub.org.events import StandingChanged
from learnhub.org.models import Account, LoginSession, Person, PersonMerge, PlannedTransfer, RoleGrant, Unit
from learnhub.org.queries.grants import holds_system
from learnhub.org.queries.people import get_person, person_for
from learnhub.org.queries.units import standing_unit_for
from learnhub.org.rules import ADMIN, PARTY
from learnhub.org.scope import Actor, grants_of, holds_all_of, in_force

MANAGE = "people.manage"
JOB = "org.transfer"


def transfer_person(
    actor: Actor,
    person_id: int,
    unit_id: int,
    *,
    branch_id: int | None = None,
    day: date | None = None,
    reason: str = "",
    now: datetime,
) -> PlannedTransfer | None:
    """Gives a person another unit and branch (None: none) from ``day`` (default: today in China).

    Needs people.manage over the person, the new unit and, where it changes, the new branch. A day to come is planned
    and carried out when it comes; the plan is returned. A past day must lie after the person's last change. Raises
    Invalid with the field, Conflict when nothing would change or somebody planned another transfer.
    """
    today = clock.local_date(now)
    day = day or today
    with transaction():
        person = person_for(actor, person_id, MANAGE)
        unit, branch = _place(actor, person, unit_id, branch_id)
        if not person.is_active:
            raise Conflict("org.person_retired", name=person.name)
        if (unit.id, branch_id) == (person.unit_id, person.branch_id):
            raise Conflict("org.belongs_there", fields={"target": "org.belongs_there"})
        if day > today:
            return _plan(actor, person, unit, branch, day, reason, now)
        if day <= person.since or day < clock.local_date(person.created_at):
            raise Invalid("org.day_too_early", fields={"day": "org.day_too_early"}, since=person.since.isoformat())
        _transfer(actor, person, unit, branch, day, reason, now)
    return None


def _place(actor: Actor, person: Person, unit_id: int, branch_id: int | None) -> tuple[Unit, Unit | None]:
    unit = standing_unit_for(actor, unit_id, MANAGE)
    branch = None
    if branch_id is not None:
        of_person = branch_id == person.branch_id
        branch = Unit.get_by_id(branch_id) if of_person else standing_unit_for(actor, branch_id, MANAGE)
    if unit.kind != ADMIN or (branch is not None and branch.kind != PARTY):
        field = "target" if unit.kind != ADMIN else "branch"
        raise Invalid("org.wrong_tree", fields={field: "org.wrong_tree"})
    return unit, branch


def _plan(
    actor: Actor, person: Person, unit: Unit, branch: Unit | None, day: date, reason: str, now: datetime
) -> PlannedTransfer:
    waiting = (PlannedTransfer.person == person) & (PlannedTransfer.state == "planned")
    if PlannedTransfer.select().where(waiting).exists():
        raise Conflict("org.transfer_planned")
    plan = PlannedTransfer.create(
        person=person, unit=unit, branch=branch, day=day, reason=reason[:300],
        planned_by=actor.person_id, planned_at=now,
    )  # fmt: skip
    jobs.enqueue(JOB, {"plan": plan.id}, now=now, run_at=clock.instant(day))
    _tell(actor, "person.transfer_planned", person, reason, now, before=person.unit_id, after=unit.id, day=str(day))
    return plan


def carry_out_transfer(plan_id: int, *, now: datetime) -> bool:
    """Carries out a planned transfer whose day has come; for the job. False when there is nothing (more) to do.

    What has changed meanwhile is respected: a person who retired stays, a unit that was retired takes nobody.
    """
    with transaction():
        plan = PlannedTransfer.get_or_none(PlannedTransfer.id == plan_id)
        if plan is None or plan.state != "planned" or plan.day > clock.local_date(now):
            return False
        person = get_person(plan.person_id)
        day = max(plan.day, person.since)
        gone = plan.unit.is_retired or (plan.branch_id is not None and plan.branch.is_retired)
        plan.state = "refused" if gone or not person.is_active else "done"
        plan.save(only=[PlannedTransfer.state])
        if plan.state == "refused":
            _tell(None, "person.transfer_refused", person, plan.reason, now, unit=plan.unit_id)
        else:
            _transfer(None, person, plan.unit, plan.branch, day, plan.reason, now)
        return True


def withdraw_transfer(actor: Actor, person_id: int, *, now: datetime) -> None:
    """Takes back what is planned for a person. Raises Conflict when nothing is."""
    with transaction():
        person = person_for(actor, person_id, MANAGE)
        planned = (PlannedTransfer.person == person) & (PlannedTransfer.state == "planned")
        if not PlannedTransfer.update(state="withdrawn").where(planned).execute():
            raise Conflict("org.nothing_planned")
        _tell(actor, "person.transfer_withdrawn", person, "", now)


def _transfer(
    actor: Actor | None, person: Person, unit: Unit, branch: Unit | None, day: date, reason: str, now: datetime
) -> None:
    before = [person.unit_id, person.branch_id]
    change = history.begin(
        actor, "transfer", day=day, unit=person.unit, other=unit, reason=reason, now=now, person=person.id
    )
    history.put_people(Person.id == person.id, change, unit=unit, branch=branch)
    after = [unit.id, branch.id if branch else None]
    audit.record(
        *(actor, "person.transferred", "person", person.id),
        unit_id=unit.id,
        now=now,
        reason=reason,
        before=before,
        after=after,
        day=str(day),
    )


def retire_person(actor: Actor, person_id: int, *, reason: str = "", now: datetime) -> None:
    """Ends a person's service today: the log-in is closed, sessions and roles end, what was earned stays.

    Raises Forbidden for oneself and for somebody with powers that one does not hold, Conflict for the last system
    administrator and for who is retired already.
    """
    with transaction():
        person = person_for(actor, person_id, MANAGE)
        if not person.is_active:
            raise Conflict("org.person_retired", name=person.name)
        require_above(actor, person, now)
        change = history.begin(actor, "retire_person", unit=person.unit, reason=reason, now=now, person=person.id)
        history.put_people(Person.id == person.id, change, is_active=False)
        roles = end_powers(person, now)
        events.publish(StandingChanged(person.id, now))
        _tell(actor, "person.retired", person, reason, now, roles=roles)


def require_above(actor: Actor, person: Person, now: datetime) -> None:
    """Refuses what would close the account of oneself, of somebody above, or of the last system administrator."""
    if actor.person_id == person.id:
        raise Forbidden("org.retire_self")
    grants = grants_of(person.id, now)
    if not holds_all_of(actor, grants):
        raise Forbidden("org.retire_upward", name=person.name)
    if any(grant.role == "system_admin" for grant in grants) and not holds_system(without=person.id, now=now):
        raise Conflict("org.last_admin")


def end_powers(person: Person, now: datetime) -> list[int]:
    """Ends a person's roles, sessions and plans; returns the ids of the roles. Part of a larger act."""
    held = (RoleGrant.person == person) & in_force(now)
    roles = [grant_id for (grant_id,) in RoleGrant.select(RoleGrant.id).where(held).tuples()]
    RoleGrant.update(ends_at=now).where(RoleGrant.id.in_(roles)).execute()
    own = Account.select(Account.id).where(Account.person == person)
    LoginSession.update(ended_at=now).where(LoginSession.account.in_(own) & LoginSession.ended_at.is_null()).execute()
    planned = (PlannedTransfer.person == person) & (PlannedTransfer.state == "planned")
    PlannedTransfer.update(state="withdrawn").where(planned).execute()
    return roles


def restore_person(actor: Actor, person_id: int, *, reason: str = "", now: datetime) -> None:
    """Takes a retired person back into service in the unit they left; the log-in opens again, roles are given anew.

    Raises Conflict when they are in service, when the unit is retired, or when the row was merged into another.
    """
    with transaction():
        person = person_for(actor, person_id, MANAGE)
        if person.is_active:
            raise Conflict("org.person_active", name=person.name)
        if person.unit.is_retired:
            raise Conflict("org.unit_retired", name=person.unit.name)
        if is_merged_away(person.id):
            raise Conflict("org.person_merged", name=person.name)
        change = history.begin(actor, "restore_person", unit=person.unit, reason=reason, now=now, person=person.id)
        history.put_people(Person.id == person.id, change, is_active=True)
        events.publish(StandingChanged(person.id, now))
        _tell(actor, "person.restored", person, reason, now)


def is_merged_away(person_id: int) -> bool:
    """True for a row that was merged into another one and not parted again. One query."""
    gone = (PersonMerge.gone == person_id) & PersonMerge.undone_at.is_null()
    return bool(PersonMerge.select(peewee.SQL("1")).where(gone).exists())


def _tell(actor: Actor | None, action: str, person: Person, reason: str, now: datetime, **detail: object) -> None:
    audit.record(actor, action, "person", person.id, unit_id=person.unit_id, now=now, reason=reason, **detail)
