"""The audit trail: one line per change, written in the same transaction as the change, chained by digests.

A line is never changed or deleted: the database refuses it, ``learnhub audit verify`` notices who gets around that.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import peewee

from learnhub.kernel.bulk import insert_ready
from learnhub.kernel.db import is_postgres, transaction
from learnhub.org.audit.chain import NO_DIGEST, digest_of_values
from learnhub.org.audit.words import ACTIONS, PAGES, name_actions, name_pages
from learnhub.org.models import AuditChain, AuditLine
from learnhub.org.scope import Actor

__all__ = [
    "ACTIONS",
    "PAGES",
    "Entry",
    "ends",
    "is_written_since",
    "name_actions",
    "name_pages",
    "record",
    "record_many",
]

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Entry:
    """One change to be written down. ``detail`` must fit into JSON.

    By custom its ``before`` and ``after`` are what was changed, ``reason`` is why; other keys are facts of the action.
    A text is the JSON itself, made beforehand.
    """

    action: str
    subject_kind: str
    subject_id: object
    unit_id: int | None
    detail: dict[str, Any] | str = field(default_factory=dict)


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
    record_many(actor, [Entry(action, subject_kind, subject_id, unit_id, detail)], now=now)


def record_many(actor: Actor | None, entries: Iterable[Entry], *, now: datetime) -> int:
    """Adds a line for each entry, in their order, at the end of one chain; returns how many.

    For imports and other changes by the thousand: the chain is read and moved on once, the lines go in by hundreds.
    """
    written = 0
    with transaction():
        chain: AuditChain | None = None
        for batch in peewee.chunked(entries, _ROWS_AT_ONCE):
            chain = chain or _chain_of_ones_own()
            rows = _rows(chain, actor, batch, now)
            insert_ready(AuditLine, _FIELDS, rows)
            written += len(rows)
        if chain is not None:
            chain.save(only=[AuditChain.number, AuditChain.digest])
    return written


def ends() -> dict[int, int]:
    """The number of the last line of each chain at this moment; for :func:`is_written_since`. One query."""
    return dict(AuditChain.select(AuditChain.id, AuditChain.number).tuples())


def is_written_since(ends: Mapping[int, int], *subject_kinds: str) -> bool:
    """True when a line about one of these kinds of subjects was committed after :func:`ends` was asked."""
    newer = [
        (AuditLine.chain == chain) & (AuditLine.number > ends.get(chain, 0))
        for chain, number in AuditChain.select(AuditChain.id, AuditChain.number).tuples()
        if number > ends.get(chain, 0)
    ]
    if not newer:
        return False
    condition = functools.reduce(operator.or_, newer) & AuditLine.subject_kind.in_(subject_kinds)
    return bool(AuditLine.select().where(condition).exists())


def _chain_of_ones_own() -> AuditChain:
    """A chain that nobody else writes to until this transaction ends; a new one when all are taken.

    So nobody waits for another's long transaction, and no two can wait for each other. There come to be as many chains
    as transactions have ever written at the same moment; on SQLite, which has one writer, there is one.
    """
    query = AuditChain.select().order_by(AuditChain.id).limit(1)
    chain = query.for_update("FOR UPDATE SKIP LOCKED").first() if is_postgres() else query.first()
    return chain or AuditChain.create(number=0, digest=NO_DIGEST)


_FIELDS = (
    AuditLine.at,
    AuditLine.actor,
    AuditLine.address,
    AuditLine.action,
    AuditLine.subject_kind,
    AuditLine.subject_id,
    AuditLine.unit,
    AuditLine.detail,
    AuditLine.chain,
    AuditLine.number,
    AuditLine.previous_digest,
    AuditLine.digest,
)


def _rows(chain: AuditChain, actor: Actor | None, entries: Sequence[Entry], now: datetime) -> list[tuple[Any, ...]]:
    """The next lines as the database keeps them, in the order of :data:`_FIELDS`; moves ``chain`` on.

    Others wait for an import while it writes 100,000 of these: nothing is built for a line that all of them share.
    """
    at = AuditLine.at.db_value(now)
    who = (actor.person_id, actor.address) if actor else (None, "")
    rows = []
    for entry in entries:
        detail = entry.detail if isinstance(entry.detail, str) else AuditLine.detail.db_value(entry.detail)
        said = (at, *who, entry.action, entry.subject_kind, str(entry.subject_id), entry.unit_id, detail)
        previous, number = chain.digest, chain.number + 1
        digest = digest_of_values(at.isoformat(), said[1:], chain.id, number, previous)
        chain.number, chain.digest = number, digest
        rows.append((*said, chain.id, number, previous, digest))
    return rows
