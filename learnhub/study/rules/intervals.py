"""Half-open intervals of media time in whole milliseconds: ``[from, to)``, kept sorted, disjoint and not touching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


def normal(pieces: Iterable[Sequence[int]]) -> Intervals:
    """Any pieces as sorted disjoint intervals; overlapping and touching ones become one, empty ones vanish."""
    merged: list[Interval] = []
    for start, end in sorted((start, end) for start, end in pieces if start < end):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def union(one: Intervals, other: Intervals) -> Intervals:
    """What is in either."""
    return normal((*one, *other)) if one and other else one or other


def without(one: Intervals, other: Intervals) -> Intervals:
    """What is in ``one`` and not in ``other``; both normal."""
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


def measure(pieces: Intervals) -> int:
    """Milliseconds covered."""
    return sum(end - start for start, end in pieces)


def first(pieces: Intervals, limit_ms: int) -> Intervals:
    """The earliest part of ``pieces`` that covers at most ``limit_ms``."""
    kept: list[Interval] = []
    for start, end in pieces:
        if limit_ms <= 0:
            break
        kept.append((start, min(end, start + limit_ms)))
        limit_ms -= end - start
    return tuple(kept)


def below(pieces: Intervals, length_ms: int) -> Intervals:
    """The part of ``pieces`` before ``length_ms``."""
    return tuple((start, min(end, length_ms)) for start, end in pieces if start < length_ms)
