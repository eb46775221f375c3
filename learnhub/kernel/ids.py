"""Identifiers that can be made anywhere without asking the database."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # without i, l, o, u: they are read aloud and copied by hand


def new_id(length: int = 20) -> str:
    """A random identifier of ``length`` characters with 5 bits each (20 characters: 100 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
