"""Claims, objections and questions: one's own, and those of the people in a scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import peewee

from learnhub.kernel.errors import NotFound
from learnhub.kernel.paging import Page, page_of
from learnhub.org.models import Person, Unit
from learnhub.org.scope import Actor, in_scope
from learnhub.study.models import LedgerEntry
from learnhub.years.actions.claims import DECIDE
from learnhub.years.actions.reviewing import REVIEW
from learnhub.years.models import Anomaly, HoursClaim, Objection

Decider = Person.alias()


@dataclass(frozen=True)
class OwnCases:
    """What a person has going on about a year, the newest first; each decided one knows its ``.decided_by`` by name."""

    claims: list[HoursClaim]
    objections: list[Objection]
    anomalies: list[Anomaly]


def own_cases(person_id: int, year: int) -> OwnCases:
    """The claims and objections of a person's year, and every question about the person. Three queries."""
    claims = _with(HoursClaim, HoursClaim.decided_by).where(
        (HoursClaim.person == person_id) & (HoursClaim.year == year)
    )
    objections = _with(Objection, Objection.answered_by).where(
        (Objection.person == person_id) & (Objection.year == year)
    )
    asked = _with(Anomaly, Anomaly.decided_by).where(Anomaly.person == person_id)
    return OwnCases(
        list(claims.order_by(HoursClaim.id.desc())),
        list(objections.order_by(Objection.id.desc())),
        list(asked.order_by(Anomaly.id.desc()).limit(20)),
    )


def _with(table: Any, decider: peewee.ForeignKeyField) -> peewee.ModelSelect:
    query: peewee.ModelSelect = table.select(table, Person).join(Person, peewee.JOIN.LEFT_OUTER, on=decider)
    return query


def objections_to(entry_id: int) -> list[Objection]:
    """What was said about one entry, the oldest first."""
    return list(_with(Objection, Objection.answered_by).where(Objection.entry == entry_id).order_by(Objection.id))


def page_of_claims(actor: Actor, *, is_open: bool, page: int) -> Page[HoursClaim]:
    """Claims of the people in scope: those that wait (the oldest first) or those decided."""
    state = HoursClaim.state == "waiting" if is_open else HoursClaim.state.in_(["accepted", "refused"])
    order = HoursClaim.filed_at if is_open else HoursClaim.decided_at.desc()
    return page_of(_of_people(HoursClaim, actor, DECIDE).where(state).order_by(order), page)


def page_of_objections(actor: Actor, *, is_open: bool, page: int) -> Page[Objection]:
    """Objections of the people in scope, likewise."""
    state = Objection.outcome == "open" if is_open else Objection.outcome != "open"
    order = Objection.filed_at if is_open else Objection.answered_at.desc()
    return page_of(_of_people(Objection, actor, DECIDE).where(state).order_by(order), page)


def page_of_anomalies(actor: Actor, *, is_open: bool, page: int) -> Page[Anomaly]:
    """The reviewers' queue."""
    state = Anomaly.outcome == "open" if is_open else Anomaly.outcome != "open"
    order = Anomaly.happened_at if is_open else Anomaly.decided_at.desc()
    return page_of(_of_people(Anomaly, actor, REVIEW).where(state).order_by(order), page)


def _of_people(table: Any, actor: Actor, ability: str) -> peewee.ModelSelect:
    query: peewee.ModelSelect = (
        table.select(table, Person, Unit).join(Person, on=table.person).join(Unit, on=Person.unit)
    )
    return query.where(in_scope(actor, ability))


def claim_for(actor: Actor, claim_id: int) -> HoursClaim:
    """A claim of oneself or of somebody in scope, with ``.person.unit``. Raises NotFound."""
    allowed = in_scope(actor, DECIDE) | (HoursClaim.person == actor.person_id)
    return _one(HoursClaim, claim_id, allowed, "years.no_claim")  # type: ignore[no-any-return]


def objection_for(actor: Actor, objection_id: int) -> Objection:
    """An objection of somebody in scope. Raises NotFound."""
    return _one(Objection, objection_id, in_scope(actor, DECIDE), "years.no_objection")  # type: ignore[no-any-return]


def anomaly_for(actor: Actor, anomaly_id: int) -> Anomaly:
    """A question about somebody in scope. Raises NotFound."""
    return _one(Anomaly, anomaly_id, in_scope(actor, REVIEW), "years.no_anomaly")  # type: ignore[no-any-return]


def own_anomaly(actor: Actor, anomaly_id: int) -> Anomaly:
    """A question about oneself. Raises NotFound."""
    return _one(Anomaly, anomaly_id, Anomaly.person == actor.person_id, "years.no_anomaly")  # type: ignore[no-any-return]


def _one(table: Any, row_id: int, allowed: peewee.Expression, code: str) -> Any:
    query = table.select(table, Person, Unit).join(Person, on=table.person).join(Unit, on=Person.unit)
    found = query.where((table.id == row_id) & allowed).first()
    if found is None:
        raise NotFound(code)
    return found


def entry_of(person_id: int, entry_id: int) -> LedgerEntry | None:
    """An entry of a person, whoever asks: the caller has authorised."""
    found: LedgerEntry | None = LedgerEntry.get_or_none(
        (LedgerEntry.id == entry_id) & (LedgerEntry.person == person_id)
    )
    return found


def count_open(actor: Actor) -> dict[str, int]:
    """How much waits for this person: claims, objections, questions; only what they may decide. At most three queries."""
    found = {}
    if actor.can(DECIDE):
        found["claims"] = _of_people(HoursClaim, actor, DECIDE).where(HoursClaim.state == "waiting").count()
        found["objections"] = _of_people(Objection, actor, DECIDE).where(Objection.outcome == "open").count()
    if actor.can(REVIEW):
        found["anomalies"] = _of_people(Anomaly, actor, REVIEW).where(Anomaly.outcome == "open").count()
    return found
