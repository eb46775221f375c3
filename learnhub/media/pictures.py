"""Still pictures, told by their first bytes: PNG and JPEG with a bounded number of pixels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from learnhub.media.probe import MediaRefused

_FRAME_MARKS = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_HEAD_BYTES = 1 << 20


@dataclass(frozen=True)
class Picture:
    """A still picture: MIME type and pixels."""

    mime: str
    width: int
    height: int


def picture_of(path: Path, most_pixels: int) -> Picture | None:
    """The picture in a file, None when it is none. Raises :class:`MediaRefused` when damaged or too large."""
    with path.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        found = Picture("image/png", *_png_size(head))
    elif head.startswith(b"\xff\xd8\xff"):
        found = Picture("image/jpeg", *_jpeg_size(head))
    else:
        return None
    if found.width * found.height == 0:
        raise MediaRefused("media.damaged")
    if found.width * found.height > most_pixels * 4:
        raise MediaRefused("media.too_many_pixels", width=found.width, height=found.height)
    return found


def _png_size(head: bytes) -> tuple[int, int]:
    return struct.unpack(">II", head[16:24]) if len(head) >= 24 else (0, 0)  # type: ignore[return-value]


def _jpeg_size(head: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        mark, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if mark in _FRAME_MARKS:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return 0, 0
