"""What ffmpeg makes, measured on the result."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest

from learnhub.media import waveforms
from learnhub.media.probe import MediaRefused, check_media
from learnhub.media.rules import Limits
from learnhub.media.transcode import PreparingFailed, prepare_recording
from tests.media.conftest import Made, ffmpeg, key_times, loudness, shown

LIMITS = Limits()
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def test_a_lecture_of_360_lines_gets_three_heights_sound_poster_and_thumbnail(made: Made) -> None:
    assert [variant.name for variant in made.facts.variants] == ["180p", "240p", "360p", "audio"]
    names = {path.name for path in made.folder.iterdir()}
    lists = {f"{name}.{end}" for name in ("180p", "240p", "360p", "audio") for end in ("m3u8", "m4s")}
    assert names == lists | {
        "master.m3u8", "poster.jpg", "thumb.jpg", "storyboard.vtt", "storyboard-1.jpg", "waveform.json",
    }  # fmt: skip
    thumb = shown(made.folder / "thumb.jpg", "-show_entries", "stream=width,height")["streams"][0]  # type: ignore[index]
    assert (thumb["width"], thumb["height"]) == (320, 180)
    assert made.shares == sorted(made.shares)
    assert made.shares[-1] == 1.0
    assert len(made.shares) > 3


def test_the_master_playlist_opens_with_all_heights(made: Made) -> None:
    told = shown(made.folder / "master.m3u8", "-show_entries", "stream=codec_name,height:format=duration")
    heights = {stream["height"] for stream in told["streams"] if "height" in stream}  # type: ignore[attr-defined]
    assert heights == {180, 240, 360}
    assert abs(float(told["format"]["duration"]) - 10) < 0.1  # type: ignore[index,call-overload]


def test_key_frames_stand_at_the_same_times_in_every_height(made: Made) -> None:
    lowest = key_times(made.folder / "180p.m4s")
    assert lowest == key_times(made.folder / "240p.m4s") == key_times(made.folder / "360p.m4s")
    assert [round(at - lowest[0], 3) for at in lowest] == [0, 4, 8]


@pytest.mark.parametrize("name", ["180p", "360p", "audio"])
def test_picture_and_sound_begin_at_exactly_zero(made: Made, name: str) -> None:
    raw = (made.folder / f"{name}.m4s").read_bytes()
    assert b"elst" not in raw, "an edit list shifts what players show"
    at = raw.index(b"tfdt")
    assert struct.unpack(">Q", raw[at + 8 : at + 16])[0] == 0
    run = raw.index(b"trun")
    flags = int.from_bytes(raw[run + 5 : run + 8], "big")
    if flags & 0x800:  # composition offsets: the first picture's must be none
        first = run + 12 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
        size = sum(4 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
        assert raw[first + size - 4 : first + size] == b"\0\0\0\0"


def test_playlists_name_their_files_relatively(made: Made) -> None:
    for path in made.folder.glob("*.m3u8"):
        assert ":" not in "".join(line for line in path.read_text().splitlines() if not line.startswith("#")), path.name


def test_the_sound_comes_to_the_target_loudness_under_the_true_peak(made: Made) -> None:
    lufs, peak = loudness(made.folder / "audio.m4s")
    assert abs(lufs + 18) <= 1
    assert peak <= -1
    assert made.facts.outcome_lufs is not None and abs(made.facts.outcome_lufs - lufs) < 0.3


def test_what_a_limiter_takes_away_is_given_back(tmp_path: Path) -> None:
    """Short loud clicks over a quiet hum: the limiter eats the gain that the first measuring asked for."""
    clicks = "aevalsrc='0.02*sin(1382*t)+0.95*lt(mod(t,0.2),0.001)*sin(6000*t)':s=48000:d=6"
    ffmpeg("-f", "lavfi", "-i", clicks, tmp_path / "clicks.wav")
    (tmp_path / "out").mkdir()
    facts = prepare_recording(tmp_path / "clicks.wav", LIMITS, tmp_path / "out")
    lufs, peak = loudness(tmp_path / "out" / "audio.m4s")
    assert facts.lufs is not None and facts.gain_db > -18 - facts.lufs + 0.5, "no second gain was needed: a poor test"
    assert abs(lufs + 18) <= 1
    assert peak <= -1


def test_the_waveform_shows_where_somebody_speaks(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "aevalsrc='0.5*sin(880*t)*between(t,1,2)':s=16000:d=3", tmp_path / "word.wav")
    (tmp_path / "out").mkdir()
    prepare_recording(tmp_path / "word.wav", LIMITS, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "waveform.json").read_text())
    assert told["per_second"] == waveforms.PER_SECOND == 20
    assert len(told["peaks"]) == 60
    assert max(told["peaks"][:19] + told["peaks"][41:]) <= 2
    assert min(told["peaks"][21:39]) > 10


def test_the_storyboard_leads_to_a_part_of_a_sheet_for_every_moment(made: Made) -> None:
    text = (made.folder / "storyboard.vtt").read_text()
    cues = re.findall(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)", text)
    assert [cue[0] for cue in cues] == ["00:00:00.000", "00:00:04.000", "00:00:08.000"]
    assert cues[-1][1].startswith("00:00:10.")
    sheet = shown(made.folder / "storyboard-1.jpg", "-show_entries", "stream=width,height")["streams"][0]  # type: ignore[index]
    for _begins, _ends, name, left, top, width, height in cues:
        assert name == "storyboard-1.jpg"
        assert int(left) + int(width) <= sheet["width"] and int(top) + int(height) <= sheet["height"]


def test_a_full_disk_is_the_machine_s_failure_and_refuses_no_file(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "240p.m4s").symlink_to("/dev/full")
    with pytest.raises(PreparingFailed):
        prepare_recording(samples / "clip.mp4", LIMITS, tmp_path)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "media.empty"),
        ("这是一个文本文件，不是视频。\n".encode() * 20, "media.text_disguised"),
        (b"#EXTM3U\n#EXTINF:10.0,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n", "media.playlist"),
        (b"\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom", "media.cut_off"),
        (b"<!doctype html><title>404</title>", "media.page_disguised"),
        (bytes(range(128, 256)) * 40, "media.unreadable"),
    ],
)
def test_a_film_that_is_none_is_refused_with_its_reason(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaRefused) as refused:
        check_media(path, LIMITS, wall_s=30)
    assert refused.value.code == code


def test_a_playlist_behind_other_bytes_still_opens_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ts"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25", "-t", "1", *X264, "-f", "mpegts", secret)
    path = tmp_path / "lesson.mp4"
    path.write_bytes(f"\x01#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode())
    with pytest.raises(MediaRefused):
        check_media(path, LIMITS, wall_s=30)


def test_a_film_cut_off_in_the_middle_is_refused_by_its_decoded_length(samples: Path, tmp_path: Path) -> None:
    whole = (samples / "clip.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) * 6 // 10])
    with pytest.raises(MediaRefused) as refused:
        check_media(path, LIMITS, wall_s=30)
    assert refused.value.code == "media.truncated"
    assert refused.value.params["got"] < 8 < refused.value.params["told"]
