"""The still pictures of a recording, drawn from the key frames of what was made: poster, thumbnail, storyboard."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from learnhub.kernel import files
from learnhub.kernel.runner import Bounds, ChildStopped, Finished, run
from learnhub.media import commands, ladder
from learnhub.media.commands import LadderPlan
from learnhub.media.ladder import Storyboard

POSTER = "poster.jpg"
THUMB = "thumb.jpg"
STORYBOARD = "storyboard.vtt"
_BOUNDS = Bounds(wall_s=600, stall_s=120, cpu_s=600, file_bytes=64 << 20)
_LUMA = re.compile(r"^lavfi\.signalstats\.(YAVG|YLOW|YHIGH)=([\d.]+)")
_DARK, _FLAT = 32, 24  # of 255: mean luminance of a black picture, spread of an empty one
_SMALLEST = 160  # pixels of the shorter side: what a thumbnail is drawn from


class StillsFailed(Exception):
    """ffmpeg could not draw from what it had just made: the machine's failure, not the file's."""


@dataclass(frozen=True)
class KeyFrame:
    """A key frame's second, its mean luminance and the spread of it (0–255)."""

    at_s: float
    luma: float
    spread: float


def make_stills(plan: LadderPlan, folder: Path) -> None:
    """``poster.jpg``, ``thumb.jpg``, the sheets and ``storyboard.vtt``. Raises :class:`StillsFailed`."""
    small = next((rung for rung in plan.rungs if min(rung.width, rung.height) >= _SMALLEST), plan.rungs[-1])
    board = ladder.storyboard_for(small.width, small.height, plan.total_s, plan.rate)
    lines: list[str] = []
    _require(_run(commands.pictures_command(f"{small.name}.m4s", board), folder, lines))
    at_s = best_second(read_key_frames(lines))
    _require(_run(commands.poster_command(f"{plan.rungs[-1].name}.m4s", at_s), folder, []))
    files.write_whole(folder / STORYBOARD, storyboard_vtt(board, plan).encode())
    missing = [name for name in (POSTER, THUMB, *sheet_names(board)) if not (folder / name).is_file()]
    if missing:
        raise StillsFailed(f"not drawn: {', '.join(missing)}")


def sheet_names(board: Storyboard) -> list[str]:
    """The files of a storyboard's sheets."""
    return [commands.SHEETS % number for number in range(1, board.sheets + 1)]


def storyboard_vtt(board: Storyboard, plan: LadderPlan) -> str:
    """WebVTT whose cues name a part of a sheet each (``…jpg#xywh=left,top,width,height``), as players read it."""
    step_s = board.step * float(ladder.key_frame_distance(plan.rate) / plan.rate)
    names, parts = sheet_names(board), ["WEBVTT\n"]
    for number in range(board.count):
        sheet, place = divmod(number, board.columns * board.rows)
        row, column = divmod(place, board.columns)
        begins = _clock(number * step_s)
        ends = _clock(plan.total_s if number == board.count - 1 else (number + 1) * step_s)
        where = f"{column * board.width},{row * board.height},{board.width},{board.height}"
        parts.append(f"{begins} --> {ends}\n{names[sheet]}#xywh={where}\n")
    return "\n".join(parts)


def read_key_frames(lines: list[str]) -> list[KeyFrame]:
    """The key frames from the words of ffmpeg's ``metadata=print``."""
    frames: list[KeyFrame] = []
    seen: dict[str, float] = {}
    for line in [*lines, "frame:"]:
        if line.startswith("frame:"):
            if "YAVG" in seen:
                frames.append(KeyFrame(seen["at"], seen["YAVG"], seen.get("YHIGH", 0) - seen.get("YLOW", 0)))
            seen = {"at": float(line.rpartition("pts_time:")[2])} if "pts_time:" in line else {}
        elif match := _LUMA.match(line):
            seen[match[1]] = float(match[2])
    return frames


def best_second(frames: list[KeyFrame]) -> float:
    """The first key frame after a twentieth of the film that is neither dark nor empty, else the one with most in it."""
    if not frames:
        return 0.0
    begin_s = frames[-1].at_s / 20
    for frame in frames:
        if frame.at_s >= begin_s and frame.luma > _DARK and frame.spread > _FLAT:
            return frame.at_s
    return max(frames, key=lambda frame: frame.spread).at_s


def _clock(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _run(argv: list[str], folder: Path, lines: list[str]) -> Finished:
    try:
        return run(argv, bounds=_BOUNDS, folder=folder, on_line=lines.append)
    except ChildStopped as stopped:
        raise StillsFailed(stopped.why) from None


def _require(ended: Finished) -> None:
    if ended.code != 0:
        raise StillsFailed(" | ".join(ended.errors[-3:]) or f"exit code {ended.code}")
