"""Reading who may be given a slip with a one-time password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import peewee

from learnhub.org.models import Account, Person, SlipRun, Unit
from learnhub.org.scope import Actor, in_scope

MOST_SLIPS = 200


@dataclass(frozen=True)
class SlipCandidate:
    """Somebody of the unit: ``username`` is empty without an account, ``last_login_at`` None before the first log-in."""

    person_id: int
    name: str
    unit_name: str
    staff_no: str
    username: str
    last_login_at: datetime | None

    @property
    def is_new(self) -> bool:
        """True for who has never signed in: these are chosen to begin with."""
        return self.last_login_at is None


def list_slip_candidates(actor: Actor, unit: Unit) -> list[SlipCandidate]:
    """The active people of a unit (which the actor has loaded) and below, but the actor; one more than may be chosen at
    once when there are too many. One query."""
    rows = (
        Person.select(
            *(Person.id, Person.name, Unit.name.alias("unit_name"), Person.staff_no),
            *(Account.username, Account.last_login_at),
        )
        .join_from(Person, Unit)
        .join_from(Person, Account, peewee.JOIN.LEFT_OUTER, on=Account.person == Person.id)
        .where(Unit.path.within(unit.path) & in_scope(actor, "people.reset") & Person.is_active)
        .where(Person.id != actor.person_id)
        .order_by(Unit.path, Person.name_folded, Person.id)
        .limit(MOST_SLIPS + 1)
        .objects()
    )
    return [
        SlipCandidate(row.id, row.name, row.unit_name, row.staff_no or "", row.username or "", row.last_login_at)
        for row in rows
    ]


def list_slip_runs(unit: Unit, limit: int = 10) -> list[SlipRun]:
    """The last prints for a unit, with who made them. One query."""
    return list(
        SlipRun.select(SlipRun, Person)
        .join(Person)
        .where(SlipRun.unit == unit)
        .order_by(SlipRun.id.desc())
        .limit(limit)
    )
