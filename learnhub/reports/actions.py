"""Handing records out leaves a trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Forbidden
from learnhub.org import audit
from learnhub.org.actions import note_list
from learnhub.org.scope import Actor
from learnhub.reports import queries
from learnhub.reports.queries import Record, RecordFilter


def export_records(
    actor: Actor, wanted: RecordFilter, *, columns: Sequence[str], file_format: str, now: datetime
) -> Iterator[Record]:
    """The records for a file; the audit trail keeps who took what, how many rows, when.

    Raises Forbidden without ``records.export``, NotFound for a unit outside of its scope.
    """
    if not actor.can(queries.EXPORT):
        raise Forbidden("org.not_allowed", ability=queries.EXPORT)
    with transaction():
        rows = queries.count_records(actor, wanted, queries.EXPORT)
        audit.record(
            actor,
            "records.exported",
            "records",
            wanted.unit_id or "",
            unit_id=wanted.unit_id,
            now=now,
            format=file_format,
            columns=list(columns),
            rows=rows,
            filter={
                "rank": wanted.rank_id,
                "course": wanted.course_id,
                "first": wanted.first.isoformat() if wanted.first else None,
                "last": wanted.last.isoformat() if wanted.last else None,
                "text": wanted.text,
                "as_of": wanted.as_of.isoformat() if wanted.as_of else None,
            },
        )
        note_list(actor, "reports.download_records", queries.paths_of(actor, wanted, queries.EXPORT), rows, now=now)
    return queries.stream_records(actor, wanted)
