"""What one cell means: text as written, codes whose digits are all there, dates; what is in doubt is told, not guessed.

A cell that was read is a text, or a :class:`Trouble` that names why it cannot be used. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

FORMULA, ERROR, DIGITS_LOST, IDENTITY = "formula", "error", "digits_lost", "identity"

_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b-\x1f]")
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE]\+?\d+")
_LONG_AND_ROUND = re.compile(r"\d{15}0{2,}")
"""Seventeen digits or more, all zeros after the fifteenth: what a text was that went through a spreadsheet as a number."""
_IDENTITY = re.compile(r"[1-9]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9Xx]")
_MOST_DIGITS = 15
"""A spreadsheet keeps fifteen digits of a number; of a longer one the last became zeros."""


@dataclass(frozen=True)
class Trouble:
    """A cell that cannot be used: ``kind`` is one of the names above; ``shown`` is what may be told of it."""

    kind: str
    shown: str = ""


Cell = str | Trouble


def as_written(text: str) -> str:
    """The text without marks that nobody sees and without white space around it; all else stays."""
    return _UNSEEN.sub("", text).strip()


def text_cell(text: str) -> Cell:
    """A cell that is a text in the file; an identity number is not even kept in memory."""
    written = as_written(text)
    if _IDENTITY.fullmatch(written):
        return Trouble(IDENTITY)
    if _SCIENTIFIC.fullmatch(written) or _LONG_AND_ROUND.fullmatch(written):
        return Trouble(DIGITS_LOST, written)
    return written


def number_cell(raw: str, *, width: int = 0) -> Cell:
    """A cell that is a number in the file: its digits, filled with zeros to the ``width`` of its number format.

    ``5.3E+11`` in an xlsx file is only how the writer spelt a number that is wholly there; sixteen digits are not.
    """
    try:
        value = float(raw)
    except ValueError:
        return Trouble(ERROR, raw[:40])
    if value != value or value in (float("inf"), float("-inf")):
        return Trouble(ERROR, raw[:40])
    if abs(value) >= 10**_MOST_DIGITS:
        return Trouble(DIGITS_LOST, raw[:40])
    if value.is_integer():
        return str(int(value)).zfill(width)
    return repr(value)


def serial_date(serial: float, *, from_1904: bool = False) -> str | None:
    """The ISO day of a spreadsheet's day number; None before 1900-03-01, where Excel counts a day that never was."""
    days = int(serial) + (1462 if from_1904 else 0)
    if not 60 < days < 110_000:
        return None
    return (date(1899, 12, 30) + timedelta(days=days)).isoformat()


_DATE_FORMS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})\.(?P<m>\d{1,2})\.(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
)
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
EARLIEST, LATEST = 1900, 2100


def read_date(text: str) -> date | None:
    """The day meant by 2026-06-15, 2026/6/15, 2026.6.15, 2026年6月15日, 20260615 or the day number 46188; else None.

    Refused as ambiguous: a day without a year or before it (06/15/2026, 15-6-26), two-digit years, a month alone.
    A time of midnight behind the day is passed over: spreadsheets add it.
    """
    folded = re.sub(r"[ T]0?0:00(:00(\.0+)?)?$", "", text.strip())
    folded = re.sub(r"\s*([年月日/.-])\s*", r"\1", folded)
    for form in _DATE_FORMS:
        if found := form.fullmatch(folded):
            return _day(int(found["y"]), int(found["m"]), int(found["d"]))
    if _SERIAL.fullmatch(folded) and (shown := serial_date(float(folded))):
        return date.fromisoformat(shown)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
