"""Captions: every encoding and habit met, repaired or refused with the line."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnhub.media.captions import CaptionsRefused, Cue, list_cues, read_captions, repaired, to_webvtt

SAMPLES = Path(__file__).parent / "samples"
SRT = "1\n00:00:01,000 --> 00:00:03,330\n各位农民朋友，大家好。\n\n2\n00:00:03,680 --> 00:00:06,998\n这一节讲玉米。\n"
CUES = [Cue(1000, 3330, "各位农民朋友，大家好。"), Cue(3680, 6998, "这一节讲玉米。")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("head", ["", "WEBVTT - 标题\nKind: captions\n\n"])
def test_every_encoding_line_end_and_header_gives_the_same_captions(encoding: str, ends: str, head: str) -> None:
    assert read_captions((head + SRT).replace("\n", ends).encode(encoding)) == CUES


@pytest.mark.parametrize(
    ("name", "cues"),
    [
        (
            "arrow-in-text-and-blank-lines.vtt",
            [
                Cue(1000, 2000, "第一行\n第二行成了孤行"),
                Cue(2000, 3000, "箭头两侧无空格"),
                Cue(3000, 4000, "逗号毫秒"),
            ],
        ),
        ("html-tags.srt", [Cue(1000, 2000, "斜体")]),
        ("mm-ss-no-hours.vtt", [Cue(1000, 4500, "省略小时的时间戳"), Cue(360_000_000, 360_001_000, "三位数小时")]),
    ],
)
def test_awkward_files_are_repaired(name: str, cues: list[Cue]) -> None:
    assert read_captions((SAMPLES / name).read_bytes()) == cues


def test_notes_styles_markup_and_readings_are_no_words() -> None:
    cues = read_captions((SAMPLES / "markup-notes-style-region.vtt").read_bytes())
    assert cues[0].text == "草地贪夜蛾&玉米 <幼虫> 红"
    assert cues[1].text.startswith("竜者竜乡")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "captions.empty", None),
        ("WEBVTT\n", "captions.no_cues", None),
        ("[Script Info]\nTitle: x\n", "captions.not_timed_text", 1),
        ("1\n00:00:01,000 --> 00:00:0x,000\n字\n", "captions.bad_time", 2),
        ("1\n00:99:01,000 --> 00:99:02,000\n字\n", "captions.bad_time", 2),
        ("WEBVTT\n\n00:05.000 --> 00:04.000\n字\n", "captions.ends_before_start", 3),
    ],
)
def test_what_cannot_be_repaired_is_refused_with_its_line(text: str, code: str, line: int | None) -> None:
    with pytest.raises(CaptionsRefused) as refused:
        read_captions(text.encode())
    assert refused.value.code == code
    assert refused.value.params.get("line") == line


def test_an_arrow_in_the_words_stays_harmless() -> None:
    cues = read_captions("00:01.000 --> 00:02.000\n甲 --> 乙 & <丙\n".encode())
    text = to_webvtt(cues)
    assert text.count("-->") == 1
    assert list_cues(text) == [(1000, 2000, "甲 → 乙 & <丙")]


def test_kept_captions_read_back_the_same() -> None:
    assert [Cue(*cue) for cue in list_cues(to_webvtt(CUES))] == CUES


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        (
            "00:01.000 --> 00:03.000\n甲\n\n00:02.000 --> 00:04.000\n乙\n",
            [Cue(1000, 2000, "甲"), Cue(2000, 4000, "乙")],
        ),
        ("00:01.000 --> 00:03.000\n甲\n\n00:01.000 --> 00:02.000\n乙\n", [Cue(1000, 3000, "乙\n甲")]),
        (
            "00:05.000 --> 00:06.000\n后\n\n00:01.000 --> 00:02.000\n先\n",
            [Cue(1000, 2000, "先"), Cue(5000, 6000, "后")],
        ),
        ("-00:00:01,500 --> 00:00:02,000\n早\n", [Cue(0, 2000, "早")]),
        ("-00:00:03,000 --> -00:00:01,000\n太早\n\n00:01.000 --> 00:02.000\n正好\n", [Cue(1000, 2000, "正好")]),
        ("1\n00:00:01:000 --> 00:00:02，500\n冒号\n", [Cue(1000, 2500, "冒号")]),
    ],
)
def test_overlaps_order_early_times_and_odd_marks_are_repaired(text: str, cues: list[Cue]) -> None:
    assert read_captions(text.encode()) == cues


@pytest.mark.parametrize(
    "line",
    ["各位觀眾大家好，今天我們來談談農村的發展與鄉村振興。", "這個節目是為農民朋友製作的，請多多指教。", "謝謝大家！"],
)
def test_big5_is_told_from_gb18030(line: str) -> None:
    text = f"1\n00:00:01,000 --> 00:00:03,000\n{line}\n"
    assert read_captions(text.encode("big5"))[0].text == line
    assert read_captions(text.encode("gb18030"))[0].text == line


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-5000, 20_000), st.integers(-5000, 20_000), st.text("甲乙 <>&-\n", max_size=8))))
def test_whatever_is_repaired_lies_in_order_without_overlap_and_reads_back_the_same(
    lines: list[tuple[int, int, str]],
) -> None:
    cues = repaired(Cue(*line) for line in lines)
    assert all(0 <= one.start_ms < one.end_ms for one in cues)
    assert all(one.end_ms <= other.start_ms for one, other in itertools.pairwise(cues))
    if cues:
        assert read_captions(to_webvtt(cues).encode()) == cues
