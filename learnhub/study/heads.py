"""The ends of the ledger's chains, signed every day and kept elsewhere too: so a chain that was cut off or rewritten is found.

A record is one line of JSON: ``{"number", "at", "last_id", "ends": [[person, number, digest], …], "before", "key",
"signature"}``. ``ends`` are those that grew since the record before it, ``before`` is the digest of that record, and
the signature (Ed25519) covers all the rest. The same lines stand in the table and in a file of the data folder; keep
copies of the file on another machine.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import peewee

from learnhub.kernel import clock, files, keys
from learnhub.kernel.db import transaction
from learnhub.kernel.keys import PublicKey, SigningKey
from learnhub.study.models import LedgerEntry, LedgerHead

FILE_NAME = "ledger-heads.jsonl"
_OVERLAP = 1000  # entries of transactions that were still open when the record before was made


@dataclass(frozen=True)
class HeadFault:
    """Something that the signed heads show; ``person`` and ``number`` name the entry, or ``number`` the record."""

    code: str
    number: int
    person: int = 0


def note_head(path: Path, key: SigningKey, *, now: datetime) -> bool:
    """Signs the ends of the chains that grew since the last record; False when none did. Brings the file up to date."""
    with transaction():
        last = LedgerHead.select().order_by(LedgerHead.number.desc()).first()
        before = json.loads(last.record) if last else {"number": 0, "last_id": 0}
        ends = list(_ends_since(before["last_id"] - _OVERLAP, known=_ends_of_late()))
        if ends:
            body = {
                "number": before["number"] + 1, "at": now.isoformat(), "last_id": _last_id(), "ends": ends,
                "before": digest_of(last.record) if last else "", "key": key.id,
            }  # fmt: skip
            signature = keys.pack(key.sign(_signed(body)))
            LedgerHead.create(number=body["number"], at=now, record=_text({**body, "signature": signature}))
    write_file(path)
    return bool(ends)


def _ends_of_late() -> set[tuple[Any, ...]]:
    """The ends in the last records, which the overlap would name once more."""
    rows = LedgerHead.select(LedgerHead.record).order_by(LedgerHead.number.desc()).limit(30).tuples()
    return {tuple(end) for (record,) in rows for end in json.loads(record)["ends"]}


def _ends_since(entry_id: int, *, known: set[tuple[Any, ...]]) -> Iterator[list[Any]]:
    grown = LedgerEntry.select(LedgerEntry.person).where(LedgerEntry.id > entry_id).distinct()
    highest = (
        LedgerEntry.select(LedgerEntry.person, peewee.fn.MAX(LedgerEntry.number).alias("last"))
        .where(LedgerEntry.person.in_(grown))
        .group_by(LedgerEntry.person)
        .alias("highest")
    )
    rows = (
        LedgerEntry.select(LedgerEntry.person, LedgerEntry.number, LedgerEntry.digest)
        .join(highest, on=(highest.c.person_id == LedgerEntry.person) & (highest.c.last == LedgerEntry.number))
        .order_by(LedgerEntry.person)
        .tuples()
    )
    return (list(row) for row in rows if row not in known)


def _last_id() -> int:
    return LedgerEntry.select(peewee.fn.MAX(LedgerEntry.id)).scalar() or 0


def write_file(path: Path) -> None:
    """Adds to the file what the table has beyond it; nothing that stands in the file is ever changed."""
    there = path.read_text("utf-8").splitlines() if path.exists() else []
    rows = LedgerHead.select(LedgerHead.record).order_by(LedgerHead.number).offset(len(there)).tuples()
    missing = "".join(f"{record}\n" for (record,) in rows)
    if not missing:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(missing)
        out.flush()
        os.fsync(out.fileno())
    files.sync_folder(path.parent)


def list_records() -> list[str]:
    """The records that the table has, the oldest first."""
    return [record for (record,) in LedgerHead.select(LedgerHead.record).order_by(LedgerHead.number).tuples()]


def read_file(path: Path) -> list[str]:
    """The records in a file of heads; none when there is no file."""
    return path.read_text("utf-8").splitlines() if path.exists() else []


def faults(table: list[str], kept: list[str], publics: Mapping[str, PublicKey]) -> Iterator[HeadFault]:
    """What the records (of the table, and a copy kept elsewhere) show about themselves and about the ledger.

    Codes: ``head_forged`` (signature or order), ``head_missing`` (the copy has what the table lost), ``head_differs``,
    ``cut`` (entries from ``number`` on are gone), ``rewritten`` (the entry is another than the one signed).
    """
    for place, record in enumerate(kept):
        if place >= len(table):
            yield HeadFault("head_missing", place + 1)
        elif record != table[place]:
            yield HeadFault("head_differs", place + 1)
    ends: dict[tuple[int, int], str] = {}
    for records in (table, kept if kept != table else []):
        before = ""
        for place, record in enumerate(records, 1):
            body = _sound(record, place, before, publics)
            if body is None:
                yield HeadFault("head_forged", place)
            else:
                ends.update({(person, number): digest for person, number, digest in body["ends"]})
            before = digest_of(record)
    yield from _compare(ends)


def _sound(record: str, number: int, before: str, publics: Mapping[str, PublicKey]) -> dict[str, Any] | None:
    """The record's content when it stands where it was written and carries its signature."""
    try:
        body = json.loads(record)
        signature = keys.unpack(body.pop("signature"))
        key = publics[body["key"]]
        if body["number"] != number or body["before"] != before:
            return None
        if not keys.is_signed(key.public, _signed(body), signature) or not key.may_sign(_day_of(body["at"])):
            return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return dict(body)


def _day_of(moment: str) -> str:
    return clock.local_date(datetime.fromisoformat(moment)).isoformat()


def _compare(ends: dict[tuple[int, int], str]) -> Iterable[HeadFault]:
    """The signed ends against the entries that stand there now."""
    present: dict[tuple[int, int], str] = {}
    numbers: dict[int, set[int]] = {}
    for person, number in ends:
        numbers.setdefault(person, set()).add(number)
    for batch in peewee.chunked(sorted(numbers), 500):
        wanted = LedgerEntry.select(LedgerEntry.person, LedgerEntry.number, LedgerEntry.digest).where(
            LedgerEntry.person.in_(batch)
        )
        present.update(
            {(person, number): digest for person, number, digest in wanted.tuples() if number in numbers[person]}
        )
    cut: set[int] = set()
    for (person, number), digest in sorted(ends.items()):
        if (person, number) not in present:
            if person not in cut:
                cut.add(person)
                yield HeadFault("cut", number, person)
        elif present[person, number] != digest:
            yield HeadFault("rewritten", number, person)


def digest_of(record: str) -> str:
    """The digest by which the next record names this one."""
    return hashlib.sha256(record.encode()).hexdigest()


def _signed(body: dict[str, Any]) -> bytes:
    return b"learnhub ledger head\n" + _text(body).encode()


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))
