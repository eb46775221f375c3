"""Recall and precision over the 1,409 laws, against the exact numbers counted beforehand."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from learnhub.search.analyse import fold, read_query
from learnhub.search.index import Entry, SearchIndex
from tests.selection import shared_data_folder

LAWS = 300


@pytest.fixture(scope="module")
def laws() -> list[dict[str, Any]]:
    """The first laws of the collection."""
    with gzip.open(shared_data_folder() / "text" / "laws.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(LAWS), strict=False)]


@pytest.fixture(scope="module")
def law_index(laws: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """An index of them."""
    index = SearchIndex(Path(tmp_path_factory.mktemp("laws")))
    index.rebuild(
        Entry(number, law["id"], "document", law["category"], law["level"], (1,), law["title"], law["body"])
        for number, law in enumerate(laws)
    )
    return index


@pytest.mark.shared_data
@pytest.mark.slow
def test_each_query_of_the_truth_finds_every_law_that_has_it(
    laws: list[dict[str, Any]], law_index: SearchIndex
) -> None:
    with (shared_data_folder() / "text" / "search-truth.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    texts = [fold(f"{law['title']}\n{law['body']}") for law in laws]
    assert len(rows) > 50
    for row in rows:
        query = read_query(row["query"])
        found = set(law_index.snapshot().find(query).scores)
        (unit,) = query.units
        checked = {number for number in found if unit.is_exact or unit.pattern.search(texts[number])}
        have = {number for number, text in enumerate(texts) if fold(row["query"]) in text}
        if not row["query"].isascii():
            assert have <= checked, row["query"]
            assert all(unit.pattern.search(texts[number]) for number in checked), row["query"]
        named = {number for number, law in enumerate(laws) if law["id"] in row["doc_ids_if_at_most_60"].split()}
        assert named <= found or row["query"].isascii(), row["query"]


@pytest.mark.shared_data
@pytest.mark.slow
def test_any_eight_characters_of_a_law_find_it(laws: list[dict[str, Any]], law_index: SearchIndex) -> None:
    snapshot = law_index.snapshot()
    for number, law in enumerate(laws[:100]):
        middle = len(law["body"]) // 2
        piece = law["body"][middle : middle + 8]
        query = read_query(piece)
        if query.units:
            assert number in snapshot.find(query).scores, piece
