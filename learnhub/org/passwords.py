"""Passwords: argon2id, and what counts as a password."""

from __future__ import annotations

import secrets
import threading
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from learnhub.org.rules import is_guessable

_HASHER = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
_AT_ONCE = threading.Semaphore(2)
"""Each computation takes 19 MiB and some 30 ms of a core: a burst of log-ins must not take the machine."""

_SLIP_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # read from paper: no i, l, o, 0, 1
_COMMON = Path(__file__).parent / "data" / "common_passwords.txt"


def hash_password(password: str) -> str:
    """The argon2id hash (m=19456 KiB, t=2, p=1) as a PHC string."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(hashed: str, password: str) -> bool:
    """True when ``password`` is the one behind ``hashed``; a damaged hash is nobody's."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(hashed, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


@cache
def hash_of_nobody() -> str:
    """A hash that no password opens: verified for unknown user names, so that they take as long as known ones."""
    return hash_password(secrets.token_urlsafe(24))


def one_time_password() -> str:
    """Twelve random characters in groups of four (59 bits), easy to read from a slip: ``k7mw-3fdt-9qxa``."""
    drawn = [secrets.choice(_SLIP_ALPHABET) for _ in range(12)]
    return "-".join("".join(drawn[start : start + 4]) for start in (0, 4, 8))


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that guessers try first, in lower case."""
    lines = _COMMON.read_text("utf-8").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))


def problem_with(password: str, *, length: int, own_words: tuple[str, ...]) -> str | None:
    """The code of what is wrong with a new password, or None.

    ``length`` is the least number of characters; ``own_words`` (user name, staff number, name) may not be it.
    The rules follow NIST SP 800-63B in spirit: length and a list, no mixture of characters, no forced change.
    """
    folded = password.strip().lower()
    if len(password) < length:
        return "org.password_short"
    if len(password) > 200:
        return "org.password_long"
    if folded in {word.lower() for word in own_words if word}:
        return "org.password_own_name"
    if folded in common_passwords() or is_guessable(folded):
        return "org.password_common"
    return None
