"""What a file holds: ffprobe's answer, and a full decode that decides (a probe that exits 0 proves nothing)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from learnhub.kernel.errors import Invalid
from learnhub.kernel.runner import Bounds, ChildStopped, run
from learnhub.media import commands, sniff
from learnhub.media.rules import Accepted, Decoded, Limits, Probe, Refused, Stream, judge, judge_nature

_LUFS = re.compile(r"\bI:\s+(-?[\d.]+|-inf) LUFS")
_CLOCK = re.compile(r"^(\d+):(\d\d):(\d\d(?:\.\d+)?)$")
_NO_TIME = -(1 << 62)  # ffmpeg's mark for a frame without a time is the lowest number of 64 bits
_PROBE_BOUNDS = Bounds(wall_s=30, stall_s=30, cpu_s=20, memory_bytes=2 << 30, file_bytes=1 << 20)


class MediaRefused(Invalid):
    """A file that cannot become a lecture; the code's words say why and what to do."""


def probe_file(path: Path, limits: Limits) -> Probe:
    """Asks ffprobe; raises :class:`MediaRefused` for what it cannot read."""
    with path.open("rb") as opened:
        head = opened.read(sniff.HEAD_BYTES)
    refuse_if(judge_nature(sniff.nature_of(head)))
    lines: list[str] = []
    try:
        ended = run(commands.probe_command(path, limits), bounds=_PROBE_BOUNDS, on_line=lines.append)
    except ChildStopped:
        raise MediaRefused("media.took_too_long") from None
    if ended.code != 0:
        refuse_if(_why_unreadable(ended.errors, head))
    return read_probe(json.loads("\n".join(lines)), path.stat().st_size)


def check_media(path: Path, limits: Limits, *, wall_s: float) -> tuple[Probe, Decoded, Accepted]:
    """Probes and decodes a file entirely; raises :class:`MediaRefused`. ``wall_s``: the longest it may take."""
    probe = probe_file(path, limits)
    accepted(judge(probe, None, limits))
    decoded = decode_file(path, probe, limits, wall_s=wall_s)
    return probe, decoded, accepted(judge(probe, decoded, limits))


def decode_file(path: Path, probe: Probe, limits: Limits, *, wall_s: float) -> Decoded:
    """Decodes the first picture and sound to the end and measures them; raises :class:`MediaRefused` when it hangs."""
    count = FrameCount(has_video=probe.video is not None)
    bounds = Bounds(wall_s=wall_s, stall_s=60, cpu_s=int(wall_s * 4), file_bytes=1 << 20)
    try:
        ended = run(commands.decode_command(path, probe, limits), bounds=bounds, on_line=count.read)
    except ChildStopped:
        raise MediaRefused("media.took_too_long") from None
    complaints = [line for line in ended.errors if "[error]" in line or "[fatal]" in line]
    found = [match.group(1) for line in ended.errors if (match := _LUFS.search(line))]
    lufs = None if not found or found[-1] == "-inf" else float(found[-1])
    return replace(count.decoded(), errors=len(complaints), code=ended.code, lufs=lufs)


def refuse_if(refused: Refused | None) -> None:
    """Raises the refusal, if there is one."""
    if refused is not None:
        raise MediaRefused(refused.code, **refused.params)


def accepted(verdict: Accepted | Refused) -> Accepted:
    """The verdict when it is good; raises :class:`MediaRefused` when it is not."""
    if isinstance(verdict, Refused):
        raise MediaRefused(verdict.code, **verdict.params)
    return verdict


class FrameCount:
    """Reads framecrc lines (``stream, dts, pts, duration, size, sum``) and keeps where each stream ends."""

    def __init__(self, *, has_video: bool) -> None:
        self._bases: dict[int, Fraction] = {}
        self._ends: dict[int, Fraction] = {}
        self._steps: dict[int, Fraction] = {}
        self._last: dict[int, Fraction] = {}
        self._frames: dict[int, int] = {}
        self._video = 0 if has_video else -1

    def read(self, line: str) -> None:
        """Takes one line."""
        if line.startswith("#tb "):
            index, base = line[4:].split(":")
            self._bases[int(index)] = Fraction(base.strip())
        elif line and line[0].isdigit():
            words = line.split(",")
            index, dts, pts, length = (int(word) for word in words[:4])
            pts = dts if pts < _NO_TIME else pts
            at = pts * self._bases[index]
            # A frame's own duration is often unknown: the usual step stands in for it.
            step = length * self._bases[index] or at - self._last.get(index, at) or self._steps.get(index, Fraction(0))
            self._last[index], self._steps[index] = at, step
            self._ends[index] = max(self._ends.get(index, at), at + step)
            self._frames[index] = self._frames.get(index, 0) + 1

    def ends_s(self) -> dict[int, float]:
        """Where each stream ends, in seconds from where the file begins."""
        return {index: float(end) for index, end in self._ends.items()}

    def frames(self, index: int) -> int:
        """How many frames or packets of a stream were seen."""
        return self._frames.get(index, 0)

    def decoded(self) -> Decoded:
        """Where picture and sound end: a stream that begins late claims the time before it as well, in some formats."""
        ends = self.ends_s()
        sound = next((seconds for index, seconds in ends.items() if index != self._video), 0.0)
        return Decoded(video_s=ends.get(self._video, 0.0), audio_s=sound, frames=self._frames.get(self._video, 0))


def read_probe(told: dict[str, Any], size: int) -> Probe:
    """ffprobe's JSON as a :class:`Probe`."""
    shape = told.get("format", {})
    return Probe(
        formats=frozenset(shape.get("format_name", "").split(",")),
        size=size,
        duration_s=_seconds(shape.get("duration")),
        streams=tuple(_stream(one) for one in told.get("streams", [])),
    )


def _stream(told: dict[str, Any]) -> Stream:
    tags, marks = told.get("tags", {}), told.get("disposition", {})
    width, height = int(told.get("width", 0)), int(told.get("height", 0))
    shown = width, height
    aspect = _fraction(told.get("sample_aspect_ratio", "1:1").replace(":", "/"))
    if Fraction(1, 4) < aspect < 4 and abs(aspect - 1) > Fraction(1, 100):  # 640:639 is an artefact of rounding
        shown = round(width * aspect), height
    turn = next((int(side["rotation"]) for side in told.get("side_data_list", []) if "rotation" in side), 0)
    if turn % 180:
        shown = shown[::-1]
    return Stream(
        index=int(told["index"]),
        kind=told.get("codec_type", "unknown"),
        codec=told.get("codec_name", ""),
        width=shown[0],
        height=shown[1],
        pixels=width * height,
        nominal_rate=_fraction(told.get("r_frame_rate", "0")),
        average_rate=_fraction(told.get("avg_frame_rate", "0")),
        channels=int(told.get("channels", 0)),
        duration_s=_seconds(told.get("duration")) or _seconds(tags.get("DURATION")),
        language=tags.get("language", ""),
        title=tags.get("title", ""),
        is_default=bool(marks.get("default")),
        is_cover=bool(marks.get("attached_pic")),
        is_interlaced=told.get("field_order", "") in ("tt", "bb", "tb", "bt"),
    )


def _seconds(told: str | None) -> float | None:
    """``12.5`` or ``00:00:12.5`` in seconds; None when unknown or zero."""
    if not told:
        return None
    if clock := _CLOCK.match(told):
        return (int(clock[1]) * 60 + int(clock[2])) * 60 + float(clock[3]) or None
    try:
        return float(told) or None
    except ValueError:
        return None


def _fraction(told: str) -> Fraction:
    try:
        return Fraction(told)
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _why_unreadable(errors: list[str], head: bytes) -> Refused:
    told = " ".join(errors)
    if "Format not on whitelist" in told:
        return Refused("media.format_not_allowed", {"format": told.partition("[")[2].partition(" @")[0] or "?"})
    return Refused("media.cut_off" if head[4:8] == b"ftyp" else "media.unreadable")
