"""The ladder of renditions: which heights, rates and bit rates a source is given. Pure arithmetic.

Heights count the shorter side, so that a portrait film of 720×1280 has the rungs of 720p. Old rural lines come first:
the lowest rung with sound stays under 300 kbit/s.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

VERSION = "a1"  # part of the folder's name: another ladder is another folder, and the old one keeps playing
SEGMENT_S = 4
PRESET = "veryfast"
CRF = 25
LOUDNESS_LUFS = -18.0
PEAK_LIMIT = 0.78  # −2.2 dBFS: room for the coder's overshoot below −1 dBTP
_CEILINGS = {180: 160, 240: 230, 360: 450, 480: 900, 720: 1800}  # kbit/s at the most, by shorter side
_USUAL = (240, 360, 480, 720)
_FASTEST = Fraction(30)
_SLOWEST = Fraction(1)
_GREATEST_GAIN_DB = 24.0
_SILENCE_LUFS = -60.0


@dataclass(frozen=True)
class Rung:
    """One video rendition: its name, even width and height in pixels, the bit rate that it may not pass."""

    name: str
    width: int
    height: int
    ceiling_kbps: int


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


def gain_db_for(measured_lufs: float | None) -> float:
    """The static gain that brings a measured loudness to the target; silence is left alone."""
    if measured_lufs is None or measured_lufs < _SILENCE_LUFS:
        return 0.0
    return round(max(-_GREATEST_GAIN_DB, min(_GREATEST_GAIN_DB, LOUDNESS_LUFS - measured_lufs)), 2)


def audio_kbps_for(channels: int) -> int:
    """The bit rate of the sound, after mixing down to at most two channels."""
    return 48 if channels == 1 else 80


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
