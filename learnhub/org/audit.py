"""The audit trail: one line per change, written in the same transaction as the change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from learnhub.org.models import AuditLine
from learnhub.org.scope import Actor


def record(
    actor: Actor | None,
    action: str,
    subject_kind: str,
    subject_id: object,
    *,
    unit_id: int | None,
    now: datetime,
    **detail: Any,
) -> None:
    """Adds a line; ``actor`` is None for the system itself (a command line, a job). Values must fit into JSON."""
    AuditLine.create(
        at=now,
        actor=actor.person_id if actor else None,
        address=actor.address if actor else "",
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        unit=unit_id,
        detail=detail,
    )
