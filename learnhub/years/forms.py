"""What requests carry into the pages of the year."""

from __future__ import annotations

from datetime import date

from werkzeug.datastructures import MultiDict

from learnhub.kernel.text import clean
from learnhub.years.rules.claims import ClaimValues

YEARS = range(2000, 2101)


def read_year(args: MultiDict[str, str], default: int) -> int:
    """The year asked for (``?year=2026``); anything else gives the default."""
    text = args.get("year", "")
    return int(text) if text.isdecimal() and len(text) == 4 and int(text) in YEARS else default


def read_page(args: MultiDict[str, str]) -> int:
    """The page of a list, from 1."""
    return read_number(args, "page") or 1


def read_number(args: MultiDict[str, str], name: str) -> int | None:
    """A whole number such as an id, or None."""
    text = args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def read_text(form: MultiDict[str, str], name: str) -> str:
    """A text of several lines without outer white space."""
    return "\n".join(line.rstrip() for line in form.get(name, "").strip().splitlines())


def read_claim(form: MultiDict[str, str], year: int) -> ClaimValues:
    """A claim as it was filled in; what cannot be read is None and refused by the rules."""
    return ClaimValues(
        year=year, kind=form.get("kind", ""), title=clean(form.get("title", "")),
        organiser=clean(form.get("organiser", "")), first_day=_day(form.get("first_day", "")),
        last_day=_day(form.get("last_day", "")), centihours=_centihours(form.get("hours", "")),
        is_required=form.get("is_required") == "1",
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _centihours(text: str) -> int | None:
    whole, _dot, part = text.strip().partition(".")
    if not whole.isdecimal() or len(whole) > 4 or (part and not part.isdecimal()) or len(part) > 2:
        return None
    return int(whole) * 100 + int((part + "00")[:2])
