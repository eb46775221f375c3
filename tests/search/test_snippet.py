"""The piece of a text that is shown."""

from __future__ import annotations

from learnhub.search.analyse import fold, read_query
from learnhub.search.snippet import WIDTH, hits_in, snippet


def _shown(text: str, query: str) -> tuple[str, list[str]]:
    parts = snippet(text, fold(text), [unit.pattern for unit in read_query(query).units])
    return "".join(part.text for part in parts), [part.text for part in parts if part.is_hit]


def test_what_was_asked_for_is_marked_as_it_is_written() -> None:
    assert _shown("推進鄉村振興戰略", "乡村振兴")[1] == ["鄉村振興"]


def test_the_window_is_where_most_of_the_words_stand() -> None:
    text = "农业。" + "前文" * 200 + "土地流转与农业合作社。" + "后文" * 200
    shown, hits = _shown(text, "农业 流转")
    assert hits == ["流转", "农业"]
    assert len(shown) <= WIDTH + 2
    assert shown.endswith("…")


def test_a_window_begins_with_its_sentence_when_that_is_near() -> None:
    text = "甲" * 300 + "。第三条国家保护森林资源。" + "乙" * 300
    assert _shown(text, "森林")[0].startswith("第三条国家")


def test_a_text_without_the_words_shows_its_beginning() -> None:
    assert _shown("甲乙丙", "没有") == ("甲乙丙", [])


def test_marks_never_overlap() -> None:
    spans = hits_in("ababab", [unit.pattern for unit in read_query("abab ab").units])
    assert spans == [(0, 4), (4, 6)]


def test_parts_put_together_are_the_text() -> None:
    text = "水法与水利"
    assert _shown(text, "水")[0] == text
