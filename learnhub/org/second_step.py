"""Six-digit codes from an authenticator app (TOTP, RFC 6238) and recovery codes on paper."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno

STEP_S = 30
_DRIFT = 1  # steps by which the telephone's clock may be off, either way
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
CODES = 10


def new_key() -> str:
    """A random key for a new authenticator entry: 160 bits, base 32."""
    return pyotp.random_base32(32)


def step_of_code(key: str, code: str, *, after: int, now: datetime) -> int | None:
    """The step that a code belongs to when it is right and later than the step ``after``; else None."""
    totp, present = pyotp.TOTP(key, interval=STEP_S), int(now.timestamp()) // STEP_S
    typed = "".join(character for character in code if character.isdigit())
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), typed):
            return step
    return None


def address_of(key: str, *, username: str, issuer: str) -> str:
    """The ``otpauth://`` address that authenticator apps read."""
    return pyotp.TOTP(key, interval=STEP_S).provisioning_uri(name=username, issuer_name=issuer)


def picture_of(address: str) -> str:
    """The address as a QR code: an SVG without styles or scripts, drawn here; nothing is asked of another site."""
    return segno.make(address, error="m").svg_inline(scale=6, border=4, light="#fff", dark="#000", omitsize=False)


def small_picture_of(address: str) -> str:
    """The same, as large as the page's style says."""
    return segno.make(address, error="m").svg_inline(border=1, light="#fff", dark="#000", omitsize=True)


def new_recovery_codes() -> list[str]:
    """Ten codes of twelve characters (59 bits each), easy to read from paper: ``k7mw-3fdt-9qxa``."""
    drawn = ["".join(secrets.choice(_ALPHABET) for _ in range(12)) for _ in range(CODES)]
    return [f"{one[:4]}-{one[4:8]}-{one[8:]}" for one in drawn]


def hash_recovery_code(code: str) -> str:
    """What is kept of a recovery code; the codes are random, so a plain digest is enough."""
    plain = "".join(character for character in code.lower() if character in _ALPHABET)
    return hashlib.sha256(plain.encode()).hexdigest()
