"""Small secrets kept in the database so that a copy of the database alone does not give them away.

The key is derived from a secret of the settings (HKDF-SHA256), one for each purpose; the text is sealed by Fernet
(AES-128-CBC with HMAC-SHA256). The first secret seals, all of them open: a secret is exchanged by putting the new one
in front.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SIGN = "sealed:"


@lru_cache(maxsize=32)
def _box(secret: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=f"learnhub {purpose}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def seal(text: str, *, purpose: str, secrets: Sequence[str]) -> str:
    """The text, readable only with the first of ``secrets`` and for the same ``purpose``."""
    return _SIGN + _box(secrets[0], purpose).encrypt(text.encode()).decode()


def is_sealed(kept: str) -> bool:
    """True for what :func:`seal` made; base 32, base 64 and hex never look like it."""
    return kept.startswith(_SIGN)


def unseal(kept: str, *, purpose: str, secrets: Sequence[str]) -> str | None:
    """The text that was sealed with one of ``secrets``; None when it was sealed with another, or damaged."""
    for secret in secrets:
        try:
            return _box(secret, purpose).decrypt(kept.removeprefix(_SIGN).encode()).decode()
        except InvalidToken:
            continue
    return None


def is_of_first(kept: str, *, purpose: str, secrets: Sequence[str]) -> bool:
    """True when the first secret opens it: nothing needs to be sealed anew."""
    return is_sealed(kept) and unseal(kept, purpose=purpose, secrets=secrets[:1]) is not None
