"""Half-open intervals of media time in whole milliseconds: ``[from, to)``, kept sorted, disjoint and not touching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


def normal(pieces: Iterable[Sequence[int]]) -> Intervals:
    """Any pieces as sorted disjoint intervals; overlapping and touching ones become one, empty ones vanish."""
    pieces = tuple(pieces)
    if len(pieces) == 1:  # nearly every report
        start, end = pieces[0]
        return ((start, end),) if start < end else ()
    merged: list[Interval] = []
    for start, end in sorted((start, end) for start, end in pieces if start < end):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def union(one: Intervals, other: Intervals) -> Intervals:
    """What is in either; both normal."""
    if not one or not other:
        return one or other
    start, end = one[-1]
    if len(other) == 1 and other[0][0] >= start:  # the lesson goes on where it was
        more, upto = other[0]
        if more > end:
            return (*one, other[0])
        return (*one[:-1], (start, upto)) if upto > end else one
    return normal((*one, *other))


def without(one: Intervals, other: Intervals) -> Intervals:
    """What is in ``one`` and not in ``other``; both normal."""
    if not one or not other or other[-1][1] <= one[0][0]:
        return one
    if len(one) == 1 and len(other) == 1:  # nearly every report
        return _piece_without(one[0], other[0])
    left: list[Interval] = []
    place = 0
    for start, end in one:
        while place < len(other) and other[place][1] <= start:
            place += 1
        at = place
        while at < len(other) and other[at][0] < end:
            if other[at][0] > start:
                left.append((start, other[at][0]))
            start = max(start, other[at][1])
            at += 1
        if start < end:
            left.append((start, end))
    return tuple(left)


def _piece_without(one: Interval, other: Interval) -> Intervals:
    start, end = one
    begun, ended = other
    if end <= begun or ended <= start:
        return (one,)
    before = ((start, begun),) if start < begun else ()
    return (*before, (ended, end)) if ended < end else before


def measure(pieces: Intervals) -> int:
    """Milliseconds covered."""
    total = 0
    for start, end in pieces:
        total += end - start
    return total


def first(pieces: Intervals, limit_ms: int) -> Intervals:
    """The earliest part of ``pieces`` that covers at most ``limit_ms``."""
    if len(pieces) == 1 and pieces[0][1] - pieces[0][0] <= limit_ms:
        return pieces
    kept: list[Interval] = []
    for start, end in pieces:
        if limit_ms <= 0:
            break
        kept.append((start, min(end, start + limit_ms)))
        limit_ms -= end - start
    return tuple(kept)


def below(pieces: Intervals, length_ms: int) -> Intervals:
    """The part of ``pieces`` before ``length_ms``; normal."""
    if not pieces or pieces[-1][1] <= length_ms:
        return pieces
    return tuple((start, min(end, length_ms)) for start, end in pieces if start < length_ms)
