"""Objections: a person says that an entry is wrong or missing, a department answers, and both can be read for ever."""

from __future__ import annotations

from datetime import datetime

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.org import audit
from learnhub.org.queries import person_for
from learnhub.org.scope import Actor
from learnhub.study import ledger
from learnhub.study import queries as study
from learnhub.study.actions.reversing import reverse_entry
from learnhub.years.actions.claims import DECIDE
from learnhub.years.models import Objection

LONGEST = 1000


def file_objection(actor: Actor, *, year: int, entry_id: int | None, text: str, now: datetime) -> Objection:
    """Objects to one of one's own entries, or to the year as a whole. Raises Invalid, NotFound, Conflict (open one)."""
    if entry_id is not None:
        year = study.entry_for(actor, entry_id).year
    if not 2 <= len(text) <= LONGEST:
        raise Invalid("years.objection_text", fields={"text": "years.objection_text"})
    with transaction():
        ledger.lock_person(actor.person_id)
        same = (Objection.person == actor.person_id) & (Objection.year == year) & (Objection.outcome == "open")
        same &= Objection.entry.is_null() if entry_id is None else Objection.entry == entry_id
        if Objection.select().where(same).exists():
            raise Conflict("years.objection_open")
        made: Objection = Objection.create(person=actor.person_id, year=year, entry=entry_id, text=text, filed_at=now)
        audit.record(
            *(actor, "hours.objected", "objection", made.id), unit_id=actor.unit_id, now=now, year=year, entry=entry_id
        )
    return made


def answer_objection(actor: Actor, objection_id: int, *, answer: str, reverse: bool, now: datetime) -> None:
    """Answers, and takes the entry back where the objection is right about it.

    Needs ``hours.decide`` over the person, and nobody answers themselves. Raises Conflict when it was answered before.
    """
    with transaction():
        found = Objection.get_or_none(Objection.id == objection_id)
        if found is None:
            raise NotFound("years.no_objection")
        person = person_for(actor, found.person_id, DECIDE)
        if person.id == actor.person_id:
            raise Forbidden("years.own_claim")
        if not 2 <= len(answer) <= LONGEST:
            raise Invalid("years.answer_text", fields={"answer": "years.answer_text"})
        ledger.lock_person(person.id)
        outcome = "reversed" if reverse and found.entry_id is not None else "kept"
        changed = (
            Objection.update(outcome=outcome, answer=answer, answered_by=actor.person_id, answered_at=now)
            .where((Objection.id == found.id) & (Objection.outcome == "open"))
            .execute()
        )
        if not changed:
            raise Conflict("years.objection_answered")
        if outcome == "reversed":
            reverse_entry(found.entry_id, {"reason": answer, "objection": found.id, "by": actor.person_id}, now=now)
        audit.record(
            *(actor, "hours.objection_answered", "objection", found.id), unit_id=person.unit_id, now=now,
            outcome=outcome, reason=answer,
        )  # fmt: skip
