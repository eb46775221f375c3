"""Small recordings made by ffmpeg once per test process, and one of them prepared once."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from learnhub.media.playlists import Variant
from learnhub.media.probe import check_media
from learnhub.media.rules import Limits
from learnhub.media.transcode import make_ladder, plan_for

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


@dataclass(frozen=True)
class Made:
    """A prepared recording: its folder and what is in it; ``shares`` is the progress that was told."""

    folder: Path
    variants: list[Variant]
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
    probe, decoded, _accepted = check_media(samples / "clip.mp4", Limits(), wall_s=60)
    shares: list[float] = []
    variants = make_ladder(samples / "clip.mp4", plan_for(probe, decoded), Limits(), folder, shares.append)
    return Made(folder, variants, shares)
