"""The own executor against stock Whoosh: the same sets, scores and order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from whoosh import query as stock
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.scoring import BM25F

from learnhub.search.analyse import Query, read_query
from learnhub.search.executor import Filters, Snapshot, knows_blocks, read_blocks, read_openly
from learnhub.search.index import NAME, Entry, SearchIndex

COUNT = 700  # more than one posting block of 128 for common terms


def _entries(seed: int) -> list[Entry]:
    chance = random.Random(seed)
    signs = "农村土地水利党务公开课程学习干部"
    return [
        Entry(
            text_id=number,
            owner=f"shelf:{number}",
            kind=chance.choice(["lesson", "course"]),
            category=chance.choice(["law", ""]),
            level="",
            audience=tuple(chance.sample(range(1, 9), 2)),
            title="".join(chance.choices(signs, k=4)),
            body="".join(chance.choices(signs + "，", k=chance.randint(1, 120))),
        )
        for number in range(1, COUNT + 1)
    ]


@pytest.fixture
def filled(tmp_path: Path) -> SearchIndex:
    """A random index in two segments."""
    index = SearchIndex(tmp_path / "search_index")
    entries = _entries(7)
    index.rebuild(entries[:500])
    index.update([], entries[500:])
    return index


def _stock(index: SearchIndex, query: Query) -> list[tuple[int, float]]:
    opened = FileIndex(FileStorage(str(index.folder)), indexname=NAME)
    terms = [stock.Term("text", term) for unit in query.units for term in unit.terms]
    with opened.searcher(weighting=BM25F()) as searcher:
        column = searcher.reader().column_reader("text_id")
        hits = searcher.search(stock.And(list(dict.fromkeys(terms))), limit=None)
        return [(column[number], score) for score, number in hits.top_n]


QUERIES = ["农村", "农村土地", "党务 公开", "干部学习课", "水利党务公开", "习干部农村"]


@pytest.mark.parametrize("text", QUERIES)
def test_sets_scores_and_order_are_those_of_stock_whoosh(filled: SearchIndex, text: str) -> None:
    query = read_query(text)
    found = filled.snapshot().find(query)
    expected = _stock(filled, query)
    assert set(found.scores) == {text_id for text_id, _ in expected}
    for text_id, score in expected:
        assert found.scores[text_id] == pytest.approx(score, rel=1e-9)
    by_score = sorted(expected, key=lambda pair: (-round(pair[1], 9), pair[0]))
    assert [round(found.scores[i], 9) for i in found.top(50)] == [round(score, 9) for _, score in by_score[:50]]


def test_reading_by_blocks_and_by_the_public_interface_agree(filled: SearchIndex) -> None:
    looked_at = 0
    for segment in filled.snapshot().segments:
        for name, term in segment.reader.all_terms():
            by_blocks = segment.reader.postings(name, term)
            if knows_blocks(by_blocks):
                looked_at += 1
                assert read_blocks(by_blocks) == read_openly(segment.reader.postings(name, term))
    assert looked_at > 100


def test_a_codec_that_is_not_known_is_read_by_the_public_interface(
    filled: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = filled.snapshot().find(read_query("农村土地")).scores
    monkeypatch.setattr("learnhub.search.executor.knows_blocks", lambda _matcher: False)
    assert SearchIndex(filled.folder).snapshot().find(read_query("农村土地")).scores == expected


def test_deleted_documents_leave_no_trace_in_sets_or_scores(filled: SearchIndex, tmp_path: Path) -> None:
    entries = _entries(7)
    filled.update([entry.owner for entry in entries[::3]], [])
    fresh = SearchIndex(tmp_path / "fresh")
    fresh.rebuild([entry for number, entry in enumerate(entries) if number % 3])
    for text in (*QUERIES, "水"):
        old, new = filled.snapshot().find(read_query(text)), fresh.snapshot().find(read_query(text))
        assert old.scores == pytest.approx(new.scores)
        assert old.top(20) == new.top(20)


def test_filters_keep_what_carries_one_of_the_values(filled: SearchIndex) -> None:
    snapshot = filled.snapshot()
    entries = {entry.text_id: entry for entry in _entries(7)}
    every = snapshot.find(read_query("农村"))
    filters = Filters(frozenset({"3", "5"}), {"kind": frozenset({"course"})})
    kept = snapshot.find(read_query("农村"), filters=filters)
    wanted = {i for i in every.scores if entries[i].kind == "course" and {3, 5} & set(entries[i].audience)}
    assert set(kept.scores) == wanted
    assert snapshot.count_by("kind", every.scores) == {
        kind: sum(entries[i].kind == kind for i in every.scores) for kind in ("course", "lesson")
    }


def test_nobodys_units_find_nothing(filled: SearchIndex) -> None:
    assert not filled.snapshot().find(read_query("农村"), filters=Filters(frozenset())).scores
    assert not filled.snapshot().find(read_query("农村"), filters=Filters(frozenset({"99"}))).scores


def test_one_character_finds_every_text_that_has_it(filled: SearchIndex) -> None:
    expected = {entry.text_id for entry in _entries(7) if "党" in entry.title + entry.body}
    assert set(filled.snapshot().find(read_query("党")).scores) == expected


def test_any_finds_texts_with_one_of_the_words(filled: SearchIndex) -> None:
    snapshot = filled.snapshot()
    either = snapshot.find(read_query("农村土地 党务公开"), any_unit=True)
    parts = [snapshot.find(read_query(text)) for text in ("农村土地", "党务公开")]
    assert set(either.scores) == set(parts[0].scores) | set(parts[1].scores)


def test_the_cache_stays_within_its_size(filled: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("learnhub.search.executor.CACHED_POSTINGS", 600)
    snapshot: Snapshot = filled.snapshot()
    for text in QUERIES * 2:
        snapshot.find(read_query(text))
    assert snapshot._cached <= 600 or len(snapshot._cache) == 1
    assert snapshot._cached == sum(size for _, size in snapshot._cache.values())
