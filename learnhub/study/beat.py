"""``POST /beat``: study reports, on a path of their own.

A small WSGI callable in front of the pages: no session, no routing, no templates. The signed token in the body says
who and what; the answer says what is durable. It needs nothing but the database and ``settings.token_key``, so it can
be mounted in front of Flask or run as a process of its own.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import peewee

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import db
from learnhub.kernel.errors import Malformed, Refusal, TooLarge, Unavailable
from learnhub.study.actions.viewing import record_report

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


def make_beat(settings: Settings, *, now: Callable[[], datetime] = clock.now) -> Wsgi:
    """The callable; ``now`` is the clock by which reports are believed."""

    def beat(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            return _respond(start_response, 405, {"error": {"code": "http.405"}}, [("Allow", "POST")])
        try:
            answer = record_report(_read(environ), now=now(), settings=settings)
        except Refusal as refusal:
            refused[refusal.code] += 1
            _log.info("report refused", extra={"fields": {"code": refusal.code, "address": environ.get("REMOTE_ADDR")}})
            if refusal.status == Unavailable.status and not db.is_closed():
                db.close()
            return _respond(start_response, refusal.status, {"error": {"code": refusal.code}})
        except (peewee.OperationalError, peewee.InterfaceError):
            # The player keeps what was not answered as durable and sends it again, on a new connection.
            _log.exception("report not stored")
            if not db.is_closed():
                db.close()
            return _respond(start_response, 503, {"error": {"code": "kernel.database_away"}}, [("Retry-After", "5")])
        return _respond(start_response, 200, asdict(answer))

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
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("study.report_json") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _respond(
    start_response: Callable[..., Any], status: int, body: dict[str, Any], more: Iterable[tuple[str, str]] = ()
) -> list[bytes]:
    sent = json.dumps(body, separators=(",", ":")).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(sent))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(f"{status} {_REASONS.get(status, 'Refused')}", [*headers, *more])
    return [sent]


__all__ = ["MAX_BYTES", "PATH", "make_beat", "mount", "refused"]
