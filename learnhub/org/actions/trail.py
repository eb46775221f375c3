"""Handing the audit trail out is a change like others: it leaves a line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from learnhub.kernel.errors import Forbidden
from learnhub.org import audit
from learnhub.org.queries.audit import READ, AuditFilter, AuditRow, list_audit_lines, stream_audit_lines
from learnhub.org.scope import Actor


def export_audit_lines(actor: Actor, wanted: AuditFilter, *, file_format: str, now: datetime) -> Iterator[AuditRow]:
    """The lines of the scope that match, for a file. Raises Forbidden, NotFound for a unit outside the scope."""
    if not actor.can(READ):
        raise Forbidden("org.not_allowed", ability=READ)
    rows = list_audit_lines(actor, wanted, size=1).total
    told = {"text": wanted.text, "action": wanted.action, "first": wanted.first, "last": wanted.last}
    audit.record(
        *(actor, "audit.exported", "unit", wanted.unit_id or actor.unit_id),
        unit_id=wanted.unit_id or actor.unit_id,
        now=now,
        format=file_format,
        rows=rows,
        filter={name: str(value) for name, value in told.items() if value},
    )
    return stream_audit_lines(actor, wanted)
