"""Difficult sources, each made by ffmpeg and prepared once: what ffprobe finds in the playlists made of them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from learnhub.media.facts import Facts
from learnhub.media.rules import Limits
from learnhub.media.transcode import prepare_recording
from tests.media.conftest import SPEECHLIKE, ffmpeg, loudness, processes_with, shown

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac")


def picture(size: str, rate: int = 25) -> tuple[str, ...]:
    """The input of a moving test picture."""
    return ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}")


def sound(words: str = SPEECHLIKE) -> tuple[str, ...]:
    """The input of something that is as loud as speech here and there."""
    return ("-f", "lavfi", "-i", words)


@dataclass(frozen=True)
class Case:
    """How a source is made and what must come of it; sizes are of the highest rendition, times in seconds."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    seconds: float
    size: tuple[int, int] = (0, 0)
    file: str = "source.mp4"
    rate: str = "25/1"
    channels: int = 1
    languages: tuple[str, ...] = ("",)
    then: tuple[str, ...] = ()


LOW = ("240p", "audio")
CASES = {
    "variable frame rate": Case(
        (*picture("320x240"), *sound(), "-t", "4", "-vf", "select='not(mod(n,3))+lt(n,25)'", "-vsync", "vfr", *X264, *AAC),
        LOW, 4, (320, 240), "source.mkv",
    ),
    "turned by its container": Case(
        (*picture("320x240"), *sound(), "-t", "2", *X264, *AAC), LOW, 2, (240, 320),
        then=("-c", "copy", "-metadata:s:v", "rotate=90"),
    ),
    "portrait": Case((*picture("240x426"), *sound(), "-t", "2", *X264, *AAC), LOW, 2, (240, 426)),
    "odd size, 4:4:4": Case(
        (*picture("427x241"), *sound(), "-t", "2", *X264[:4], "-pix_fmt", "yuv444p", *AAC), LOW, 2, (426, 240)
    ),
    "no sound": Case((*picture("320x240"), "-t", "2", *X264), ("240p",), 2, (320, 240), languages=()),
    "sound alone": Case((*sound(), "-t", "3", *AAC), ("audio",), 3, file="source.m4a"),
    "two languages": Case(
        (
            *picture("320x240"), *sound(), *sound("sine=frequency=300,volume=0.1"), "-t", "3",
            *("-map", "0", "-map", "1", "-map", "2", "-disposition:a:1", "default", "-disposition:a:0", "0"),
            *("-metadata:s:a:0", "language=iii", "-metadata:s:a:1", "language=chi"), *X264, *AAC,
        ),
        (*LOW, "audio-2"), 3, (320, 240), "source.mkv", languages=("zh-CN", "ii"),
    ),
    "5.1": Case(
        (*picture("320x240"), *sound(), "-t", "2", "-filter:a", "pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0", *X264, *AAC),
        LOW, 2, (320, 240), channels=2,
    ),
    "interlaced": Case(
        (
            *picture("352x288", 50), *sound(), "-t", "2", "-vf", "tinterlace=interleave_top,setsar=12/11",
            *("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-b:v", "3M", "-c:a", "mp2"),
        ),
        LOW, 2, (320, 240), "source.ts",
    ),
    "picture that begins late": Case(
        ("-itsoffset", "1", *picture("320x240"), *sound(), "-t", "3", *X264, *AAC), LOW, 3, (320, 240), "source.mkv"
    ),
    "unknown duration": Case(
        (*picture("320x240"), *sound(), "-t", "3", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8",
         *("-c:a", "libopus", "-f", "webm", "pipe:1")),
        LOW, 3, (320, 240), "source.webm",
    ),
    "sound that ends early": Case(
        (*picture("320x240"), "-f", "lavfi", "-t", "1", "-i", SPEECHLIKE, "-t", "3", *X264, *AAC), LOW, 3, (320, 240)
    ),
    "picture that ends early": Case(
        ("-f", "lavfi", "-t", "1", "-i", "testsrc2=size=320x240:rate=25", *sound(), "-t", "3", *X264, *AAC),
        LOW, 3, (320, 240), "source.mkv",
    ),
    "720 lines": Case(
        (*picture("1280x720", 50), *sound(), "-t", "2", *X264, *AAC), ("240p", "360p", "480p", "720p", "audio"), 2, (1280, 720)
    ),
    "tiny": Case((*picture("132x100", 12), *sound(), "-t", "2", *X264, *AAC), ("100p", "audio"), 2, (132, 100), rate="12/1"),
}  # fmt: skip


@dataclass(frozen=True)
class Ready:
    """A prepared source."""

    case: Case
    folder: Path
    facts: Facts


@pytest.fixture(scope="module", params=CASES)
def ready(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ready:
    """Each source in turn, made and prepared once for all tests of this file."""
    case = CASES[request.param]
    folder = tmp_path_factory.mktemp("difficult")
    source = folder / case.file
    if "pipe:1" in case.words:
        with source.open("wb") as out:  # a stream that cannot go back to write its length
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *case.words], stdout=out, check=True, timeout=60)
    else:
        ffmpeg(*case.words, source)
    if case.then:
        first = source.rename(folder / "first.mp4")
        ffmpeg("-i", first, *case.then, source)
    (folder / "out").mkdir()
    facts = prepare_recording(source, Limits(), folder / "out", preset="ultrafast")
    return Ready(case, folder / "out", facts)


def heights(ready: Ready) -> list[str]:
    """The names of the pictures made."""
    return [name for name in ready.case.names if name.endswith("p")]


def test_it_becomes_the_renditions_expected_and_leaves_nothing_beside(ready: Ready) -> None:
    assert tuple(one.name for one in ready.facts.variants) == ready.case.names
    assert tuple(one.language for one in ready.facts.variants if one.kind == "audio") == ready.case.languages
    assert abs(ready.facts.duration_ms / 1000 - ready.case.seconds) < 0.15
    assert {path.suffix for path in ready.folder.iterdir()} <= {".m3u8", ".m4s", ".jpg", ".vtt", ".json"}
    assert processes_with(ready.folder) == []


def test_the_master_playlist_opens_with_all_of_them(ready: Ready) -> None:
    entries = "stream=codec_type,codec_name,width,height,channels,r_frame_rate:format=duration"
    told = shown(ready.folder / "master.m3u8", "-show_entries", entries)
    streams: list[dict[str, object]] = told["streams"]  # type: ignore[assignment]
    pictures = [one for one in streams if one["codec_type"] == "video"]
    assert {one["codec_name"] for one in streams} <= {"h264", "aac"}
    assert len(pictures) == len(heights(ready))
    if pictures:
        largest = max(pictures, key=lambda one: int(str(one["width"])))
        assert (largest["width"], largest["height"]) == ready.case.size
        assert {one["r_frame_rate"] for one in pictures} == {ready.case.rate}
    assert all(one["channels"] == ready.case.channels for one in streams if one["codec_type"] == "audio")
    assert abs(float(told["format"]["duration"]) - ready.case.seconds) < 0.15  # type: ignore[index,call-overload]


def test_every_rendition_begins_at_zero_and_has_key_frames_and_segments_where_the_others_have(ready: Ready) -> None:
    seen = []
    for name in heights(ready):
        told = shown(ready.folder / f"{name}.m4s", "-show_entries", "packet=pts_time,duration_time,flags")
        packets: list[dict[str, str]] = told["packets"]  # type: ignore[assignment]
        assert len({packet["duration_time"] for packet in packets}) == 1, "a constant rate"
        times = sorted(float(packet["pts_time"]) for packet in packets)
        assert times[0] == 0
        lines = (ready.folder / f"{name}.m3u8").read_text().splitlines()
        segments = [line for line in lines if line.startswith("#EXTINF")]
        seen.append(([packet["pts_time"] for packet in packets if "K" in packet["flags"]], segments, len(times)))
    assert all(one == seen[0] for one in seen)


def test_every_sound_comes_to_the_target_loudness_under_the_true_peak(ready: Ready) -> None:
    for one in ready.facts.variants:
        if one.kind == "audio":
            lufs, peak = loudness(ready.folder / f"{one.name}.m4s")
            assert abs(lufs + 18) <= 1, one.name
            assert peak <= -1, one.name
