"""Runs a query over one generation of the index: sets of documents from posting blocks, BM25, counts.

Whoosh's own matchers cost a Python call per document and term; here a posting list becomes one dictionary
{text id: saturated weight} and the rest is set arithmetic. A conformance test compares sets, scores and order
with stock Whoosh. Where the codec's blocks are not what this module knows, :func:`read_openly` is used instead.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import accumulate
from math import log
from typing import Any

from whoosh.reading import TermNotFound

from learnhub.search.analyse import Query, Unit

K1, B = 1.2, 0.75  # the usual values of BM25, and stock Whoosh's
CACHED_POSTINGS = 400_000  # about 45 MB for each process

Weights = Mapping[int, float]


class IndexUnusable(Exception):
    """The index is missing or damaged; the text says which. Rebuilding it from the database helps."""


@dataclass(frozen=True)
class Filters:
    """What a result must be; ``audience`` None: everything (the caller sees all units in the index)."""

    audience: frozenset[str] | None = None
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The documents that match, with their scores."""

    scores: Weights

    def __len__(self) -> int:
        return len(self.scores)

    def top(self, count: int) -> list[int]:
        """The text ids of the ``count`` best, best first; equal scores in the order of their ids."""
        ranked = [(-score, text_id) for text_id, score in self.scores.items()]
        return [text_id for _, text_id in nsmallest(count, ranked)]

    def only(self, text_ids: frozenset[int]) -> Found:
        """Those among the given texts."""
        return Found({text_id: score for text_id, score in self.scores.items() if text_id in text_ids})


def read_blocks(matcher: Any) -> tuple[list[int], list[float]]:
    """All document numbers and weights of a W3LeafMatcher, block by block."""
    numbers: list[int] = []
    weights: list[float] = []
    while not matcher._atend:
        matcher._read_data()
        matcher._read_weights()
        numbers.extend(accumulate(matcher._data[0]))
        weights.extend(matcher._weights)
        matcher._next_block()
    return numbers, weights


def read_openly(matcher: Any) -> tuple[list[int], list[float]]:
    """The same by the public interface of any matcher."""
    numbers: list[int] = []
    weights: list[float] = []
    while matcher.is_active():
        numbers.append(matcher.id())
        weights.append(matcher.weight())
        matcher.next()
    return numbers, weights


def knows_blocks(matcher: Any) -> bool:
    """True for the posting blocks that :func:`read_blocks` was written for."""
    wanted = ("_atend", "_data", "_read_data", "_read_weights", "_weights", "_next_block")
    return type(matcher).__name__ == "W3LeafMatcher" and all(hasattr(matcher, name) for name in wanted)


class Segment:
    """One segment of the index: its reader, the text id of each document number, its lengths, what was deleted."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader
        count = reader.doc_count_all()
        column = reader.column_reader("text_id") if count else []
        self.text_ids = [column[number] for number in range(count)]
        self.deleted = frozenset(number for number in range(count) if reader.is_deleted(number))
        self.lengths = [reader.doc_field_length(number, "text", 0) or 0 for number in range(count)]

    def postings(self, name: str, term: str | bytes) -> tuple[list[int], list[float]]:
        """Document numbers (deleted ones among them) and weights; empty lists for a term that does not occur."""
        try:
            matcher = self.reader.postings(name, term)
        except TermNotFound:
            return [], []
        inner = getattr(matcher, "child", matcher)
        return read_blocks(inner) if knows_blocks(inner) else read_openly(matcher)


class Snapshot:
    """One generation of the index, safe to use from several threads; caches what queries have read."""

    def __init__(self, reader: Any, generation: int) -> None:
        self.generation = generation
        self._reading = threading.Lock()  # posting files have one place to read from
        self._cache: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._cached = 0
        self.segments = [Segment(leaf) for leaf, _offset in reader.leaf_readers()]
        lengths = [segment.lengths[n] for segment in self.segments for n in _living(segment)]
        self.count = len(lengths)
        average = (sum(lengths) / self.count if self.count else 0) or 1
        self._norms = [[K1 * ((1 - B) + B * length / average) for length in s.lengths] for s in self.segments]

    def find(self, query: Query, *, filters: Filters = Filters(), any_unit: bool = False) -> Found:
        """Documents in which the terms of all units occur (of at least one, with ``any_unit``), scored by BM25."""
        if not query.units:
            return Found({})
        if any_unit:
            return Found(_merged(self._all_of(_clauses([unit]), filters) for unit in query.units))
        return Found(self._all_of(_clauses(query.units), filters))

    def count_by(self, name: str, text_ids: Iterable[int]) -> dict[str, int]:
        """How many of the documents carry each value of the facet ``name``; values without any are left out."""
        wanted = text_ids if isinstance(text_ids, (set, frozenset)) else set(text_ids)
        counts = {value: len(wanted & self.members(name, value)) for value in self.values(name)}
        return {value: count for value, count in counts.items() if count}

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of a keyword field that occurs in the index."""

        def read() -> tuple[tuple[str, ...], int]:
            seen = {bytes(term) for segment in self.segments for term in segment.reader.lexicon(name)}
            return tuple(sorted(term.decode() for term in seen)), len(seen)

        return self._kept(("values", name), read)

    def members(self, name: str, value: str) -> frozenset[int]:
        """The text ids of the documents with this value in a keyword field."""

        def read() -> tuple[frozenset[int], int]:
            found: set[int] = set()
            for segment in self.segments:
                numbers, _ = segment.postings(name, value)
                found.update(segment.text_ids[n] for n in numbers if n not in segment.deleted)
            return frozenset(found), len(found)

        return self._kept((name, value), read)

    def _narrowed(self, text_ids: Any, filters: Filters) -> Any:
        """Those that pass the filters; met value by value, so that nothing is paid for what does not match anyway."""
        wanted = dict(filters.facets)
        if filters.audience is not None:
            wanted["audience"] = filters.audience
        for name, values in wanted.items():
            text_ids = set().union(*(text_ids & self.members(name, value) for value in values))
        return text_ids

    def _all_of(self, clauses: list[tuple[str, str]], filters: Filters) -> dict[int, float]:
        lists = sorted((self._postings(*clause) for clause in clauses), key=lambda pair: len(pair[1]))
        common: Any = lists[0][1].keys()
        for _, weights in lists[1:]:
            common = common & weights.keys()
        common = self._narrowed(common, filters)
        ids = list(common)
        scores = [0.0] * len(ids)
        for rarity, weights in lists:
            scores = [score + rarity * weights[i] for score, i in zip(scores, ids, strict=True)]
        return dict(zip(ids, scores, strict=True))

    def _postings(self, how: str, term: str) -> tuple[float, dict[int, float]]:
        """(idf, {text id: saturated weight}) of a term, or of all terms that begin with a character."""

        def read() -> tuple[tuple[float, dict[int, float]], int]:
            weights: dict[int, float] = {}
            for segment, norms in zip(self.segments, self._norms, strict=True):
                weights.update(_saturated(segment, norms, self._weights(segment, how, term)))
            return (log(self.count / (len(weights) + 1)) + 1 if self.count else 0.0, weights), len(weights)

        return self._kept((how, term), read)

    @staticmethod
    def _weights(segment: Segment, how: str, term: str) -> Iterable[tuple[int, float]]:
        if how == "term":
            return zip(*segment.postings("text", term), strict=True)
        total: dict[int, float] = {}
        for longer in list(segment.reader.expand_prefix("text", term)):
            for number, weight in zip(*segment.postings("text", longer), strict=True):
                total[number] = total.get(number, 0.0) + weight
        return total.items()

    def _kept(self, key: tuple[str, str], read: Any) -> Any:
        with self._reading:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key][0]
            try:
                value, size = read()
            except Exception as error:  # damaged bytes, unpickled, raise anything at all
                raise IndexUnusable(f"damaged: {type(error).__name__}: {error}") from error
            self._cache[key] = (value, size + 50)
            self._cached += size + 50
            while self._cached > CACHED_POSTINGS and len(self._cache) > 1:
                self._cached -= self._cache.popitem(last=False)[1][1]
            return value


def _living(segment: Segment) -> Iterable[int]:
    return (n for n in range(len(segment.text_ids)) if n not in segment.deleted)


def _saturated(segment: Segment, norms: list[float], weights: Iterable[tuple[int, float]]) -> dict[int, float]:
    ids = segment.text_ids
    if segment.deleted:
        weights = [pair for pair in weights if pair[0] not in segment.deleted]
    return {ids[n]: weight * (K1 + 1) / (weight + norms[n]) for n, weight in weights}


def _clauses(units: Iterable[Unit]) -> list[tuple[str, str]]:
    clauses = {("term", term): None for unit in units for term in unit.terms}
    alone = {("start", start): None for unit in units if not unit.terms for start in unit.starts}
    return [*clauses, *alone]


def _merged(parts: Iterable[dict[int, float]]) -> dict[int, float]:
    total: dict[int, float] = {}
    for part in parts:
        for text_id, score in part.items():
            total[text_id] = total.get(text_id, 0.0) + score
    return total
