"""People: adding one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import peewee

from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Invalid
from learnhub.kernel.text import clean, fold_name
from learnhub.org import audit
from learnhub.org.models import Account, Person, Rank, Unit
from learnhub.org.queries.units import standing_unit_for
from learnhub.org.scope import Actor


@dataclass(frozen=True)
class NewPerson:
    """A person to be added; ``rank`` is a rank's code, empty texts mean "not known"."""

    name: str
    unit_id: int
    staff_no: str = ""
    rank: str = ""
    duty: str = ""


def add_person(actor: Actor | None, new: NewPerson, *, now: datetime) -> Person:
    """Adds somebody to a unit, without an account; needs people.manage there.

    The name is stored as written, only outer and doubled white space goes. Raises Invalid with the field, or Conflict
    when the staff number is another's (or another's user name, because either opens a log-in).
    """
    unit = standing_unit_for(actor, new.unit_id, "people.manage") if actor else Unit.get_by_id(new.unit_id)
    name, staff_no = clean(new.name), clean(new.staff_no)
    if not name:
        raise Invalid("org.field_empty", fields={"name": "org.field_empty"})
    rank = Rank.select().where(Rank.code == new.rank).first() if new.rank else None
    if new.rank and rank is None:
        raise Invalid("org.rank_unknown", fields={"rank": "org.rank_unknown"}, rank=new.rank)
    with transaction():
        if staff_no and _is_taken(staff_no):
            raise Conflict("org.staff_no_taken", fields={"staff_no": "org.staff_no_taken"}, staff_no=staff_no)
        person = Person.create(
            staff_no=staff_no or None,
            name=name,
            name_folded=fold_name(name),
            unit=unit,
            rank=rank,
            duty=clean(new.duty),
            since=clock.local_date(now),
            created_at=now,
        )
        audit.record(actor, "person.added", "person", person.id, unit_id=unit.id, now=now, name=name, staff_no=staff_no)
    return person


def _is_taken(staff_no: str) -> bool:
    folded = staff_no.lower()
    return (
        Person.select().where(peewee.fn.LOWER(Person.staff_no) == folded).exists()
        or Account.select().where(Account.username == folded).exists()
    )
