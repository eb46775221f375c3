"""Pure decisions about the tree and its powers."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise


class Level(StrEnum):
    """The five administrative levels, highest first."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GROUP = "group"

    @property
    def depth(self) -> int:
        """1 for a city to 5 for a group."""
        return list(Level).index(self) + 1


def level_of_depth(depth: int) -> Level:
    """The level written as 1 to 5 in the statistical files. Raises ValueError for any other number."""
    if not 1 <= depth <= len(Level):
        raise ValueError(depth)
    return list(Level)[depth - 1]


def may_be_child(child: Level, parent: Level | None) -> bool:
    """A unit stands below a unit of a higher level; a level may be skipped (a village directly under a county)."""
    return child is Level.CITY if parent is None else child.depth > parent.depth


def is_within(path: str, root: str) -> bool:
    """True when the unit at ``path`` is the unit at ``root`` or lies below it."""
    return path.startswith(root)


def ids_on(path: str) -> tuple[int, ...]:
    """The unit ids of a path from the root down to the unit itself."""
    return tuple(int(part) for part in path.strip("/").split("/"))


def is_guessable(password: str) -> bool:
    """True for passwords that follow from a habit: one character repeated, a run, a date, a telephone number.

    Chinese mobile numbers have 11 digits and begin with 1; birthdays are written as eight digits.
    """
    steps = {ord(right) - ord(left) for left, right in pairwise(password)}
    if len(set(password)) <= 2 or steps in ({1}, {-1}):
        return True
    if not (password.isascii() and password.isdigit()):
        return False
    is_date = len(password) == 8 and password[:2] in ("19", "20") and "01" <= password[4:6] <= "12"
    return is_date or (len(password) == 11 and password[0] == "1")
