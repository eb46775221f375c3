"""Files made to deceive or to exhaust: each is refused with its reason, quickly, and leaves nothing running."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from learnhub.media.actions import check_file
from learnhub.media.messages import WORDS
from learnhub.media.probe import MediaRefused
from tests.media.conftest import ffmpeg, processes_with

LAVFI = ("-f", "lavfi", "-i")


def _many_streams(path: Path) -> None:
    ffmpeg(*LAVFI, "sine=d=1", *(["-map", "0:a"] * 50), "-c:a", "aac", "-b:a", "16k", path)


def _black(size: str, seconds: int, *words: str) -> Callable[[Path], None]:
    return lambda path: ffmpeg(*LAVFI, f"color=black:s={size}:r=1:d={seconds}", *words, path)


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w>" + b" " * (60 << 20))


def _halved(path: Path) -> None:
    ffmpeg(*LAVFI, "testsrc2=s=64x48:d=3", "-c:v", "libx264", "-preset", "ultrafast", path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _holding(text: str | bytes) -> Callable[[Path], None]:
    content = text if isinstance(text, bytes) else text.encode()
    return lambda path: path.write_bytes(content) and None


MJPEG, X264 = ("-c:v", "mjpeg"), ("-c:v", "libx264", "-preset", "ultrafast")
HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "concat.mp4": (_holding("ffconcat version 1.0\nfile /etc/passwd\n"), "media.playlist"),
    "hls.mp4": (_holding("\ufeff\n#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1/x\n"), "media.playlist"),
    "dash.mp4": (_holding('<?xml version="1.0"?><MPD><BaseURL>file:///etc/</BaseURL></MPD>'), "media.playlist"),
    "session.mp4": (_holding("v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"), "media.playlist"),
    "drawing.mp4": (_holding('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), "media.page_disguised"),
    "page.mp4": (_holding("<!DOCTYPE html><html>404</html>"), "media.page_disguised"),
    "program.mp4": (_holding(b"\x7fELF" + bytes(100)), "media.archive"),
    "zeros.mp4": (_holding(bytes(100_000)), "media.unreadable"),
    "noise.mp4": (_holding(bytes((n * 7919) % 251 for n in range(50_000))), "media.unreadable"),
    "empty.mp4": (_holding(b""), "media.empty"),
    "half.mp4": (_halved, "media.cut_off"),
    "streams.mp4": (_many_streams, "media.too_many_streams"),
    "wide.avi": (_black("16384x64", 1, *MJPEG), "media.too_many_pixels"),
    "large.avi": (_black("16384x8640", 1, *MJPEG), "media.too_many_pixels"),
    "instant.mp4": (_black("2x2", 1, *X264, "-frames:v", "1", "-r", "25"), "media.too_short"),
    "ten-hours.mp4": (_black("16x16", 36_000, *X264), "media.too_long"),
    "lossless.mkv": (_black("16x16", 1, "-c:v", "ffv1"), "media.codec_not_allowed"),
    "bomb.docx": (_bomb, "media.document_bomb"),
    "slides.mp4": (lambda path: zipfile.ZipFile(path, "w").close(), "media.unreadable"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    make, reason = HOSTILE[name]
    path = tmp_path / name
    make(path)
    with pytest.raises(MediaRefused) as refused:
        check_file(path, name)
    assert refused.value.code == reason
    assert reason in WORDS
    assert processes_with(path) == []
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_sound_with_a_cover_picture_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "cover.m4a"
    cover = ("-map", "0", "-map", "1", "-frames:v", "1", "-c:v", "mjpeg", "-disposition:v", "attached_pic")
    ffmpeg(*LAVFI, "sine=d=2", *LAVFI, "testsrc=s=64x64:d=1", *cover, "-c:a", "aac", path)
    assert check_file(path, "cover.m4a") == "audio"


def test_the_name_says_nothing(samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "really.txt"
    path.write_bytes((samples / "tiny.mp4").read_bytes())
    assert check_file(path, "really.txt") == "video"
