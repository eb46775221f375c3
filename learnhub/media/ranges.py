"""HTTP byte ranges (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_CHUNK = 1 << 20
_ONE = re.compile(r"^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$", re.IGNORECASE)


class CannotSatisfy(Exception):
    """The range lies outside of the file: status 416."""


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the byte after the last, or None for the whole file.

    Several ranges or words that cannot be read are answered with the whole file, as the standard allows; so no
    request makes the server send more than the file once.

    >>> wanted_range("bytes=-5", 100), wanted_range("bytes=0-1,5-6", 100)
    ((95, 100), None)
    """
    match = _ONE.match(header or "")
    if match is None or len(header or "") > 100 or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        begin, end = max(0, size - int(last)), size
        if int(last) == 0 or size == 0:
            raise CannotSatisfy
        return begin, end
    begin, end = int(first), min(size, int(last) + 1) if last else size
    if last and int(last) < int(first):
        return None
    if begin >= size:
        raise CannotSatisfy
    return begin, end


def read_part(path: Path, begin: int, end: int) -> Iterator[bytes]:
    """The bytes from ``begin`` up to ``end`` in pieces."""
    with path.open("rb") as opened:
        opened.seek(begin)
        left = end - begin
        while left > 0 and (chunk := opened.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
