"""``POST /beat``: study reports, on a path of their own.

A small WSGI callable in front of the pages: no session, no routing, no templates. The signed token in the body says
who and what; the answer says what is durable. It needs nothing but the database and ``settings.token_key``. Reports are
folded in memory (``study.actions.folding``) and written together; any number of processes may take them.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import peewee

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import db
from learnhub.kernel.errors import Malformed, Refusal, TooLarge, Unavailable
from learnhub.study.actions.folding import Fold
from learnhub.study.actions.storing import Answer, Claims
from learnhub.study.actions.viewing import read_claimed, read_token

PATH = "/beat"
MAX_BYTES = 8_192

refused: Counter[str] = Counter()
"""Refused reports since this process started, by code."""

_log = logging.getLogger(__name__)
_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
            413: "Content Too Large", 422: "Unprocessable Content", 503: "Service Unavailable"}  # fmt: skip

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def mount(wsgi: Wsgi, settings: Settings, *, now: Callable[[], datetime] = clock.now) -> Wsgi:
    """``wsgi`` with the beat path in front of it."""
    beat = make_beat(settings, now=now)

    def mounted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return (beat if environ.get("PATH_INFO") == PATH else wsgi)(environ, start_response)

    return mounted


def make_beat(settings: Settings, *, now: Callable[[], datetime] = clock.now, fold: Fold | None = None) -> Wsgi:
    """The callable; ``now`` is the clock by which reports are believed, ``fold`` what holds them (default: a new one)."""
    fold = fold or Fold(settings)
    tokens = Tokens(settings.token_key)

    def beat(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            return _respond(start_response, 405, b'{"error":{"code":"http.405"}}', [("Allow", "POST")])
        try:
            data, at = _read(environ), now()
            claims = tokens.read(data.get("token") if isinstance(data, dict) else None, at)
            answer = fold.take(claims, read_claimed(data, claims), now=at)
        except Refusal as refusal:
            refused[refusal.code] += 1
            _log.info("report refused", extra={"fields": {"code": refusal.code, "address": environ.get("REMOTE_ADDR")}})
            if refusal.status == Unavailable.status and not db.is_closed():
                db.close()
            return _respond(start_response, refusal.status, b'{"error":{"code":"%s"}}' % refusal.code.encode())
        except (peewee.OperationalError, peewee.InterfaceError):
            # The player keeps what was not answered as durable and sends it again, on a new connection.
            _log.exception("report not stored")
            if not db.is_closed():
                db.close()
            return _respond(start_response, 503, b'{"error":{"code":"kernel.database_away"}}', [("Retry-After", "5")])
        return _respond(start_response, 200, _body(answer))

    return beat


def _read(environ: dict[str, Any]) -> Any:
    """The JSON value of the body. Raises TooLarge or Malformed; NaN and the infinities are not JSON."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or MAX_BYTES + 1)
    except ValueError as error:
        raise Malformed("study.report_json") from error
    if length > MAX_BYTES and environ.get("CONTENT_LENGTH"):
        raise TooLarge("study.report_size", limit=MAX_BYTES)
    body = environ["wsgi.input"].read(max(0, min(length, MAX_BYTES + 1)))
    if len(body) > MAX_BYTES:
        raise TooLarge("study.report_size", limit=MAX_BYTES)
    try:
        return _decode(body.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed("study.report_json") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


class Tokens:
    """Tokens whose signature was checked lately, so that not every report pays for it. Times in seconds."""

    CHECK_AGAIN_S = 300
    MOST = 200_000

    def __init__(self, key: str) -> None:
        self._key = key
        self._known: dict[str, tuple[Claims, float]] = {}

    def read(self, token: Any, now: datetime) -> Claims:
        """What a token claims, at most :attr:`CHECK_AGAIN_S` after it ran out. Raises Forbidden."""
        at = now.timestamp()
        known = self._known.get(token) if isinstance(token, str) else None
        if known is not None and 0 <= at - known[1] < self.CHECK_AGAIN_S:
            return known[0]
        claims = read_token(token, key=self._key, now=now)
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known[token] = (claims, at)
        return claims


def _body(answer: Answer) -> bytes:
    durable = "null" if answer.durable is None else answer.durable
    done = "true" if answer.done else "false"
    return (
        f'{{"durable":{durable},"seen_ms":{answer.seen_ms},"share":{answer.share!r},"done":{done},'
        f'"next_s":{answer.next_s},"state":"{answer.state}"}}'
    ).encode()


def _respond(
    start_response: Callable[..., Any], status: int, body: bytes, more: Iterable[tuple[str, str]] = ()
) -> list[bytes]:
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    headers += more
    start_response(f"{status} {_REASONS.get(status, 'Refused')}", headers)
    return [body]


__all__ = ["MAX_BYTES", "PATH", "make_beat", "mount", "refused"]
