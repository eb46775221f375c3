"""Prepared files straight from the media folder: no session, no routing, no database.

A small WSGI callable in front of the pages for ``/m/<token>/<folder>/<file>`` where the file is one that a player
fetches. Where nginx stands in front, it does the same by the same rule and these requests never come here.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

from learnhub.config import Settings
from learnhub.kernel.errors import Unavailable
from learnhub.media.bucket import LARGE, BucketStore
from learnhub.media.delivery import LIFE, TOKEN, address_key, read_token
from learnhub.media.facts import FACTS
from learnhub.media.ranges import CannotSatisfy, read_part, wanted_range
from learnhub.media.store import Store, open_store

TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "m4s": "video/mp4",
    "jpg": "image/jpeg",
    "vtt": "text/vtt; charset=utf-8",
    "json": "application/json",
}
FOLDER = r"[0-9a-f]{64}/[a-z0-9][a-z0-9.-]{0,39}"
AT_ONCE = 4 << 20
"""A part up to this many bytes is read in one go; players ask for segments, which are far smaller."""

_PATH = re.compile(rf"/m/({TOKEN})/({FOLDER})/([\w-][\w.-]{{0,80}}\.({'|'.join(TYPES)}))", re.ASCII)
_KEPT = f"private, max-age={int(LIFE.total_seconds())}, immutable"

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]


def mount(wsgi: Wsgi, settings: Settings) -> Wsgi:
    """``wsgi`` with the direct way in front of it."""
    store, key = open_store(settings), address_key(settings)

    def mounted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        found = _PATH.fullmatch(path) if path.startswith("/m/") else None
        if found is None or found[7] == FACTS or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return wsgi(environ, start_response)
        token, folder, name, kind = found[1], found[6], found[7], found[8]
        ticket = read_token(token, folder, key=key, now=datetime.fromtimestamp(time.time(), UTC))
        if ticket is None or store.is_barred(ticket.person_id, ticket.asset_id):
            return _refuse(start_response, "403 Forbidden")
        if isinstance(store, BucketStore):
            return _send_away(store, folder, name, environ, start_response)
        return _send(store, f"{folder}/{name}", TYPES[kind], environ, start_response)

    return mounted


def _send_away(
    store: BucketStore, folder: str, name: str, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Small files from the desk; a segment's address leads to the bucket, by a signed one that soon ends."""
    sha256, version = folder.split("/")
    if name.endswith(LARGE):
        return _refuse(start_response, "302 Found", [("Location", store.away_address(f"renditions/{folder}/{name}"))])
    try:
        store.file_of(sha256, version, name)  # onto the desk, when another machine has made it
    except Unavailable:
        return _refuse(start_response, "503 Service Unavailable", [("Retry-After", "5")])
    return _send(store, f"{folder}/{name}", TYPES[name.rpartition(".")[2]], environ, start_response)


def _send(
    store: Store, path: str, mime: str, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    try:
        handle = os.open(store.root / "renditions" / path, os.O_RDONLY)
    except OSError:
        return _refuse(start_response, "404 Not Found")
    try:
        about = os.fstat(handle)
        etag = f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
        headers = [
            ("ETag", etag),
            ("Last-Modified", formatdate(about.st_mtime, usegmt=True)),
            ("Cache-Control", _KEPT),
            ("Accept-Ranges", "bytes"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ]
        if etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", headers)
            return []
        wanted = environ.get("HTTP_RANGE") if environ.get("HTTP_IF_RANGE", etag) == etag else None
        try:
            part = wanted_range(wanted, about.st_size)
        except CannotSatisfy:
            return _refuse(start_response, "416 Range Not Satisfiable", [("Content-Range", f"bytes */{about.st_size}")])
        begin, end = part or (0, about.st_size)
        headers += [("Content-Type", mime), ("Content-Length", str(end - begin))]
        if part:
            headers.append(("Content-Range", f"bytes {begin}-{end - 1}/{about.st_size}"))
        start_response("206 Partial Content" if part else "200 OK", headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        if end - begin <= AT_ONCE:
            return [os.pread(handle, end - begin, begin)]
        return read_part(store.root / "renditions" / path, begin, end)
    finally:
        os.close(handle)


def _refuse(start_response: Callable[..., Any], status: str, more: Headers | None = None) -> list[bytes]:
    """A player reads the status alone."""
    body = status.encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(status, headers + (more or []))
    return [body]
