"""How lines hang together: each carries the digest of the one before it, and a digest of itself with that.

Pure values; the database is read by ``verify``. Whoever changes, moves, adds or drops a line and knows this page can
mend the digests of all that follow; therefore the last digests are kept elsewhere from time to time (``heads``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

NO_DIGEST = "0" * 64
"""What stands before the first line of a chain."""


@dataclass(frozen=True)
class LineText:
    """What a line says, as the database keeps it: ``at`` naive UTC, ``detail`` the JSON text."""

    at: datetime
    actor: int | None
    address: str
    action: str
    subject_kind: str
    subject_id: str
    unit: int | None
    detail: str


@dataclass(frozen=True)
class ChainedLine:
    """A line with its place: ``number`` counts from 1 in its chain."""

    id: int
    said: LineText
    chain: int
    number: int
    previous_digest: str
    digest: str


@dataclass(frozen=True)
class Head:
    """The last line of a chain at some moment."""

    chain: int
    number: int
    digest: str


@dataclass(frozen=True)
class Flaw:
    """Something wrong with the trail. ``kind`` is a key of :data:`KINDS`; ``line_id`` is 0 for a line that is gone."""

    kind: str
    chain: int
    number: int
    line_id: int = 0
    until: int = 0

    def __str__(self) -> str:
        return KINDS[self.kind].format(**self.__dict__)


KINDS = {
    "changed": "line {line_id} (chain {chain}, number {number}) was changed",
    "moved": "line {line_id} (chain {chain}) stands as number {number} and was written as number {until}",
    "missing": "chain {chain}: numbers {number} to {until} are missing",
    "loose": "line {line_id} (chain {chain}, number {number}) does not follow the line before it",
    "twice": "line {line_id} (chain {chain}): there are two lines with the number {number}",
    "cut": "chain {chain}: the lines from {number} to {until} are missing at the end",
    "rewritten": "chain {chain}: between the numbers {number} and {until} something was rewritten with new digests",
    "head_forged": "the file of kept heads was changed: its record {number}",
    "head_wrong": "chain {chain}: its head in the database is not its last line, number {number}",
}


def digest_of(said: LineText, chain: int, number: int, previous: str) -> str:
    """The digest of a line at its place (SHA-256, hex)."""
    # Named one by one: dataclasses.astuple copies deeply, which costs an import of 100,000 people a minute.
    values = (said.actor, said.address, said.action, said.subject_kind, said.subject_id, said.unit, said.detail)
    return digest_of_values(said.at.isoformat(), values, chain, number, previous)


def digest_of_values(at: str, values: tuple[object, ...], chain: int, number: int, previous: str) -> str:
    """The same from plain values: those of :class:`LineText` from ``actor`` on."""
    text = _ENCODE([at, *values, chain, number, previous])
    return hashlib.sha256(text.encode()).hexdigest()


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def flaws_in(lines: Iterable[ChainedLine], heads: Iterable[Head]) -> Iterator[Flaw]:
    """What is wrong with one chain, its lines given by number, seen with the heads that were kept of it.

    Only what was written after the last kept head can have been rewritten or cut off unseen.
    """
    kept = {head.number: head.digest for head in heads}
    number, digest, sound_until = 0, NO_DIGEST, 0
    for line in lines:
        if line.number == number:
            yield Flaw("twice", line.chain, number, line.id)
            continue
        if line.number > number + 1:
            yield Flaw("missing", line.chain, number + 1, until=line.number - 1)
        yield from _flaws_of(line, digest if line.number == number + 1 else None)
        number, digest = line.number, line.digest
        if number in kept:
            if kept[number] != digest:
                yield Flaw("rewritten", line.chain, sound_until + 1, until=number)
            else:
                sound_until = number
    last = max(kept, default=0)
    if last > number:
        chain = next(head.chain for head in heads)
        yield Flaw("cut", chain, number + 1, until=last)


def _flaws_of(line: ChainedLine, previous: str | None) -> Iterator[Flaw]:
    """What is wrong with a line itself, and with how it follows the one before (None: that one is missing)."""
    if digest_of(line.said, line.chain, line.number, line.previous_digest) != line.digest:
        place = _written_place(line)
        kind = "changed" if place is None else "moved"
        yield Flaw(kind, line.chain, line.number, line.id, until=place or 0)
    elif previous is not None and previous != line.previous_digest:
        yield Flaw("loose", line.chain, line.number, line.id)


def _written_place(line: ChainedLine, *, reach: int = 200) -> int | None:
    """The number under which the line's digest is right, should it have been moved not too far; else None."""
    near = range(max(1, line.number - reach), line.number + reach + 1)
    return next(
        (number for number in near if digest_of(line.said, line.chain, number, line.previous_digest) == line.digest),
        None,
    )
