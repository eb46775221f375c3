"""What a file is, told by its first bytes and never by its name. Pure: bytes in, a word out."""

from __future__ import annotations

from typing import Literal

Nature = Literal["empty", "pdf", "zip", "png", "jpeg", "playlist", "page", "svg", "archive", "text", "binary"]
HEAD_BYTES = 8192

_PLAYLIST_SIGNS = (
    "#extm3u",
    "ffconcat",
    "[playlist]",
    "#extinf",
    "v=0\r\n",
    "v=0\n",
    "<mpd",
    "<smil",
    "<asx",
    "[reference]",
)
_PAGE_SIGNS = ("<!doctype html", "<html", "<head", "<body", "<script", "<?php")
_ARCHIVES = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf'\x1c", b"Rar!", b"MZ", b"\x7fELF")


def nature_of(head: bytes) -> Nature:
    """The nature of a file from its first :data:`HEAD_BYTES` bytes; ``binary`` is for ffprobe to say.

    >>> nature_of(b"#EXTM3U\\n#EXTINF:10,\\nfile:///etc/passwd")
    'playlist'
    """
    if not head:
        return "empty"
    if head[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    for mark, nature in ((b"PK\x03\x04", "zip"), (b"\x89PNG\r\n", "png"), (b"\xff\xd8\xff", "jpeg")):
        if head.startswith(mark):
            return nature  # type: ignore[return-value]
    if head.startswith(_ARCHIVES):
        return "archive"
    return _written_nature(head)


def _written_nature(head: bytes) -> Nature:
    text = as_text(head)
    if text is None:
        return "binary"
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(_PLAYLIST_SIGNS) or "#extm3u" in start[:200]:
        return "playlist"
    if "<svg" in start[:1000]:
        return "svg"
    if start.startswith("<?xml") and any(sign in start[:1000] for sign in ("<mpd", "<smil", "<playlist")):
        return "playlist"
    return "page" if any(sign in start[:1000] for sign in _PAGE_SIGNS) else "text"


def as_text(head: bytes) -> str | None:
    """The bytes as text when they are text in UTF-8, UTF-16 with a mark, or GB18030; None when they are not."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
        return text if text.isprintable() or _is_clean(text) else None
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut in two
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            if _is_clean(text):
                return text
    return None


def _is_clean(text: str) -> bool:
    odd = sum(1 for sign in text if ord(sign) < 32 and sign not in "\t\r\n\f\x1b" or sign == "\ufffd")
    private = sum(1 for sign in text if 0xE000 <= ord(sign) <= 0xF8FF)
    return odd == 0 and private * 20 <= len(text)
