"""Pure reading: natures of files, byte ranges, playlists, key frames."""

from __future__ import annotations

import pytest

from learnhub.media.playlists import Variant, bit_rates, codec_of, master_playlist
from learnhub.media.probe import FrameCount, read_probe
from learnhub.media.ranges import CannotSatisfy, wanted_range
from learnhub.media.sniff import nature_of
from learnhub.media.stills import KeyFrame, best_second, read_key_frames


@pytest.mark.parametrize(
    ("head", "nature"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n", "pdf"),
        (b"PK\x03\x04rest", "zip"),
        (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "playlist"),
        (b"\xef\xbb\xbf  #EXTM3U\n", "playlist"),
        ("#EXTM3U\n".encode("utf-16"), "playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist"),
        (b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">', "playlist"),
        (b"<!DOCTYPE html><title>404</title>", "page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>', "svg"),
        ("乡村振兴促进法".encode(), "text"),
        ("乡村振兴促进法".encode("gb18030"), "text"),
        (b"\x1f\x8b\x08\x00", "archive"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00", "binary"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01", "binary"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(head: bytes, nature: str) -> None:
    assert nature_of(head) == nature


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-99", (0, 100)),
        ("bytes=900-", (900, 1000)),
        ("bytes=-10", (990, 1000)),
        ("bytes=0-5000", (0, 1000)),
        ("bytes=5-2", None),
        ("bytes=0-1,4-5", None),
        ("bytes=" + ",".join(["0-999"] * 50), None),
        ("items=0-1", None),
        ("bytes=-", None),
    ],
)
def test_a_range_is_one_part_or_the_whole_file(header: str | None, part: tuple[int, int] | None) -> None:
    assert wanted_range(header, 1000) == part


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_outside_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(CannotSatisfy):
        wanted_range(header, 1000)


PLAYLIST = "#EXTINF:4.0,\n#EXT-X-BYTERANGE:1000@800\na\n#EXTINF:2.0,\n#EXT-X-BYTERANGE:2000@1800\na\n#EXT-X-ENDLIST"


def test_bit_rates_are_peak_and_mean_over_segments() -> None:
    assert bit_rates(PLAYLIST) == (8000, 4000)


def test_the_master_names_every_height_with_the_sound_beside_it() -> None:
    sound = Variant("audio", "audio", 50_000, 48_000, "mp4a.40.2")
    low = Variant("240p", "video", 100_000, 80_000, "avc1.640015", 426, 240, 25.0)
    text = master_playlist([low, sound])
    assert "BANDWIDTH=150000,AVERAGE-BANDWIDTH=128000,RESOLUTION=426x240" in text
    assert 'CODECS="avc1.640015,mp4a.40.2",NAME="240p",AUDIO="sound"' in text
    assert 'URI="audio.m3u8"' in text
    assert master_playlist([low]).count("AUDIO") == 0
    assert master_playlist([sound]).splitlines()[-1] == "audio.m3u8"


def test_the_codec_is_read_from_the_file() -> None:
    assert codec_of(b"....avcC\x01\x64\x00\x1f....") == "avc1.64001f"
    assert codec_of(b"....mp4a....") == "mp4a.40.2"
    with pytest.raises(ValueError):
        codec_of(b"....")


def test_frames_are_counted_and_measured_per_stream() -> None:
    count = FrameCount(has_video=True)
    for line in ("#tb 0: 1/25", "#tb 1: 1/1000", "0, 0, 0, 1, 9, 0x1", "1, 0, 0, 23, 9, 0x1", "0, 1, 1, 1, 9, 0x1"):
        count.read(line)
    assert (count.decoded().frames, count.decoded().video_s, count.decoded().audio_s) == (2, 0.08, 0.023)


def test_a_turned_picture_and_oblong_pixels_are_shown_upright_and_square() -> None:
    stream = {"index": 0, "codec_type": "video", "codec_name": "h264", "width": 1280, "height": 720}
    turned = read_probe({"streams": [{**stream, "side_data_list": [{"rotation": -90}]}]}, 1).streams[0]
    assert (turned.width, turned.height) == (720, 1280)
    oblong = read_probe({"streams": [{**stream, "width": 352, "height": 288, "sample_aspect_ratio": "12:11"}]}, 1)
    assert (oblong.streams[0].width, oblong.streams[0].height) == (384, 288)


def test_the_poster_is_neither_dark_nor_empty() -> None:
    frames = [KeyFrame(0, 16, 0), KeyFrame(4, 16, 2), KeyFrame(8, 235, 1), KeyFrame(12, 90, 120), KeyFrame(16, 90, 140)]
    assert best_second(frames) == 12
    assert best_second(frames[:3]) == 4
    assert best_second([]) == 0


def test_key_frames_are_read_from_the_words_of_ffmpeg() -> None:
    lines = ["frame:0    pts:0       pts_time:0", "lavfi.signalstats.YLOW=20", "lavfi.signalstats.YAVG=99.5"]
    lines += ["lavfi.signalstats.YHIGH=220", "frame:1    pts:51200   pts_time:4", "lavfi.signalstats.YAVG=16"]
    assert read_key_frames(lines) == [KeyFrame(0, 99.5, 200), KeyFrame(4, 16, 0)]
