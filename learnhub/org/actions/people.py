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
from learnhub.org.queries.people import person_for
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


@dataclass(frozen=True)
class PersonDetails:
    """What a person is called and does; ``rank`` is a rank's code, empty texts mean "not known"."""

    name: str
    staff_no: str = ""
    rank: str = ""
    duty: str = ""


def change_person(actor: Actor, person_id: int, details: PersonDetails, *, reason: str = "", now: datetime) -> None:
    """Writes down another name, staff number, rank or post; needs people.manage over the person's unit.

    Nothing is written where nothing differs. Raises Invalid with the field, Conflict for a number that is another's.
    """
    person = person_for(actor, person_id, "people.manage")
    name, staff_no = clean(details.name), clean(details.staff_no)
    if not name:
        raise Invalid("org.field_empty", fields={"name": "org.field_empty"})
    rank = Rank.select().where(Rank.code == details.rank).first() if details.rank else None
    if details.rank and rank is None:
        raise Invalid("org.rank_unknown", fields={"rank": "org.rank_unknown"}, rank=details.rank)
    wanted = {"name": name, "staff_no": staff_no, "rank": details.rank, "duty": clean(details.duty)}
    present = {
        "name": person.name,
        "staff_no": person.staff_no or "",
        "rank": person.rank.code if person.rank else "",
        "duty": person.duty,
    }
    changed = [field for field, value in wanted.items() if value != present[field]]
    if not changed:
        return
    with transaction():
        if staff_no and staff_no != person.staff_no and _is_taken(staff_no, but=person.id):
            raise Conflict("org.staff_no_taken", fields={"staff_no": "org.staff_no_taken"}, staff_no=staff_no)
        values = {**wanted, "rank": rank, "staff_no": staff_no or None, "name_folded": fold_name(name)}
        Person.update(**values).where(Person.id == person.id).execute()
        before, after = ({field: side[field] for field in changed} for side in (present, wanted))
        audit.record(
            *(actor, "person.changed", "person", person.id),
            unit_id=person.unit_id,
            now=now,
            before=before,
            after=after,
            reason=clean(reason)[:300],
        )


def _is_taken(staff_no: str, *, but: int | None = None) -> bool:
    folded = staff_no.lower()
    return (
        Person.select().where((peewee.fn.LOWER(Person.staff_no) == folded) & (Person.id != (but or 0))).exists()
        or Account.select().where((Account.username == folded) & (Account.person != (but or 0))).exists()
    )
