"""Reading the whole trail and saying what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from learnhub.org.audit.chain import NO_DIGEST, ChainedLine, Flaw, Head, LineText, flaws_in
from learnhub.org.models import AuditChain, AuditLine

_ROWS_AT_ONCE = 5000


def count_lines() -> int:
    """How many lines there are."""
    return int(AuditLine.select().count())


def list_heads() -> list[Head]:
    """The last line of each chain as the chains note it, the oldest chain first. One query."""
    return [
        Head(chain, number, digest)
        for chain, number, digest in AuditChain.select(AuditChain.id, AuditChain.number, AuditChain.digest)
        .order_by(AuditChain.id)
        .tuples()
    ]


def verify(kept: Sequence[Head] = ()) -> Iterator[Flaw]:
    """Every flaw of every chain, in the order of chain and number; ``kept`` are heads noted elsewhere.

    Reads each line once, some thousands at a time.
    """
    ends = {head.chain: head for head in list_heads()}
    lines_of = {chain for (chain,) in AuditLine.select(AuditLine.chain).distinct().tuples()}
    for chain in sorted({*ends, *lines_of, *(head.chain for head in kept)}):
        last = Head(chain, 0, NO_DIGEST)

        def told(chain: int = chain) -> Iterator[ChainedLine]:
            nonlocal last
            for line in _lines(chain):
                last = Head(chain, line.number, line.digest)
                yield line

        yield from flaws_in(told(), [head for head in kept if head.chain == chain])
        end = ends.get(chain, last)
        if end.number > max([last.number, *(head.number for head in kept if head.chain == chain)]):
            yield Flaw("cut", chain, last.number + 1, until=end.number)
        elif end != last:
            yield Flaw("head_wrong", chain, last.number)


def _lines(chain: int) -> Iterator[ChainedLine]:
    number, line_id = 0, 0
    while True:
        after = (AuditLine.number > number) | ((AuditLine.number == number) & (AuditLine.id > line_id))
        rows = list(
            AuditLine.select(*_COLUMNS)
            .where((AuditLine.chain == chain) & after)
            .order_by(AuditLine.number, AuditLine.id)
            .limit(_ROWS_AT_ONCE)
            .tuples()
        )
        for row in rows:
            yield _line(row)
        if len(rows) < _ROWS_AT_ONCE:
            return
        line_id, number = rows[-1][0], rows[-1][10]


_COLUMNS = (
    *(AuditLine.id, AuditLine.at, AuditLine.actor, AuditLine.address, AuditLine.action),
    *(AuditLine.subject_kind, AuditLine.subject_id, AuditLine.unit),
    AuditLine.detail.cast("TEXT"),  # as written, not read as JSON and written anew
    *(AuditLine.chain, AuditLine.number, AuditLine.previous_digest, AuditLine.digest),
)


def _line(row: tuple) -> ChainedLine:
    line_id, at, *said, chain, number, previous, digest = row
    return ChainedLine(line_id, LineText(at.replace(tzinfo=None), *said), chain, number, previous, digest)
