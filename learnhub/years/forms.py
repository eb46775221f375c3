"""What requests carry into the pages of the year."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

YEARS = range(2000, 2101)


def read_year(args: MultiDict[str, str], default: int) -> int:
    """The year asked for (``?year=2026``); anything else gives the default."""
    text = args.get("year", "")
    return int(text) if text.isdecimal() and len(text) == 4 and int(text) in YEARS else default
