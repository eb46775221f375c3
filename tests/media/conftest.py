"""Small recordings made by ffmpeg once per test process, and one of them prepared once."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from learnhub.media.facts import Facts
from learnhub.media.rules import Limits
from learnhub.media.transcode import prepare_recording

SPEECHLIKE = "sine=frequency=220:sample_rate=44100,volume=0.5,tremolo=f=4"


def ffmpeg(*words: str | Path) -> None:
    """Runs ffmpeg with these words; fails the test when it fails."""
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words)], check=True, timeout=60)


def processes_with(text: str | Path) -> list[int]:
    """The ids of running processes whose command line or working folder contains ``text``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                told = (entry / "cmdline").read_bytes().decode("utf-8", "replace") + os.readlink(entry / "cwd")
            except OSError:
                continue
            if str(text) in told:
                found.append(int(entry.name))
    return found


def shown(path: Path, *words: str) -> dict[str, object]:
    """ffprobe's JSON about a file."""
    segments = ("-allowed_extensions", "ALL") if path.suffix == ".m3u8" else ()
    command = ["ffprobe", "-v", "error", *segments, *words, "-of", "json", str(path)]
    told = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    answer: dict[str, object] = json.loads(told)
    return answer


def key_times(path: Path) -> list[float]:
    """The seconds of the key frames of a rendition."""
    told = shown(path, "-skip_frame", "nokey", "-show_entries", "frame=best_effort_timestamp_time")
    return [float(frame["best_effort_timestamp_time"]) for frame in told["frames"]]  # type: ignore[attr-defined]


def loudness(path: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP."""
    command = [
        "ffmpeg",
        "-nostdin",
        "-hide_banner",
        "-i",
        str(path),
        "-af",
        "ebur128=framelog=verbose:peak=true",
        "-f",
        "null",
        "-",
    ]
    told = subprocess.run(command, check=True, capture_output=True, timeout=60).stderr.decode()
    peak = re.findall(r"Peak:\s+(-?[\d.]+|-inf) dBFS", told)[-1]
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1]), float(peak)


@dataclass(frozen=True)
class Made:
    """A prepared recording: its folder and what is in it; ``shares`` is the progress that was told."""

    folder: Path
    facts: Facts
    shares: list[float]


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``clip.mp4`` (10 s, 640×360, quiet sound) and ``tiny.mp4``, ``tiny.m4a`` of one second."""
    folder = tmp_path_factory.mktemp("samples")
    picture = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i", SPEECHLIKE)
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
    ffmpeg(*picture, "-t", "10", *coded, "-movflags", "+faststart", folder / "clip.mp4")
    ffmpeg("-i", folder / "clip.mp4", "-t", "1", "-vf", "scale=64:48,setsar=1", *coded, folder / "tiny.mp4")
    ffmpeg("-i", folder / "clip.mp4", "-t", "1", "-vn", "-c:a", "copy", folder / "tiny.m4a")
    return folder


@pytest.fixture(scope="session")
def made(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """``clip.mp4`` prepared."""
    folder = tmp_path_factory.mktemp("made")
    shares: list[float] = []
    facts = prepare_recording(samples / "clip.mp4", Limits(), folder, progress=shares.append)
    return Made(folder, facts, shares)
