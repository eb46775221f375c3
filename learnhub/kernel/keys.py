"""One Ed25519 key pair of this installation: what it signs, anybody can check who has the public half."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from learnhub.kernel import files

FILE_NAME = "signing-key.pem"
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


def key_id(public: bytes) -> str:
    """Eight characters that tell a public key from others."""
    return hashlib.sha256(public).hexdigest()[:8]


def signing_key(folder: Path) -> SigningKey:
    """The key in ``folder`` (``signing-key.pem``); whoever asks first makes it."""
    path = folder / FILE_NAME
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        folder.mkdir(parents=True, exist_ok=True)
        files.write_new(path, made, mode=0o600)
    return _read(path.read_bytes())


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
