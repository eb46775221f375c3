"""Two entries that are one person become one, with all history; and the way back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from learnhub.kernel import events
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Invalid
from learnhub.org import audit, history
from learnhub.org.actions.transfers import end_powers, is_merged_away, require_above
from learnhub.org.events import PeopleMerged, PeopleParted, StandingChanged
from learnhub.org.models import Account, Person, PersonMerge, PersonSpell, RoleGrant
from learnhub.org.queries.grants import holds_system
from learnhub.org.queries.people import person_for
from learnhub.org.scope import Actor, grants_of, holds_all_of, in_force

MANAGE = "people.manage"


def merge_people(actor: Actor, kept_id: int, gone_id: int, *, reason: str = "", now: datetime) -> PersonMerge:
    """Everything of ``gone`` goes to ``kept``: study, attendance, hours, roles, and the account if ``kept`` has none.

    The entry ``gone`` stays as a retired one, so that old lines still name somebody. Needs people.manage over both and
    every power that either holds. Raises Invalid for one and the same entry, Conflict for one merged already.
    """
    if kept_id == gone_id:
        raise Invalid("org.merge_same")
    with transaction():
        kept, gone = person_for(actor, kept_id, MANAGE), person_for(actor, gone_id, MANAGE)
        for person in (kept, gone):
            if is_merged_away(person.id):
                raise Conflict("org.person_merged", name=person.name)
        require_above(actor, gone, now)
        require_not_above(actor, kept, now)
        change = history.begin(
            actor, "merge_people", unit=kept.unit, reason=reason, now=now, kept=kept.id, gone=gone.id
        )
        moved: dict[str, Any] = {"org": _take_over(actor, kept, gone, now)}
        if gone.is_active:
            history.put_people(Person.id == gone.id, change, is_active=False)
            events.publish(StandingChanged(gone.id, now))
        events.publish(PeopleMerged(kept.id, gone.id, now, moved))
        merge = PersonMerge.create(kept=kept, gone=gone, change=change, merged_at=now, moved=moved)
        _tell(actor, "person.merged", kept, reason, now, gone=gone.id, name=gone.name)
    return merge


def require_not_above(actor: Actor, person: Person, now: datetime) -> None:
    """Refuses what would give somebody above a history that they did not earn."""
    if actor.person_id != person.id and not holds_all_of(actor, grants_of(person.id, now)):
        raise Conflict("org.retire_upward", name=person.name)


def _take_over(actor: Actor, kept: Person, gone: Person, now: datetime) -> dict[str, Any]:
    """Roles, staff number and account; what is needed to give them back."""
    held = list(RoleGrant.select().where((RoleGrant.person == gone) & in_force(now)))
    there = set(
        RoleGrant.select(RoleGrant.role, RoleGrant.unit).where((RoleGrant.person == kept) & in_force(now)).tuples()
    )
    ended = {grant.id: grant.ends_at.isoformat() if grant.ends_at else None for grant in held}
    end_powers(gone, now)
    given = [
        RoleGrant.create(
            person=kept, role=grant.role, unit=grant.unit_id, granted_by=actor.person_id, starts_at=now,
            ends_at=grant.ends_at,
        ).id
        for grant in held
        if (grant.role, grant.unit_id) not in there
    ]  # fmt: skip
    told: dict[str, Any] = {"ended": ended, "given": given, "was_active": gone.is_active, "since": str(gone.since)}
    if gone.staff_no and not kept.staff_no:
        told["staff_no"] = gone.staff_no
        Person.update(staff_no=None).where(Person.id == gone.id).execute()
        Person.update(staff_no=told["staff_no"]).where(Person.id == kept.id).execute()
    own = {account.person_id: account.id for account in Account.select().where(Account.person.in_([kept, gone]))}
    if gone.id in own and kept.id not in own:
        told["account"] = own[gone.id]
        Account.update(person=kept).where(Account.id == told["account"]).execute()
    return told


def part_people(actor: Actor, merge_id: int, *, reason: str = "", now: datetime) -> None:
    """Undoes a merge exactly: both entries stand as before it.

    Raises Conflict ``org.merge_used`` once something new depends on it, ``org.no_such_merge`` for what is undone already.
    """
    with transaction():
        merge = PersonMerge.get_or_none((PersonMerge.id == merge_id) & PersonMerge.undone_at.is_null())
        if merge is None:
            raise Conflict("org.no_such_merge")
        kept, gone = person_for(actor, merge.kept_id, MANAGE), person_for(actor, merge.gone_id, MANAGE)
        had_administrator = holds_system(now=now)
        events.publish(PeopleParted(kept.id, gone.id, now, merge.moved))
        _give_back(merge, kept, gone, now)
        if had_administrator and not holds_system(now=now):  # the account goes back, the system would stay with none
            raise Conflict("org.last_admin")
        PersonMerge.update(undone_at=now).where(PersonMerge.id == merge.id).execute()
        _tell(actor, "person.parted", kept, reason, now, gone=gone.id, name=gone.name)


def _give_back(merge: PersonMerge, kept: Person, gone: Person, now: datetime) -> None:
    told = merge.moved["org"]
    if "staff_no" in told:
        if kept.staff_no != told["staff_no"]:
            raise Conflict("org.merge_used")
        Person.update(staff_no=None).where(Person.id == kept.id).execute()
        Person.update(staff_no=told["staff_no"]).where(Person.id == gone.id).execute()
    if "account" in told:
        Account.update(person=gone).where(Account.id == told["account"]).execute()
    RoleGrant.update(ends_at=now).where(RoleGrant.id.in_(told["given"]) & in_force(now)).execute()
    for grant_id, ends_at in told["ended"].items():
        until = datetime.fromisoformat(ends_at) if ends_at else None
        RoleGrant.update(ends_at=until).where(RoleGrant.id == int(grant_id)).execute()
    if told["was_active"]:
        # The merge was a mistake: the person was in service all the time.
        PersonSpell.delete().where((PersonSpell.change == merge.change_id) & (PersonSpell.person == gone)).execute()
        Person.update(is_active=True, since=told["since"]).where(Person.id == gone.id).execute()
        events.publish(StandingChanged(gone.id, now))


def _tell(actor: Actor, action: str, person: Person, reason: str, now: datetime, **detail: object) -> None:
    audit.record(actor, action, "person", person.id, unit_id=person.unit_id, now=now, reason=reason, **detail)
