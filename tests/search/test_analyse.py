"""Folding, terms, queries, passages of captions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnhub.search.analyse import QUERY_LENGTH, TITLE_WEIGHT, Cue, cue_at, fold, passages, read_query, terms_of, weigh
from tests.search.library import CUES


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＬｅａｒｎＨｕｂ２０２６", "learnhub2026"),
        ("鄉村振興戰略", "乡村振兴战略"),
        ("頭髮", "头发"),
        ("阿依•古丽・买", "阿依·古丽·买"),
        ("“引号”「角」", '"引号""角"'),
        ("全角　空格", "全角 空格"),
        ("㛃𠮷", "㛃𠮷"),
    ],
)
def test_the_same_text_in_another_dress_folds_to_one(written: str, plain: str) -> None:
    assert fold(written) == plain


@given(st.text())
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_pair_and_every_character_of_a_text_begins_a_term() -> None:
    assert list(terms_of("新寨村，5g网络")) == ["新寨", "寨村", "村", "5g", "5", "g", "网络", "络"]


def test_a_title_counts_several_times() -> None:
    weights = weigh("水法", "水法要点")
    assert weights["水法"] == TITLE_WEIGHT + 1
    assert weights["要点"] == 1


@given(st.text(max_size=300))
def test_no_text_is_refused_as_a_query(text: str) -> None:
    query = read_query(text)
    for unit in (*query.units, *query.words.units):
        assert unit.terms or unit.starts
        unit.pattern.search(text)


@pytest.mark.parametrize("text", ["", "   ", "*", "?? **", "《》", "\x00\x01", "\ud800"])
def test_marks_alone_ask_for_nothing(text: str) -> None:
    assert read_query(text).units == ()


def test_operators_and_wildcards_mean_nothing() -> None:
    assert [unit.text for unit in read_query('title:水法 AND NOT (a* OR "b")').units] == [
        "title:水法", "and", "not", "(a*", "or", '"b")',
    ]  # fmt: skip
    assert read_query("《水法》").units[0].terms == ("水法",)


def test_a_query_of_ten_thousand_characters_is_cut() -> None:
    query = read_query("水法" * 5000)
    assert query.is_cut
    assert len(query.text) == QUERY_LENGTH


def test_a_query_is_cut_into_words_without_particles() -> None:
    assert [unit.text for unit in read_query("村民的权利").words.units] == ["村民", "权利"]
    assert [unit.text for unit in read_query("水").words.units] == ["水"]


def test_captions_are_joined_until_a_sentence_ends() -> None:
    first, second = passages(CUES)
    assert (
        first.text
        == "同志们好，今天我们讲农村集体产权制度改革。第一，清产核资。第二，成员身份确认，要公开、公平、公正。"
    )
    assert (second.start_ms, second.end_ms) == (35_000, 42_000)
    offset = first.text.index("成员")
    assert cue_at(list(first.cues), offset) == 16_000


def test_captions_without_sentences_are_broken_all_the_same() -> None:
    cues = [Cue(at * 5_000, at * 5_000 + 5_000, "没有标点") for at in range(60)]
    assert all(passage.end_ms - passage.start_ms <= 60_000 for passage in passages(cues))


def test_latin_captions_keep_a_space_between_them() -> None:
    assert passages([Cue(0, 1, "good"), Cue(1, 2, "morning"), Cue(2, 3, "同志们")])[0].text == "good morning同志们"


def test_a_text_without_captions_has_no_second() -> None:
    assert cue_at([], 5) is None
