"""Signed, expiring values that can be checked without asking the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any


def sign(payload: dict[str, Any], *, purpose: str, key: str, expires: datetime) -> str:
    """A token (URL-safe text) that carries ``payload``; ``purpose`` keeps tokens of different uses apart."""
    body = json.dumps({**payload, "exp": int(expires.timestamp())}, separators=(",", ":"), ensure_ascii=False)
    packed = _pack(body.encode())
    return f"{packed}.{_mark(packed, purpose, key)}"


def read_signed(token: str, *, purpose: str, key: str, now: datetime) -> dict[str, Any] | None:
    """The payload of a token made by :func:`sign`, or None when it is forged, damaged, expired or for another use."""
    packed, dot, mark = token.partition(".")
    if not dot or not token.isascii() or not hmac.compare_digest(mark.encode(), _mark(packed, purpose, key).encode()):
        return None
    payload = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    return payload if payload.pop("exp") > now.timestamp() else None


def digest(value: Any) -> str:
    """The SHA-256 (hex) of a value's canonical JSON: equal values give equal digests on every machine."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _pack(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _mark(packed: str, purpose: str, key: str) -> str:
    return _pack(hmac.new(key.encode(), f"{purpose}\n{packed}".encode(), hashlib.sha256).digest()[:18])
