"""What the records page asks for."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import quote

from werkzeug.datastructures import MultiDict

from learnhub.kernel.errors import Invalid
from learnhub.kernel.text import clean
from learnhub.reports.queries import RecordFilter


def read_filter(args: MultiDict[str, str], today: date) -> RecordFilter:
    """The filter in an address; without ``first`` it begins with this year, an empty one means "from the beginning".

    Raises Invalid ``reports.dates_reversed``. What cannot be read counts as not given.
    """
    first = _day(args["first"]) if "first" in args else date(today.year, 1, 1)
    last = _day(args.get("last", ""))
    if first and last and first > last:
        raise Invalid("reports.dates_reversed")
    return RecordFilter(
        unit_id=_whole(args.get("unit")),
        rank_id=_whole(args.get("rank")),
        course_id=_whole(args.get("course")),
        first=first,
        last=last,
        text=clean(args.get("q", ""))[:80],
        as_of=_day(args.get("as_of", "")),
    )


def values_of(wanted: RecordFilter) -> dict[str, str]:
    """The same filter as parameters of an address."""
    return {
        "unit": str(wanted.unit_id or ""),
        "rank": str(wanted.rank_id or ""),
        "course": str(wanted.course_id or ""),
        "first": wanted.first.isoformat() if wanted.first else "",
        "last": wanted.last.isoformat() if wanted.last else "",
        "q": wanted.text,
        "as_of": wanted.as_of.isoformat() if wanted.as_of else "",
    }


def page_number(args: MultiDict[str, str]) -> int:
    """The page asked for; 1 for anything that is no number."""
    return _whole(args.get("page")) or 1


def attachment(name: str, ending: str) -> str:
    """A Content-Disposition with a name in any script (RFC 5987) and a plain one for old programs."""
    return f"attachment; filename=\"records.{ending}\"; filename*=UTF-8''{quote(f'{name}.{ending}', safe='')}"


def _whole(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day of China
    except ValueError:
        return None
