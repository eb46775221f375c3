"""Pure decisions about the tree and its powers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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


class PartyLevel(StrEnum):
    """The levels of the Party's own tree, highest first: 党委, 党总支, 党支部 (Party constitution, art. 30)."""

    COMMITTEE = "committee"
    GENERAL = "general"
    BRANCH = "branch"

    @property
    def depth(self) -> int:
        """1 for a committee to 3 for a branch."""
        return list(PartyLevel).index(self) + 1


AnyLevel = Level | PartyLevel
ADMIN, PARTY = "admin", "party"


def level_named(value: str) -> AnyLevel:
    """The level with a stored name, of either tree. Raises ValueError for any other."""
    return PartyLevel(value) if value in set(PartyLevel) else Level(value)


def kind_of(level: AnyLevel) -> str:
    """Which tree a level belongs to: admin or party."""
    return PARTY if isinstance(level, PartyLevel) else ADMIN


@dataclass(frozen=True)
class NewUnit:
    """A unit to be placed below the unit with the code ``parent_code`` (empty: a root)."""

    code: str
    parent_code: str
    level: AnyLevel
    name: str


def may_be_child(child: AnyLevel, parent: AnyLevel | None) -> bool:
    """A unit stands below a unit of a higher level of its own tree; a level may be skipped (a village under a county).

    A committee may also stand below a committee: that of a township below that of its county.
    """
    if parent is None:
        return child in (Level.CITY, PartyLevel.COMMITTEE)
    if kind_of(child) != kind_of(parent):
        return False
    return child.depth > parent.depth or child is parent is PartyLevel.COMMITTEE


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


@dataclass(frozen=True)
class SignInPolicy:
    """The limits of log-ins and sessions, as the settings give them."""

    attempts: int = 5
    lock_minutes: int = 10
    idle_minutes: int = 120
    session_days: int = 14
    password_length: int = 8
    shared_idle_minutes: int = 30
    shared_hours: int = 4

    @property
    def shared_idle(self) -> timedelta:
        """The same on a computer that several people use."""
        return timedelta(minutes=self.shared_idle_minutes)

    def lifetime(self, *, is_shared: bool) -> timedelta:
        """After this time a session ends, used or not."""
        return timedelta(hours=self.shared_hours) if is_shared else timedelta(days=self.session_days)

    @property
    def window(self) -> timedelta:
        """For how long a failed attempt counts."""
        return timedelta(minutes=self.lock_minutes)

    @property
    def idle(self) -> timedelta:
        """After this time without a request a session ends."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def attempts_of_address(self) -> int:
        """Failures allowed to one address within the window: a whole office may share one."""
        return self.attempts * 8


LONGEST_LOCK = timedelta(hours=1)
_PATIENCE = timedelta(seconds=30)


def wait_here(failures: Sequence[datetime], policy: SignInPolicy, now: datetime) -> timedelta:
    """How long one address (or one known browser) must wait before its next attempt at one account; zero: not at all.

    ``failures`` of one day in order of time. Each full round of ``policy.attempts`` doubles the wait, up to an hour.
    """
    rounds = len(failures) // policy.attempts
    if not rounds:
        return timedelta(0)
    lock = min(policy.window * 2.0 ** min(rounds - 1, 10), LONGEST_LOCK)
    return max(failures[rounds * policy.attempts - 1] + lock - now, timedelta(0))


def wait_anywhere(failures: Sequence[datetime], policy: SignInPolicy, now: datetime) -> timedelta:
    """How long an address that has failed at this account before must wait after many failures from everywhere.

    ``failures`` within the window in order of time. Never longer than half a minute, so that guessing from many addresses
    is slow and the owner is not shut out; an address without a failure at the account is always heard, a known browser
    too.
    """
    too_many = len(failures) - 2 * policy.attempts
    if too_many < 0:
        return timedelta(0)
    return max(failures[-1] + min(timedelta(seconds=2.0 ** min(too_many, 8)), _PATIENCE) - now, timedelta(0))


def is_local_path(target: str) -> bool:
    """True when ``target`` leads to a page of this site: browsers read ``//host`` and ``/\\host`` as another one."""
    return (
        target.startswith("/")
        and not target.startswith(("//", "/\\"))
        and not any(character in target for character in "\\\r\n\t")
        and target.isprintable()
    )


def is_username(text: str) -> bool:
    """True for a user name that can be typed on every keyboard: 2 to 40 of ``a–z 0–9 . _ -``, or Chinese characters."""
    return re.fullmatch(r"[\w.\-]{2,40}", text) is not None


_BROWSERS = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
             ("QQBrowser", "QQBrowser"), ("Chrome", "Chrome"), ("Version", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def browser_name(user_agent: str) -> str:
    """``Chrome 120, Windows`` for the line that a browser sends of itself; the line's beginning when it is unknown.

    The order matters: nearly all browsers also call themselves Chrome or Safari.
    """
    parts = []
    for sign, name in _BROWSERS:
        if found := re.search(sign + r"\w*/(\d+)", user_agent):
            parts.append(f"{name} {found[1]}")
            break
    parts += [name for sign, name in _SYSTEMS if sign in user_agent][:1]
    return ", ".join(parts) or user_agent[:40]
