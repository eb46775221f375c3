"""Reading the audit trail: only lines that concern units over which the actor may read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee

from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.kernel.paging import Page, page_of, stream_down
from learnhub.kernel.text import fold_name
from learnhub.org.models import AuditLine, Person, Unit
from learnhub.org.queries.units import unit_for
from learnhub.org.scope import Actor, in_scope, scope_of

READ = "audit.read"


@dataclass(frozen=True)
class AuditFilter:
    """What the trail is narrowed to: ``text`` is a name or staff number, of who did it or to whom; days are included."""

    text: str = ""
    action: str = ""
    unit_id: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class AuditRow:
    """One line in words as far as the database knows them; ``actor`` is empty for the system itself."""

    id: int
    at: datetime
    actor: str
    actor_id: int | None
    address: str
    action: str
    subject_kind: str
    subject_id: str
    unit: str
    unit_id: int | None
    detail: dict[str, Any]
    chain: int
    number: int
    digest: str

    @property
    def facts(self) -> dict[str, Any]:
        """What the line says beside before, after and reason."""
        return {name: value for name, value in self.detail.items() if name not in ("before", "after", "reason")}


def list_audit_lines(actor: Actor, wanted: AuditFilter, page: int = 1, size: int = 25) -> Page[AuditRow]:
    """One page of the trail within the actor's scope, the latest first. At most three queries."""
    return page_of(_lines(actor, wanted), page, size).map(_row)


def stream_audit_lines(actor: Actor, wanted: AuditFilter, size: int = 1000) -> Iterator[AuditRow]:
    """The same without end, the latest first; one query for each thousand."""
    return map(_row, stream_down(_lines(actor, wanted), AuditLine.id, size))


def audit_line_for(actor: Actor, line_id: int) -> AuditRow:
    """One line of the scope. Raises NotFound."""
    found = _lines(actor, AuditFilter()).where(AuditLine.id == line_id).first()
    if found is None:
        raise NotFound("org.no_such_line")
    return _row(found)


def _lines(actor: Actor, wanted: AuditFilter) -> peewee.ModelSelect:
    doer = Person.alias("doer")
    query = (
        AuditLine.select(
            *(AuditLine.id, AuditLine.at, AuditLine.address, AuditLine.action, AuditLine.subject_kind),
            *(AuditLine.subject_id, AuditLine.detail, AuditLine.chain, AuditLine.number, AuditLine.digest),
            *(doer.name.alias("actor_name"), doer.id.alias("actor_id")),
            *(Unit.name.alias("unit_name"), Unit.id.alias("unit_id")),
        )
        .join_from(AuditLine, Unit, peewee.JOIN.LEFT_OUTER)
        .join_from(AuditLine, doer, peewee.JOIN.LEFT_OUTER, on=doer.id == AuditLine.actor)
        .where(_readable(actor))
        .order_by(AuditLine.id.desc())
        .dicts()
    )
    if wanted.unit_id is not None:
        query = query.where(Unit.path.within(unit_for(actor, wanted.unit_id, READ).path))
    if wanted.action:
        query = query.where(AuditLine.action == wanted.action)
    if wanted.first:
        query = query.where(AuditLine.at >= clock.day_bounds(wanted.first, wanted.first)[0])
    if wanted.last:
        query = query.where(AuditLine.at < clock.day_bounds(wanted.last, wanted.last)[1])
    if wanted.text.strip():
        query = query.where(_concerns(wanted.text))
    return query


def _readable(actor: Actor) -> peewee.Expression:
    """Lines of units in scope; those of no unit only for who reads the trail of a whole tree."""
    condition = in_scope(actor, READ)
    if any(root.count("/") == 2 for root in scope_of(actor, READ)):
        condition |= AuditLine.unit.is_null()
    return condition


def _concerns(text: str) -> peewee.Expression:
    folded = fold_name(text)
    people = Person.select(Person.id).where(
        Person.name_folded.contains(folded) | (peewee.fn.LOWER(Person.staff_no) == folded)
    )
    as_text = people.select(Person.id.cast("TEXT"))
    return AuditLine.actor.in_(people) | ((AuditLine.subject_kind == "person") & AuditLine.subject_id.in_(as_text))


def _row(found: dict[str, Any]) -> AuditRow:
    return AuditRow(
        id=found["id"],
        at=found["at"],
        actor=found["actor_name"] or "",
        actor_id=found["actor_id"],
        address=found["address"],
        action=found["action"],
        subject_kind=found["subject_kind"],
        subject_id=found["subject_id"],
        unit=found["unit_name"] or "",
        unit_id=found["unit_id"],
        detail=found["detail"] or {},
        chain=found["chain"],
        number=found["number"],
        digest=found["digest"],
    )
