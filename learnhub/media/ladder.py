"""The ladder of renditions: which heights, rates and bit rates a source is given. Pure arithmetic.

Heights count the shorter side, so that a portrait film of 720×1280 has the rungs of 720p. Old rural lines come first:
the lowest rung with sound stays under 300 kbit/s.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

VERSION = "b1"  # part of the folder's name: another ladder is another folder, and the old one keeps playing
SEGMENT_S = 4
PRESET = "veryfast"
CRF = 25
LOUDNESS_LUFS = -18.0
PEAK_LIMIT = 0.78  # −2.2 dBFS: room for the coder's overshoot below −1 dBTP
LOUDNESS_TOLERANCE = 0.7  # LU; what a limiter took away beyond it is given back by a second gain
AV1_PRESET = 9
AV1_CRF = 40
_AV1_SHARE = 0.6  # of the ceiling of H.264, for about the same picture
_AV1_SMALLEST = 128  # pixels; the encoder takes nothing under 64, and small pictures gain nothing
_CEILINGS = {180: 160, 240: 230, 360: 450, 480: 900, 720: 1800}  # kbit/s at the most, by shorter side
_USUAL = (240, 360, 480, 720)
_FASTEST = Fraction(30)
_SLOWEST = Fraction(1)
_GREATEST_GAIN_DB = 24.0
_SILENCE_LUFS = -60.0
_MOST_THUMBNAILS = 180


@dataclass(frozen=True)
class Rung:
    """One video rendition: its name, even width and height in pixels, the bit rate that it may not pass."""

    name: str
    width: int
    height: int
    ceiling_kbps: int


@dataclass(frozen=True)
class Storyboard:
    """Thumbnails on sheets: one for every ``step``-th key frame, ``columns`` × ``rows`` to a sheet, sizes in pixels."""

    width: int
    height: int
    step: int
    columns: int
    rows: int
    count: int

    @property
    def sheets(self) -> int:
        """How many sheets there are."""
        return math.ceil(self.count / (self.columns * self.rows))


def version(*, av1: bool) -> str:
    """The name of the ladder by which a recording is made now.

    >>> version(av1=True).removeprefix(VERSION)
    '-av1'
    """
    return f"{VERSION}-av1" if av1 else VERSION


def has_storyboard(made_by: str) -> bool:
    """Whether a ladder drew one: the first of all did not."""
    return not made_by.startswith("a")


def heights_for(short_side: int) -> list[int]:
    """The heights (shorter sides) for a source, lowest first, never above it.

    A source of 360 or more has at least three; 180 fills up where the usual rungs are too few.

    >>> heights_for(720), heights_for(360), heights_for(300), heights_for(100)
    ([240, 360, 480, 720], [180, 240, 360], [240], [100])
    """
    chosen = [height for height in _USUAL if height <= short_side]
    if not chosen:
        return [max(16, short_side // 2 * 2)]
    return [180, *chosen] if len(chosen) < 3 and short_side >= 360 else chosen


def rungs_for(width: int, height: int) -> list[Rung]:
    """The rungs for a picture as displayed (turned upright, square pixels), lowest first, sides even."""
    short = min(width, height)
    return [
        Rung(
            name=f"{side}p",
            width=_even(width * side / short),
            height=_even(height * side / short),
            ceiling_kbps=next((kbps for top, kbps in _CEILINGS.items() if side <= top), _CEILINGS[720]),
        )
        for side in heights_for(short)
    ]


def frame_rate_for(nominal: Fraction, average: Fraction) -> Fraction:
    """The constant rate (frames per second) for a source; above 30 it is halved, unknown or absurd it is 25.

    >>> frame_rate_for(Fraction(50), Fraction(50)), frame_rate_for(Fraction(1000), Fraction(0))
    (Fraction(25, 1), Fraction(25, 1))
    """
    rate = nominal if 0 < nominal <= 120 else average
    if not 0 < rate <= 1000:
        return Fraction(25)
    while rate > _FASTEST:
        rate = rate / 2 if rate / 2 >= 20 else _FASTEST
    return max(rate, _SLOWEST).limit_denominator(1001)


def av1_rungs_for(rungs: Iterable[Rung]) -> list[Rung]:
    """The same pictures in AV1, with fewer bits; none for the smallest."""
    return [
        Rung(f"{rung.name}-av1", rung.width, rung.height, round(rung.ceiling_kbps * _AV1_SHARE))
        for rung in rungs
        if min(rung.width, rung.height) >= _AV1_SMALLEST
    ]


def key_frame_distance(rate: Fraction) -> int:
    """Frames from one key frame to the next: the same in every height and codec, so that segments begin together."""
    return math.ceil(rate * SEGMENT_S)


def gain_db_for(measured_lufs: float | None) -> float:
    """The static gain that brings a measured loudness to the target; silence is left alone."""
    if measured_lufs is None or measured_lufs < _SILENCE_LUFS:
        return 0.0
    return round(max(-_GREATEST_GAIN_DB, min(_GREATEST_GAIN_DB, LOUDNESS_LUFS - measured_lufs)), 2)


def corrected_gain_db(gain_db: float, outcome_lufs: float | None) -> float:
    """The gain for a second try where a limiter took too much away; the same gain when the outcome is good enough.

    >>> corrected_gain_db(20.0, -20.0), corrected_gain_db(5.0, -18.3), corrected_gain_db(0.0, None)
    (22.4, 5.0, 0.0)
    """
    if outcome_lufs is None or outcome_lufs < _SILENCE_LUFS:
        return gain_db
    missing = LOUDNESS_LUFS - outcome_lufs
    if abs(missing) <= LOUDNESS_TOLERANCE:
        return gain_db
    return round(max(-_GREATEST_GAIN_DB, min(_GREATEST_GAIN_DB, gain_db + missing * 1.2)), 2)


def storyboard_for(width: int, height: int, total_s: float, rate: Fraction) -> Storyboard:
    """The thumbnails of a recording: of 160 pixels on the longer side, at most about 180 of them, 36 to a sheet.

    >>> storyboard_for(640, 360, 3600, Fraction(25))
    Storyboard(width=160, height=90, step=5, columns=6, rows=6, count=180)
    """
    step_s = float(key_frame_distance(rate) / rate)
    frames = max(1, math.ceil(total_s / step_s - 0.01))
    step = math.ceil(frames / _MOST_THUMBNAILS)
    count = math.ceil(frames / step)
    columns = min(6, count)
    longer = max(width, height)
    return Storyboard(
        _even(width * 160 / longer),
        _even(height * 160 / longer),
        step,
        columns,
        min(6, math.ceil(count / columns)),
        count,
    )


def audio_kbps_for(channels: int) -> int:
    """The bit rate of the sound, after mixing down to at most two channels."""
    return 48 if channels == 1 else 80


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
