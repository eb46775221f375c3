"""Where in a text a query is, and the piece of it that is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 120  # characters shown
_LEAD = 24  # characters before the first hit
_STOPS = "。！？；\n.!?;"


@dataclass(frozen=True)
class Part:
    """A stretch of text, marked or not."""

    text: str
    is_hit: bool


def hits_in(folded: str, patterns: Sequence[re.Pattern[str]], limit: int = 200) -> list[tuple[int, int]]:
    """The places of the patterns, in order, without overlaps; at most ``limit`` of each."""
    spans = []
    for pattern in patterns:
        for found, match in enumerate(pattern.finditer(folded)):
            if found == limit:
                break
            spans.append(match.span())
    apart: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > start and (not apart or start >= apart[-1][1]):
            apart.append((start, end))
    return apart


def marked(text: str, spans: Sequence[tuple[int, int]], first: int = 0, last: int | None = None) -> list[Part]:
    """``text`` from ``first`` to ``last`` cut into marked and unmarked parts."""
    last = len(text) if last is None else last
    parts, at = [], first
    for start, end in spans:
        if start >= last or end <= at:
            continue
        parts += [Part(text[at:start], False), Part(text[max(start, at) : min(end, last)], True)]
        at = min(end, last)
    parts.append(Part(text[at:last], False))
    return [part for part in parts if part.text]


def snippet(text: str, folded: str, patterns: Sequence[re.Pattern[str]]) -> list[Part]:
    """The window of ``text`` in which most of the patterns stand, hits marked, begun at a sentence if one is near."""
    spans = hits_in(folded, patterns)
    first = _window(text, folded, spans, patterns)
    last = min(len(text), first + WIDTH)
    parts = marked(text, spans, first, last)
    before = [Part("…", False)] if first and text[first - 1] not in _STOPS else []
    return [*before, *parts, *([Part("…", False)] if last < len(text) else [])]


def _window(text: str, folded: str, spans: Sequence[tuple[int, int]], patterns: Sequence[re.Pattern[str]]) -> int:
    if not spans:
        return 0
    starts = [max(0, start - _LEAD) for start, _end in spans[:60]]
    best = max(starts, key=lambda at: (sum(bool(p.search(folded, at, at + WIDTH)) for p in patterns), -at))
    sentence = max(text.rfind(stop, max(0, best - _LEAD), best + _LEAD) for stop in _STOPS)
    hit = next(start for start, _end in spans if start >= best)
    return sentence + 1 if 0 <= sentence < hit else best
