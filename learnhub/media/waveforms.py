"""The waveform of a sound for the caption editor: the loudest moment of each twentieth of a second. Pure.

``{"per_second": 20, "peaks": [0 … 127]}``: 127 is full scale, peaks are those of the sound as it is delivered.
"""

from __future__ import annotations

import json
from pathlib import Path

PER_SECOND = 20
_MIDDLE = 128  # of unsigned samples of one byte


def peaks_of(samples: Path, rate: int) -> list[int]:
    """The peaks of a file of unsigned one-byte samples, ``rate`` a second; in bounded memory."""
    window = rate // PER_SECOND
    peaks: list[int] = []
    with samples.open("rb") as opened:
        while piece := opened.read(window * 1200):
            for at in range(0, len(piece), window):
                part = piece[at : at + window]
                peaks.append(min(127, max(max(part) - _MIDDLE, _MIDDLE - min(part))))
    return peaks


def to_json(peaks: list[int]) -> bytes:
    """The peaks as bytes to keep."""
    return json.dumps({"per_second": PER_SECOND, "peaks": peaks}, separators=(",", ":")).encode()
