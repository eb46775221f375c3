"""Fills a folder with everything that is made of one original: heights, sound, master playlist, poster, thumbnail."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from learnhub.kernel import files
from learnhub.media import commands, ladder
from learnhub.media.commands import LadderPlan
from learnhub.media.playlists import Variant, bit_rates, codec_of, master_playlist
from learnhub.media.probe import MediaRefused
from learnhub.media.rules import Decoded, Limits, Probe
from learnhub.media.runner import Bounds, ChildStopped, Finished, run

MASTER = "master.m3u8"
POSTER = "poster.jpg"
THUMB = "thumb.jpg"
_HEAD_BYTES = 16_384
_PICTURE_BOUNDS = Bounds(wall_s=120, stall_s=60, cpu_s=120, file_bytes=64 << 20)
_LUMA = re.compile(r"^lavfi\.signalstats\.(YAVG|YLOW|YHIGH)=([\d.]+)")
_DARK, _FLAT = 32, 24  # of 255: mean luminance of a black picture, spread of an empty one


class PreparingFailed(Exception):
    """The machine failed, not the file: trying again may help."""


@dataclass(frozen=True)
class KeyFrame:
    """A key frame's second, its mean luminance and the spread of it (0–255)."""

    at_s: float
    luma: float
    spread: float


def plan_for(probe: Probe, decoded: Decoded, *, preset: str = ladder.PRESET) -> LadderPlan:
    """What is to be made of a file that was accepted."""
    video, audio = probe.video, probe.audio if decoded.audio_s > 0 else None
    return LadderPlan(
        rungs=tuple(ladder.rungs_for(video.width, video.height)) if video else (),
        rate=ladder.frame_rate_for(video.nominal_rate, video.average_rate) if video else ladder.frame_rate_for(*_NONE),
        video_s=decoded.video_s,
        audio_s=decoded.audio_s,
        audio_channels=min(2, max(1, audio.channels)) if audio else 0,
        gain_db=ladder.gain_db_for(decoded.lufs),
        interlaced=bool(video and video.is_interlaced),
        video_index=video.index if video else None,
        audio_index=audio.index if audio else None,
        preset=preset,
    )


_NONE = (ladder.Fraction(0), ladder.Fraction(0))


def make_ladder(
    original: Path, plan: LadderPlan, limits: Limits, folder: Path, progress: Callable[[float], None]
) -> list[Variant]:
    """Runs the one ffmpeg and completes its folder; ``progress`` is told the share done, 0 to 1.

    Raises :class:`PreparingFailed` when ffmpeg fails on a file that decoded well, MediaRefused when it never ends.
    """
    bounds = Bounds(wall_s=120 + plan.total_s * 8, stall_s=90, cpu_s=int(240 + plan.total_s * 16))
    told = Progress(plan.total_s, progress)
    ended = _run(commands.ladder_command(original, plan, limits), bounds, folder, told.read)
    if ended.code != 0:
        raise PreparingFailed(" | ".join(ended.errors[-3:]) or f"exit code {ended.code}")
    variants = _variants(plan, folder)
    files.write_whole(folder / MASTER, master_playlist(variants).encode())
    if plan.rungs:
        make_poster(plan, folder)
    return variants


def make_poster(plan: LadderPlan, folder: Path) -> None:
    """``poster.jpg`` and ``thumb.jpg`` from the best key frame of what was made."""
    lines: list[str] = []
    lowest, highest = f"{plan.rungs[0].name}.m4s", f"{plan.rungs[-1].name}.m4s"
    _run(commands.key_frames_command(lowest), _PICTURE_BOUNDS, folder, lines.append)
    at_s = best_second(read_key_frames(lines))
    ended = _run(commands.poster_command(highest, at_s), _PICTURE_BOUNDS, folder, None)
    if ended.code != 0 or not (folder / POSTER).is_file():
        raise PreparingFailed("no poster: " + " | ".join(ended.errors[-3:]))


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


class Progress:
    """Reads ffmpeg's ``-progress`` lines and tells the share of ``total_s`` that is done."""

    def __init__(self, total_s: float, tell: Callable[[float], None]) -> None:
        self._total_s, self._tell = max(total_s, 0.1), tell

    def read(self, line: str) -> None:
        """Takes one line."""
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit():
            self._tell(min(1.0, max(0.0, int(value) / 1e6 / self._total_s)))


def _variants(plan: LadderPlan, folder: Path) -> list[Variant]:
    made = [
        _variant(folder, rung.name, "video", width=rung.width, height=rung.height, rate=float(plan.rate))
        for rung in plan.rungs
    ]
    if plan.audio_index is not None:
        made.append(_variant(folder, "audio", "audio"))
    return made


def _variant(folder: Path, name: str, kind: str, *, width: int = 0, height: int = 0, rate: float = 0.0) -> Variant:
    playlist = (folder / f"{name}.m3u8").read_text("utf-8")
    peak, mean = bit_rates(playlist)
    with (folder / f"{name}.m4s").open("rb") as opened:
        codecs = codec_of(opened.read(_HEAD_BYTES))
    return Variant(name, kind, peak, mean, codecs, width, height, rate)


def _run(argv: list[str], bounds: Bounds, folder: Path, on_line: Callable[[str], None] | None) -> Finished:
    try:
        return run(argv, bounds=bounds, folder=folder, on_line=on_line)
    except ChildStopped:
        raise MediaRefused("media.took_too_long") from None
