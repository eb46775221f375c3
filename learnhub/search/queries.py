"""Finding: what a person may see of what matches, best first, each hit looked at before it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from learnhub.kernel.paging import Page
from learnhub.org.models import Unit
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, scope_of
from learnhub.search import rules
from learnhub.search.analyse import Query, cue_at, fold, read_query
from learnhub.search.executor import Filters, IndexUnusable, Snapshot
from learnhub.search.index import SearchIndex
from learnhub.search.models import SearchMiss, SearchOutbox, SearchText
from learnhub.search.rules import Kind
from learnhub.search.snippet import Part, hits_in, marked, snippet
from learnhub.search.sources import SearchDocument, get_source

PAGE_SIZE = 10
LAST_PAGE = 50  # nobody reads further, and each page before it is looked at
LOOK_AT_ALL = 200  # up to so many candidates are all looked at, so that the number is exact
WHOLE, WORDS, ANY = "whole", "words", "any"


@dataclass(frozen=True)
class Asked:
    """A search as asked for; an empty filter means any. ``match``: the first step of the ladder to try."""

    text: str
    kind: str = ""
    category: str = ""
    level: str = ""
    page: int = 1
    match: str = WHOLE


@dataclass(frozen=True)
class Hit:
    """A text that was found. ``start_ms``: where in the video the words are said (captions only)."""

    text_id: int
    kind: str
    title: list[Part]
    snippet: list[Part]
    url: str
    parents: list[tuple[str, str]]
    category: str
    level: str
    length_s: int | None
    start_ms: int | None


@dataclass(frozen=True)
class Hits:
    """An answer. ``match``: the step of the ladder that found something; ``is_exact``: the total is no estimate.

    ``counts``: for kind, category and level how many carry each value, whatever kind was asked for.
    ``is_degraded``: the index cannot be used, the database was searched instead.
    """

    query: Query
    match: str
    page: Page[Hit]
    is_exact: bool = True
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    is_degraded: bool = False

    @property
    def is_miss(self) -> bool:
        """Whether something was asked for and nothing at all was found."""
        return bool(self.query.units) and not self.page.total and not self.counts.get("kind")

    @property
    def has_wider(self) -> bool:
        """Whether looking for the words apart could find more."""
        return self.match == WHOLE and self.query.words.units != self.query.units


def search(actor: Actor, asked: Asked, *, index: SearchIndex) -> Hits:
    """What the actor may see of what was asked for: the whole, or all its words, or any of them.

    Nothing that can be typed raises. Texts of documents that changed and are not indexed yet are asked of their
    source, so that a withdrawn course is gone at once.
    """
    query = read_query(asked.text)
    if not query.units:
        return Hits(query, asked.match, Page([], 1, PAGE_SIZE, 0))
    try:
        snapshot = index.snapshot()
        sight = Sight(_visible(actor, [int(unit) for unit in snapshot.values("audience")]))
        return _up_the_ladder(asked, query, lambda step, wanted: _found(snapshot, sight, asked, step, wanted))
    except IndexUnusable:
        sight = Sight(_visible(actor, None))
        return _up_the_ladder(asked, query, lambda step, wanted: _scanned(sight, asked, step, wanted))


def list_misses(limit: int = 200) -> list[SearchMiss]:
    """The searches that found nothing, the most frequent first."""
    return list(SearchMiss.select().order_by(SearchMiss.count.desc(), SearchMiss.last_at.desc()).limit(limit))


def _up_the_ladder(asked: Asked, query: Query, look: Callable[[str, Query], Hits]) -> Hits:
    steps = [(WHOLE, query), (WORDS, query.words), (ANY, query.words)]
    if asked.match in (WORDS, ANY):
        steps = steps[[WHOLE, WORDS, ANY].index(asked.match) :]
    if len(query.words.units) == 1:
        steps = steps[:1]
    *tried, (last_step, last_query) = steps
    for step, wanted in tried:
        hits = look(step, wanted)
        if hits.page.total or hits.counts.get("kind"):
            return hits
    return look(last_step, last_query)


def _visible(actor: Actor, indexed: Sequence[int] | None) -> frozenset[int]:
    """Unit ids whose publications the actor sees; ``indexed`` None: all units count as indexed."""
    roots = scope_of(actor, "catalog.edit")
    paths: dict[int, str] = {}
    if roots:
        chosen = Unit.select(Unit.id, Unit.path)
        paths = dict((chosen if indexed is None else chosen.where(Unit.id.in_(indexed))).tuples())
    return rules.visible_units(ids_on(actor.unit_path), roots, paths, paths)


class Sight:
    """What one person may see, asked text by text; remembers what the sources said during one search."""

    def __init__(self, visible: frozenset[int]) -> None:
        self.visible = visible
        self._live: dict[tuple[str, str], dict[str, SearchDocument]] = {}

    def seen(self, rows: Collection[SearchText]) -> Iterator[SearchText]:
        """Those of the rows that may be seen as things are now."""
        pending = self._pending({row.source_id for row in rows})
        for row in rows:
            unit_ids: Collection[int] = row.unit_ids
            if (row.source, row.source_id) in pending:
                unit_ids = self._unit_ids_now(row)
            if rules.may_see(unit_ids, self.visible):
                yield row

    @staticmethod
    def _pending(source_ids: Collection[str]) -> set[tuple[str, str]]:
        waiting = SearchOutbox.select(SearchOutbox.source, SearchOutbox.source_id)
        return set(waiting.where(SearchOutbox.source_id.in_(list(source_ids))).tuples()) if source_ids else set()

    def _unit_ids_now(self, row: SearchText) -> Collection[int]:
        owner = (row.source, row.source_id)
        if owner not in self._live:
            documents = get_source(row.source).documents_for(row.source_id)
            self._live[owner] = {document.part: document for document in documents}
        document = self._live[owner].get(row.part)
        return document.unit_ids if document is not None else ()


def _found(snapshot: Snapshot, sight: Sight, asked: Asked, step: str, query: Query) -> Hits:
    facets = {name: frozenset([value]) for name in ("category", "level") if (value := getattr(asked, name))}
    units = frozenset(map(str, sight.visible)) & set(snapshot.values("audience"))
    sees_all = len(units) == len(snapshot.values("audience"))
    found = snapshot.find(query, filters=Filters(None if sees_all else units, facets), any_unit=step == ANY)
    ranked = found.top(len(found)) if len(found) <= LOOK_AT_ALL else None
    if ranked is not None:
        ids = [row.id for row in _looked_at(sight, ranked, query, step)]
        counts = _counts(snapshot, ids)
        ids = _of_kind(snapshot, ids, asked.kind)
        number = min(max(1, asked.page), max(1, -(-len(ids) // PAGE_SIZE)))
        total, shown = len(ids), ids[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    else:
        counts = _counts(snapshot, found.scores)
        chosen = found.only(snapshot.members("kind", asked.kind)) if asked.kind else found
        number = min(max(1, asked.page), LAST_PAGE, max(1, -(-len(chosen) // PAGE_SIZE)))
        ids, rejected = _first(sight, chosen.top(LAST_PAGE * PAGE_SIZE * 2), query, step, number * PAGE_SIZE)
        total, shown = len(chosen) - rejected, ids[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    page = Page(_hits(shown, query), number, PAGE_SIZE, total)
    return Hits(query, step, page, ranked is not None or step != ANY and _is_exact(query), counts)


def _first(sight: Sight, ranked: list[int], query: Query, step: str, wanted: int) -> tuple[list[int], int]:
    """The first ``wanted`` of the ranked that hold when looked at, and how many before them did not."""
    kept: list[int] = []
    rejected = 0
    at = 0
    while len(kept) < wanted and at < len(ranked):
        part = ranked[at : at + max(PAGE_SIZE, min(LOOK_AT_ALL, wanted - len(kept)))]
        good = [row.id for row in _looked_at(sight, part, query, step)]
        kept += good
        rejected += len(part) - len(good)
        at += len(part)
    return kept[:wanted], rejected


def _looked_at(sight: Sight, ids: Sequence[int], query: Query, step: str) -> list[SearchText]:
    """Those of the texts, in order, that are there, may be seen and hold what was asked for."""
    columns = [SearchText.id, SearchText.source, SearchText.source_id, SearchText.part, SearchText.unit_ids]
    if not _is_exact(query):
        columns.append(SearchText.folded)
    rows = {row.id: row for row in SearchText.select(*columns).where(SearchText.id.in_(list(ids)))}
    patterns = [unit.pattern for unit in query.units if not unit.is_exact]
    hold = any if step == ANY else all
    some_exact = step == ANY and len(patterns) < len(query.units)
    held = [
        rows[text_id]
        for text_id in ids
        if text_id in rows
        and (some_exact or not patterns or hold(pattern.search(rows[text_id].folded) for pattern in patterns))
    ]
    return list(sight.seen(held))


def _is_exact(query: Query) -> bool:
    return all(unit.is_exact for unit in query.units)


def _of_kind(snapshot: Snapshot, ids: list[int], kind: str) -> list[int]:
    if not kind:
        return ids
    members = snapshot.members("kind", kind)
    return [text_id for text_id in ids if text_id in members]


def _counts(snapshot: Snapshot, ids: Collection[int] | Mapping[int, float]) -> dict[str, dict[str, int]]:
    wanted = set(ids)
    return {name: snapshot.count_by(name, wanted) for name in ("kind", "category", "level")}


def _scanned(sight: Sight, asked: Asked, step: str, query: Query) -> Hits:
    """The same answer read from the texts themselves, for the minutes in which there is no index."""
    patterns = [unit.pattern for unit in query.units]
    hold = any if step == ANY else all
    rows = SearchText.select()
    for name in ("category", "level"):
        if value := getattr(asked, name):
            rows = rows.where(getattr(SearchText, name) == value)
    ids: list[tuple[bool, int, str]] = []
    held: list[SearchText] = []
    for row in rows.order_by(SearchText.id).iterator():
        if hold(pattern.search(row.folded) for pattern in patterns):
            held.append(row)
    for row in sight.seen(held):
        in_title = any(pattern.search(fold(row.title)) for pattern in patterns)
        ids.append((not in_title, row.id, row.kind))
    counts: dict[str, int] = {}
    for _, _, kind in ids:
        counts[kind] = counts.get(kind, 0) + 1
    chosen = [text_id for _, text_id, kind in sorted(ids) if asked.kind in ("", kind)]
    number = min(max(1, asked.page), max(1, -(-len(chosen) // PAGE_SIZE)))
    shown = chosen[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    page = Page(_hits(shown, query), number, PAGE_SIZE, len(chosen))
    return Hits(query, step, page, counts={"kind": counts}, is_degraded=True)


def _hits(ids: Sequence[int], query: Query) -> list[Hit]:
    rows = {row.id: row for row in SearchText.select().where(SearchText.id.in_(list(ids)))} if ids else {}
    patterns = [unit.pattern for unit in query.units]
    return [_hit(rows[text_id], patterns) for text_id in ids if text_id in rows]


def _hit(row: SearchText, patterns: Sequence[re.Pattern[str]]) -> Hit:
    folded_body = row.folded.split("\n", 1)[1]
    start_ms, url = None, row.url
    if row.kind == Kind.CAPTION:
        spans = hits_in(folded_body, patterns, limit=1)
        start_ms = cue_at(row.cues, spans[0][0] if spans else 0)
        url = f"{row.url}?t={(start_ms or 0) // 1000}"
    return Hit(
        text_id=row.id,
        kind=row.kind,
        title=marked(row.title, hits_in(fold(row.title), patterns)),
        snippet=snippet(row.body, folded_body, patterns),
        url=url,
        parents=[(title, address) for title, address in row.parents],
        category=row.category,
        level=row.level,
        length_s=row.length_s,
        start_ms=start_ms,
    )
