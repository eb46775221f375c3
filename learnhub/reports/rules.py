"""What an export may consist of."""

from __future__ import annotations

from collections.abc import Iterable

COLUMNS = (
    "name",
    "staff_no",
    "unit",
    "place",
    "rank",
    "course",
    "completed_on",
    "online",
    "group",
    "test",
    "total",
)
"""The columns of a completion record, in the order in which a file has them; hours by source, then their sum."""

HOURS = ("online", "group", "test")
FORMATS = ("csv", "xlsx")


def chosen_columns(wanted: Iterable[str]) -> tuple[str, ...]:
    """The known columns among those wanted, in the order of :data:`COLUMNS`; all when none of them is known."""
    names = set(wanted)
    return tuple(name for name in COLUMNS if name in names) or COLUMNS
