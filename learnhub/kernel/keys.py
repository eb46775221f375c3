"""The Ed25519 keys of this installation: one signs, and anybody can check it who has the public half.

Of a key that signs no more only the public half is kept, with the day on which it was retired: what it signed until
then stays good, and nothing that claims to be younger.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from learnhub.kernel import files

FILE_NAME = "signing-key.pem"
FORMER_NAME = "former-keys.json"
PUBLIC_BYTES = 32


class SigningKey:
    """The private half, kept in a file that only its owner reads; made at the first use."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public: bytes = private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        """Eight characters by which the key is told from others."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._private.sign(message)


@dataclass(frozen=True)
class PublicKey:
    """The public half of a key; ``until``: the last day (ISO) of which it may have signed, empty while it signs."""

    public: bytes
    until: str = ""

    def may_sign(self, day: str) -> bool:
        """True when the key was in use on that day (ISO)."""
        return not self.until or day <= self.until


def key_id(public: bytes) -> str:
    """Eight characters that tell a public key from others."""
    return hashlib.sha256(public).hexdigest()[:8]


def signing_key(folder: Path) -> SigningKey:
    """The key in ``folder`` (``signing-key.pem``); whoever asks first makes it."""
    path = folder / FILE_NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        files.write_new(path, _new_pem(), mode=0o600)
    return _read(path.read_bytes())


def public_keys(folder: Path) -> dict[str, PublicKey]:
    """Every key of this installation by its id: the one that signs, and those that did."""
    current, path = signing_key(folder), folder / FORMER_NAME
    former = read_public_keys(path.read_text("utf-8")) if path.exists() else {}
    return {**former, current.id: PublicKey(current.public)}


def rotate(folder: Path, today: date) -> SigningKey:
    """Retires the key that signs and makes another; its private half is gone then. Returns the new one.

    The public half is written first: after a crash in between the old key signs on.
    """
    known = public_keys(folder)
    old = signing_key(folder)
    former = {**known, old.id: PublicKey(old.public, today.isoformat())}
    files.write_whole(folder / FORMER_NAME, write_public_keys(former).encode())
    files.write_whole(folder / FILE_NAME, _new_pem(), mode=0o600)
    return signing_key(folder)


def write_public_keys(publics: Mapping[str, PublicKey]) -> str:
    """Public keys as JSON: ``{"keys": [{"id", "public" (hex), "until"}, …]}``."""
    rows = [{"id": name, "public": one.public.hex(), "until": one.until} for name, one in publics.items()]
    return json.dumps({"keys": rows}, indent=1)


def read_public_keys(text: str) -> dict[str, PublicKey]:
    """What :func:`write_public_keys` wrote, by key id. Raises ValueError for anything else."""
    try:
        found = [PublicKey(bytes.fromhex(row["public"]), str(row["until"])) for row in json.loads(text)["keys"]]
    except (KeyError, TypeError) as error:
        raise ValueError("no list of public keys") from error
    return {key_id(one.public): one for one in found}


def keys_given(texts: Iterable[str]) -> dict[str, PublicKey]:
    """Public keys given in hex, by key id. Raises ValueError for what is no hex."""
    found = (PublicKey(bytes.fromhex(text)) for text in texts)
    return {key_id(one.public): one for one in found}


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@lru_cache(maxsize=8)
def _read(pem: bytes) -> SigningKey:
    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError(f"{FILE_NAME} holds no Ed25519 key")
    return SigningKey(private)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """True when the owner of the private half signed exactly these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def pack(raw: bytes) -> str:
    """Bytes as URL-safe text without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpack(text: str) -> bytes:
    """The bytes of :func:`pack`. Raises ValueError for anything that it cannot have written."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if pack(raw) != text:
        raise ValueError("not written by pack")
    return raw
