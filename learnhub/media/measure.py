"""What is found out of a recording before anything is made of it: where each stream ends, how loud each sound is.

The picture is not decoded here: that happens once, while it is transcoded, and decides in the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from learnhub.kernel.runner import Bounds, ChildStopped, run
from learnhub.media import commands
from learnhub.media.probe import FrameCount, MediaRefused
from learnhub.media.rules import Decoded, Limits, Probe

_METER = re.compile(r"^\[ebur128@(\S+) @")
_LUFS = re.compile(r"^\s+I:\s+(-?[\d.]+|-inf) LUFS")
_SILENT = ("-inf", "-70.0")  # the lowest that the meter tells

_ONE_PICTURE_S = 0.04  # what a single picture of unknown length counts


@dataclass(frozen=True)
class Sound:
    """One sound as it is: where it ends, in seconds from where the file begins; loudness in LUFS (None: silent)."""

    ends_s: float
    lufs: float | None


@dataclass(frozen=True)
class Measured:
    """A recording read to its end: the picture's packets, the sounds by the number of their stream."""

    video_ends_s: float = 0.0
    packets: int = 0
    sounds: dict[int, Sound] = field(default_factory=dict)
    errors: int = 0
    code: int = 0

    def decoded(self, probe: Probe) -> Decoded:
        """As :func:`rules.judge` wants it, the picture taken as its packets promise."""
        first = self.sounds.get(probe.audio.index if probe.audio else -1)
        lost = first or next(iter(self.sounds.values()), None)
        audio_s, lufs = (lost.ends_s, lost.lufs) if lost else (0.0, None)
        video_s = max(self.video_ends_s, _ONE_PICTURE_S) if self.packets else 0.0
        return Decoded(video_s, audio_s, self.packets, self.errors, self.code, lufs)


def measure_file(
    path: Path,
    probe: Probe,
    limits: Limits,
    *,
    wall_s: float,
    progress: Callable[[float], None] = lambda share: None,
) -> Measured:
    """Reads a file to its end; ``progress`` is told the share. Raises :class:`MediaRefused` when that never ends."""
    count = FrameCount(has_video=probe.video is not None)
    told = _Share(count, probe.duration_s, progress)
    bounds = Bounds(wall_s=wall_s, stall_s=60, cpu_s=int(wall_s * 4), file_bytes=1 << 20)
    try:
        ended = run(commands.measure_command(path, probe, limits), bounds=bounds, on_line=told.read)
    except ChildStopped:
        raise MediaRefused("media.took_too_long") from None
    loudness = read_loudness(ended.errors)
    ends = count.ends_s()
    first = 1 if probe.video else 0
    sounds = {
        sound.index: Sound(ends[at], loudness.get(str(sound.index)))
        for at, sound in enumerate(probe.sounds, first)
        if at in ends
    }
    return Measured(
        video_ends_s=ends.get(0, 0.0) if first else 0.0,
        packets=count.frames(0) if first else 0,
        sounds=sounds,
        errors=complaints(ended.errors),
        code=ended.code,
    )


def complaints(lines: Iterable[str]) -> int:
    """How many lines of ffmpeg's log (with levels) complain about what it read."""
    return sum(1 for line in lines if "[error]" in line or "[fatal]" in line)


def read_loudness(lines: Iterable[str]) -> dict[str, float | None]:
    """The integrated loudness (LUFS) that each ``ebur128@<name>`` tells at its end; None for silence."""
    found: dict[str, float | None] = {}
    name = ""
    for line in lines:
        if meter := _METER.match(line):
            name = meter[1]
        elif (told := _LUFS.match(line)) and name:
            found[name] = None if told[1] in _SILENT else float(told[1])
    return found


class _Share:
    """Hands lines on to the count and tells how far they are, by the length that the file claims."""

    def __init__(self, count: FrameCount, duration_s: float | None, tell: Callable[[float], None]) -> None:
        self._count, self._duration_s, self._tell, self._lines = count, duration_s, tell, 0

    def read(self, line: str) -> None:
        """Takes one line."""
        self._count.read(line)
        self._lines += 1
        if self._lines % 100 == 0:
            at_s = max(self._count.ends_s().values(), default=0.0)
            self._tell(min(1.0, at_s / self._duration_s) if self._duration_s else 0.0)
