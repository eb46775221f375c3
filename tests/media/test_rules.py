"""What is accepted and what is refused, as a table; the ladder's arithmetic."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from learnhub.media.ladder import frame_rate_for, gain_db_for, heights_for, rungs_for
from learnhub.media.rules import Accepted, Decoded, Limits, Probe, Refused, Stream, judge, judge_nature

VIDEO = Stream(0, "video", "h264", 1280, 720, 1280 * 720, Fraction(25), Fraction(25), duration_s=60.0)
AUDIO = Stream(1, "audio", "aac", channels=1, duration_s=60.0)
GOOD = Probe(frozenset({"mov", "mp4"}), 1_000_000, 60.0, (VIDEO, AUDIO))
DECODED = Decoded(video_s=60.0, audio_s=60.0, frames=1500, lufs=-20.0)
LIMITS = Limits()


def with_video(**changes: object) -> Probe:
    return replace(GOOD, streams=(replace(VIDEO, **changes), AUDIO))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("probe", "decoded", "code"),
    [
        (replace(GOOD, size=9 << 30), None, "media.too_large"),
        (replace(GOOD, formats=frozenset({"hls"})), None, "media.format_not_allowed"),
        (replace(GOOD, formats=frozenset({"concat"})), None, "media.format_not_allowed"),
        (replace(GOOD, streams=(AUDIO,) * 25), None, "media.too_many_streams"),
        (replace(GOOD, duration_s=7 * 3600.0), None, "media.too_long"),
        (replace(GOOD, streams=()), None, "media.no_streams"),
        (replace(GOOD, streams=(Stream(0, "data", "bin_data"),)), None, "media.no_streams"),
        (with_video(codec="gif"), None, "media.codec_not_allowed"),
        (replace(GOOD, streams=(VIDEO, replace(AUDIO, codec="dsd_lsbf"))), None, "media.codec_not_allowed"),
        (with_video(pixels=20_000 * 20_000), None, "media.too_many_pixels"),
        (with_video(width=4000, height=16, pixels=64_000), None, "media.too_many_pixels"),
        (with_video(average_rate=Fraction(1000)), None, "media.rate_too_high"),
        (with_video(width=0, height=0, pixels=0), None, "media.damaged"),
        (GOOD, replace(DECODED, video_s=30.0, audio_s=30.0), "media.truncated"),
        (GOOD, replace(DECODED, video_s=30.0), "media.truncated"),
        (GOOD, replace(DECODED, frames=0), "media.damaged"),
        (GOOD, Decoded(), "media.damaged"),
        (GOOD, replace(DECODED, errors=31), "media.damaged"),
        (GOOD, replace(DECODED, code=1), "media.damaged"),
        (
            Probe(frozenset({"wav"}), 900, 0.02, (replace(AUDIO, duration_s=0.02),)),
            Decoded(audio_s=0.02),
            "media.too_short",
        ),
        (
            replace(GOOD, duration_s=None, streams=(replace(VIDEO, duration_s=None),)),
            replace(DECODED, video_s=22_000.0),
            "media.too_long",
        ),
    ],
)
def test_what_cannot_become_a_lecture_is_refused_by_code(probe: Probe, decoded: Decoded | None, code: str) -> None:
    verdict = judge(probe, decoded, LIMITS)
    assert isinstance(verdict, Refused)
    assert verdict.code == code


@pytest.mark.parametrize(
    ("probe", "decoded", "kind"),
    [
        (GOOD, None, "video"),
        (GOOD, DECODED, "video"),
        (GOOD, replace(DECODED, video_s=59.2, errors=20), "video"),
        (replace(GOOD, streams=(AUDIO,)), replace(DECODED, video_s=0, frames=0), "audio"),
        (replace(GOOD, streams=(replace(VIDEO, codec="mjpeg", is_cover=True), AUDIO)), None, "audio"),
        # Captions that last longer stretch the container's length, not the picture's.
        (replace(GOOD, duration_s=90.0, streams=(replace(VIDEO, duration_s=None), AUDIO)), DECODED, "video"),
    ],
)
def test_what_can_is_accepted(probe: Probe, decoded: Decoded | None, kind: str) -> None:
    assert judge(probe, decoded, LIMITS) == Accepted(kind)


@pytest.mark.parametrize(
    ("nature", "code"),
    [("empty", "media.empty"), ("text", "media.text_disguised"), ("playlist", "media.playlist"), ("binary", None)],
)
def test_the_first_bytes_alone_refuse_some(nature: str, code: str | None) -> None:
    refused = judge_nature(nature)
    assert (refused.code if refused else None) == code


@pytest.mark.parametrize("side", range(360, 2200, 60))
def test_a_source_of_360_lines_or_more_has_at_least_three_heights_and_none_above_it(side: int) -> None:
    heights = heights_for(side)
    assert len(heights) >= 3
    assert max(heights) <= side
    assert heights == sorted(heights)


def test_rungs_keep_the_shape_with_even_sides() -> None:
    assert [(rung.name, rung.width, rung.height) for rung in rungs_for(1280, 720)] == [
        ("240p", 426, 240),
        ("360p", 640, 360),
        ("480p", 854, 480),
        ("720p", 1280, 720),
    ]
    assert [(rung.width, rung.height) for rung in rungs_for(720, 1280)][0] == (240, 426)
    assert [(rung.width, rung.height) for rung in rungs_for(427, 241)] == [(426, 240)]
    assert [(rung.width, rung.height) for rung in rungs_for(99, 77)] == [(98, 76)]


@pytest.mark.parametrize(
    ("nominal", "average", "rate"),
    [(25, 25, 25), (50, 50, 25), (60, 60, 30), (120, 24, 30), (1000, 24, 24), (0, 0, 25), (1, 1, 1), (48, 48, 24)],
)
def test_rates_become_constant_and_at_most_thirty(nominal: int, average: int, rate: int) -> None:
    assert frame_rate_for(Fraction(nominal), Fraction(average)) == rate


def test_film_rates_stay_exact() -> None:
    assert frame_rate_for(Fraction(60000, 1001), Fraction(60000, 1001)) == Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("measured", "gain"), [(-18.0, 0), (-23.5, 5.5), (-9.0, -9), (-70.0, 0), (None, 0), (-55.0, 24)]
)
def test_gain_reaches_the_target_and_leaves_silence_alone(measured: float | None, gain: float) -> None:
    assert gain_db_for(measured) == gain
