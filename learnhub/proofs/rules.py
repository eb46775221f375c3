"""A proof as signed text: ``LH1.`` + the statement as base64url JSON + ``.`` + an Ed25519 signature over all before it.

Short enough for a QR code, readable and checkable by anybody who has the public key, on paper and without a network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from learnhub.kernel import keys
from learnhub.kernel.errors import Invalid
from learnhub.kernel.keys import PublicKey

MARK = "LH1"
LONGEST = 4000
SHOWN = ("person", "unit", "title", "hours")
"""What a holder may let the public page show; the serial, the day and whether it holds are always shown."""

SERIAL_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Statement:
    """What is stated: who, of which unit, what (``kind`` year or course), hours in centihours, by which rule, since when."""

    serial: str
    person: str
    unit: str
    kind: str
    title: str
    centihours: int
    year: int
    rule: str
    issued: str


_NAMES = tuple(field.name for field in fields(Statement))


def encode(statement: Statement, key_id: str, sign: Callable[[bytes], bytes]) -> str:
    """The signed text."""
    values = [key_id, *(getattr(statement, name) for name in _NAMES)]
    body = keys.pack(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode())
    signed = f"{MARK}.{body}"
    return f"{signed}.{keys.pack(sign(signed.encode()))}"


def find_token(text: str) -> str:
    """The signed text inside what somebody pasted: an address with it behind ``#``, or the text alone, line breaks or not."""
    joined = "".join(text.split())
    at = joined.rfind(f"{MARK}.")
    return joined[at:] if at >= 0 else joined


def decode(text: str, publics: Mapping[str, PublicKey]) -> Statement:
    """The statement, when one of these keys (by key id) signed exactly this text while it was in use.

    Raises Invalid ``proofs.not_a_proof``, ``proofs.other_key``, ``proofs.forged`` or ``proofs.key_retired``.
    """
    token = find_token(text)
    mark, _dot, rest = token.partition(".")
    body, dot, signature = rest.partition(".")
    if mark != MARK or not dot or len(token) > LONGEST or not token.isascii():
        raise Invalid("proofs.not_a_proof")
    try:
        key_id, *values = json.loads(keys.unpack(body))
        statement = Statement(*values)
        signed = keys.unpack(signature)
    except (ValueError, TypeError) as error:
        raise Invalid("proofs.forged") from error
    if key_id not in publics:
        raise Invalid("proofs.other_key", key=str(key_id)[:20])
    key = publics[key_id]
    if not keys.is_signed(key.public, f"{mark}.{body}".encode(), signed):
        raise Invalid("proofs.forged")
    if not key.may_sign(str(statement.issued)):
        raise Invalid("proofs.key_retired", key=key_id, day=key.until)
    return statement
