"""What browsers send to the pages of media, as plain values."""

from __future__ import annotations

import re
from datetime import date

from werkzeug.datastructures import MultiDict

from learnhub.kernel.errors import Invalid

_MOST_IDS = 100


def read_page(args: MultiDict[str, str]) -> int:
    """The number of the page asked for; 1 for what is no number."""
    return max(1, min(args.get("page", 1, type=int), 1_000_000))


def read_ids(args: MultiDict[str, str]) -> list[int]:
    """``ids=3,5``: at most a hundred numbers; what is no number is left out."""
    told = args.get("ids", "").split(",")[:_MOST_IDS]
    return [int(one) for one in told if re.fullmatch(r"[0-9]{1,18}", one)]


def read_number(told: str) -> int | None:
    """A whole number, None for an empty field. Raises Invalid ``media.quota_number``."""
    told = told.strip()
    if not told:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", told):
        raise Invalid("media.quota_number", fields={"gigabytes": "media.quota_number"})
    return int(told)


def read_unit(told: str) -> int | None:
    """The unit chosen; None for none."""
    return int(told) if re.fullmatch(r"[0-9]{1,18}", told) else None


def read_last_day(told: str) -> date | None:
    """The day chosen, None for no end. Raises Invalid ``media.day_unreadable``."""
    if not told.strip():
        return None
    try:
        return date.fromisoformat(told.strip())
    except ValueError:
        raise Invalid("media.day_unreadable", fields={"last_day": "media.day_unreadable"}) from None
