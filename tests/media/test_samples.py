"""Every larger real file has an expected outcome: playable with these properties, or refused with this reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from learnhub.media.probe import MediaRefused, check_media
from learnhub.media.rules import Limits
from learnhub.media.transcode import prepare_recording
from tests.media.conftest import processes_with
from tests.selection import shared_data_folder

FOLDER = shared_data_folder() / "media"
SOUND = ["audio"]
LOW = ["240p", "audio"]
SILENT = ["240p"]
THREE = ["180p", "240p", "360p", "audio"]

OUTCOMES: dict[str, list[str] | str] = {
    "awkward/-starts-with-dash.mp4": "media.too_short",
    "awkward/1fps.mp4": LOW,
    "awkward/UPPER.MP4": "media.too_short",
    "awkward/audio-ends-at-6s-of-10s.mp4": LOW,
    "awkward/audio-only-named.mp4": SOUND,
    "awkward/audio-only.m4a": SOUND,
    "awkward/fragmented.mp4": LOW,
    "awkward/h264-yuv444-odd-427x241.mp4": LOW,
    "awkward/he-aac-v2.aac": SOUND,
    "awkward/lecture-10s.mp3": SOUND,
    "awkward/moov-at-end.mp4": LOW,
    "awkward/no-audio.mp4": SILENT,
    "awkward/one-audio-frame.m4a": "media.too_short",
    "awkward/portrait-240x426.mp4": LOW,
    "awkward/silent-audio-track.mp4": LOW,
    "awkward/vbr-audio-needs-full-parse.mp4": SOUND,
    "awkward/vfr.mp4": LOW,
    "awkward/第1课 乡村振兴（上）·副本 (2).mp4": SILENT,
    "broken/ftyp-only.mp4": "media.cut_off",
    "broken/gzip-renamed.mp4": "media.archive",
    "broken/hls-playlist-renamed.mp4": "media.playlist",
    "broken/html-renamed.mp4": "media.page_disguised",
    "broken/mp4parse-bipbop_audioinit.mp4": "media.damaged",
    "broken/mp4parse-hevc_white_frame.mp4": "media.too_short",
    "broken/mp4parse-invalid_userdata.mp4": "media.damaged",
    "broken/mp4parse-minimal.mp4": "media.too_short",
    "broken/mp4parse-tiny_av1.mp4": "media.too_short",
    "broken/mp4parse-video_rotation_90.mp4": "media.too_short",
    "broken/mp4parse-zero_empty_stsc.mp4": "media.damaged",
    "broken/text-renamed.mp4": "media.text_disguised",
    "broken/tiny-AudioVideoInterleave.avi": "media.damaged",
    "broken/tiny-FlashVideo.flv": "media.unreadable",
    "broken/tiny-WindowsMediaVideo.wmv": "media.damaged",
    "broken/tiny-mp4-with-audio.mp4": "media.too_short",
    "broken/tiny-webm.webm": "media.too_short",
    "broken/truncated-faststart-60pct.mp4": "media.truncated",
    "broken/truncated-no-moov.mp4": "media.cut_off",
    "broken/zero-length.mp4": "media.empty",
    "lecture-agri-60s.mp4": ["240p", "360p", "480p", "720p", "audio"],
    "lecture-law-60s.mp4": ["240p", "360p", "480p", "audio"],
    "lecture-long-10min.mp4": THREE,
    "legacy/lecture-10s-vcd.mpg": LOW,
    "legacy/lecture-10s-xvid.avi": LOW,
    "legacy/lecture-10s.flv": LOW,
    "legacy/lecture-10s.ts": LOW,
    "legacy/lecture-10s.wmv": LOW,
    "modern/av1-noaudio.mkv": ["180p", "240p", "360p"],
    "modern/h264-10bit-hi10p.mp4": ["200p"],
    "modern/hevc-noaudio.mp4": ["128p"],
    "modern/lecture-10s-embedded-subs.mkv": LOW,
    "modern/lecture-10s-hevc.mp4": LOW,
    "modern/lecture-10s-vp9-opus.webm": LOW,
    "real/bbb-720p-h264-aac51.mp4": ["240p", "360p", "480p", "720p", "audio"],
    "real/flower-h264.mp4": ["240p", "360p", "480p", "audio"],
    "real/stream-of-water-audioless.webm": THREE,
    "real/stream-of-water.mp4": THREE,
    "real/stream-of-water.webm": THREE,
}
REFUSED = {name: code for name, code in OUTCOMES.items() if isinstance(code, str)}
PLAYABLE = {name: names for name, names in OUTCOMES.items() if not isinstance(names, str)}
LIMITS = Limits()


@pytest.mark.shared_data
def test_every_file_has_an_expected_outcome() -> None:
    present = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*")} - {"ffprobe.tsv"}
    assert present == set(OUTCOMES)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_lecture_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(MediaRefused) as refused:
        check_media(FOLDER / name, LIMITS, wall_s=60)
    assert refused.value.code == REFUSED[name]
    assert processes_with(FOLDER / name) == []


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_same_reason_when_it_is_first_looked_at_while_transcoding(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(MediaRefused) as refused:
        prepare_recording(FOLDER / name, LIMITS, tmp_path)
    assert refused.value.code == REFUSED[name]
    assert processes_with(FOLDER / name) == []


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.parametrize("name", PLAYABLE)
def test_a_playable_file_becomes_the_renditions_expected(name: str, tmp_path: Path) -> None:
    facts = prepare_recording(FOLDER / name, LIMITS, tmp_path)
    assert [variant.name for variant in facts.variants] == PLAYABLE[name]
    assert (tmp_path / "poster.jpg").exists() == (facts.kind == "video")
    assert (tmp_path / "storyboard.vtt").exists() == (facts.kind == "video")
    assert facts.outcome_lufs is None or abs(facts.outcome_lufs + 18) <= 1
    assert not list(tmp_path.glob("*.u8")) and not (tmp_path / "frames.txt").exists()
    assert processes_with(tmp_path) == []
