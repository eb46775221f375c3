"""The words of the tus 1.0 protocol and the decisions on an upload: values in, values out.

Source: https://tus.io/protocols/resumable-upload (1.0.0) with the extensions creation, creation-with-upload,
expiration, checksum and termination.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
CHECKSUMS = ("sha1", "sha256")
LIFE = timedelta(days=7)
"""How long an unfinished upload waits for its next piece."""

MOST_OPEN = 200
"""Unfinished uploads that one person may have at a time."""

_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_LONGEST_METADATA = 8_000


class State(StrEnum):
    """Where an upload is in its life."""

    RECEIVING = "receiving"
    RECEIVED = "received"  # whole, not yet looked at
    DONE = "done"  # an asset
    REFUSED = "refused"
    REMOVED = "removed"


OCCUPYING = (State.RECEIVING, State.RECEIVED, State.DONE)
"""States in which an upload counts against quotas."""


@dataclass(frozen=True)
class Wish:
    """What a client says of a file before it sends it; ``unit_id`` None: the person's own choice was not given."""

    file_name: str
    size: int
    unit_id: int | None = None
    sha256: str = ""


@dataclass(frozen=True)
class Quota:
    """A limit that holds for an upload: the unit it was set for, bytes allowed and bytes used below that unit."""

    unit_name: str
    most: int
    used: int


class Unreadable(ValueError):
    """A header that does not follow the protocol; the text names it."""


def read_length(told: str | None) -> int:
    """``Upload-Length`` or ``Upload-Offset``: a whole number of bytes."""
    if told is None or not re.fullmatch(r"[0-9]{1,16}", told):
        raise Unreadable("a length or offset is missing or no whole number")
    return int(told)


def read_metadata(told: str | None) -> dict[str, str]:
    """``Upload-Metadata``: pairs of a key and a base64 value; values that are no UTF-8 are an error.

    >>> read_metadata("filename 6K++LnR4dA==,empty")
    {'filename': '课.txt', 'empty': ''}
    """
    if not told:
        return {}
    if len(told) > _LONGEST_METADATA:
        raise Unreadable("Upload-Metadata is too long")
    pairs: dict[str, str] = {}
    for pair in told.split(","):
        key, _, packed = pair.strip().partition(" ")
        if not key or key in pairs:
            raise Unreadable("Upload-Metadata has an empty or doubled key")
        try:
            pairs[key] = base64.b64decode(packed.strip(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Unreadable(f"Upload-Metadata: {key} is no base64 of UTF-8") from error
    return pairs


def read_wish(length: str | None, metadata: str | None) -> Wish:
    """What a creation request asks for. Raises :class:`Unreadable`."""
    told = read_metadata(metadata)
    unit, sha256 = told.get("unit", ""), told.get("sha256", "").lower()
    if sha256 and not _SHA256.match(sha256):
        raise Unreadable("sha256 is no checksum in hex")
    if unit and not re.fullmatch(r"[0-9]{1,18}", unit):
        raise Unreadable("unit is no number")
    name = told.get("filename") or told.get("name") or "unnamed"
    return Wish(plain_name(name), read_length(length), int(unit) if unit else None, sha256)


def plain_name(told: str) -> str:
    """The last part of a file's name without control characters, at most 300 characters, its ending kept."""
    name = re.split(r"[/\\]", told)[-1]
    name = "".join(sign for sign in name if sign.isprintable()).strip()
    return name[-300:] or "unnamed"


def read_checksum(told: str | None) -> tuple[str, bytes] | None:
    """``Upload-Checksum``: algorithm and digest; None without the header. Raises :class:`Unreadable`."""
    if told is None:
        return None
    name, _, packed = told.strip().partition(" ")
    if name not in CHECKSUMS:
        raise Unreadable(f"Upload-Checksum must be one of {', '.join(CHECKSUMS)}")
    try:
        return name, base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise Unreadable("Upload-Checksum is no base64") from error


def full_quota(quotas: Iterable[Quota], size: int) -> Quota | None:
    """The quota that has the least room left, if ``size`` bytes do not fit into it."""
    full = [one for one in quotas if one.used + size > one.most]
    return min(full, key=lambda one: one.most - one.used, default=None)


class Stage(StrEnum):
    """What a person is told of a medium."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    PREPARING = "preparing"
    READY = "ready"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def stage_of(state: str, asset_state: str = "", *, is_withdrawn: bool = False, is_expired: bool = False) -> Stage:
    """The stage of an upload from its own state and that of its asset.

    >>> stage_of("done", "working"), stage_of("done", "ready", is_expired=True)
    (<Stage.PREPARING: 'preparing'>, <Stage.EXPIRED: 'expired'>)
    """
    if state in (State.RECEIVING, State.REFUSED):
        return Stage(state)
    if state == State.RECEIVED:
        return Stage.CHECKING
    if asset_state != "ready":
        return Stage.REFUSED if asset_state == "refused" else Stage.PREPARING
    if is_withdrawn:
        return Stage.WITHDRAWN
    return Stage.EXPIRED if is_expired else Stage.READY
