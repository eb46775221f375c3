"""Handing the audit trail out is a change like others: it leaves a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from learnhub.kernel.errors import Forbidden
from learnhub.org import audit
from learnhub.org.queries.audit import READ, AuditFilter, AuditRow, list_audit_lines, stream_audit_lines
from learnhub.org.scope import Actor


def export_audit_lines(actor: Actor, wanted: AuditFilter, *, file_format: str, now: datetime) -> Iterator[AuditRow]:
    """The lines of the scope that match, for a file. Raises Forbidden, NotFound for a unit outside the scope."""
    if not actor.can(READ):
        raise Forbidden("org.not_allowed", ability=READ)
    told = {"text": wanted.text, "action": wanted.action, "first": wanted.first, "last": wanted.last}
    rows = list_audit_lines(actor, wanted, size=1).total
    note_export(actor, "audit.exported", wanted.unit_id, told, rows=rows, file_format=file_format, now=now)
    return stream_audit_lines(actor, wanted)


def note_export(
    actor: Actor, action: str, unit_id: int | None, told: Mapping[str, object], *, rows: int, file_format: str,
    now: datetime,
) -> None:  # fmt: skip
    """Writes that a file was taken: of which unit, what the filter ``told`` and how many rows it has."""
    place = unit_id or actor.unit_id
    used = {name: str(value) for name, value in told.items() if value}
    audit.record(actor, action, "unit", place, unit_id=place, now=now, format=file_format, rows=rows, filter=used)
