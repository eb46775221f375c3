"""``POST /beat``: study reports, on a path of their own.

A small WSGI callable in front of the pages: no session, no routing, no templates. The signed token in the body says
who and what; the answer says what is durable. It needs nothing but the database and ``settings.token_key``. Reports are
folded in memory (``study.actions.folding``) and written together; any number of processes may take them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import msgspec
import peewee

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import db
from learnhub.kernel.errors import Malformed, Refusal, TooLarge, Unavailable
from learnhub.study.actions.folding import Fold
from learnhub.study.actions.tokens import read_token
from learnhub.study.rules import reports

PATH = "/beat"
MAX_BYTES = 8_192

_log = logging.getLogger(__name__)
_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
            413: "Content Too Large", 422: "Unprocessable Content", 503: "Service Unavailable"}  # fmt: skip
_JSON = ("Content-Type", "application/json")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_Place = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Sent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A report as players send it. What is none is read again by rules.reports.read_report, which says why."""

    token: str
    seq: Annotated[int, msgspec.Meta(ge=0, le=reports.MAX_SEQ)]
    seen: Annotated[list[tuple[_Place, _Place]], msgspec.Meta(max_length=reports.MAX_PIECES)]
    position_ms: _Place = 0


_decode = msgspec.json.Decoder(Sent).decode
_encode = msgspec.json.Encoder().encode


def mount(wsgi: Wsgi, settings: Settings, *, now_ms: Callable[[], int] = clock.now_ms) -> Wsgi:
    """``wsgi`` with the beat path in front of it."""
    beat = make_beat(settings, now_ms=now_ms)

    def mounted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return (beat if environ.get("PATH_INFO") == PATH else wsgi)(environ, start_response)

    return mounted


def make_beat(settings: Settings, *, now_ms: Callable[[], int] = clock.now_ms, fold: Fold | None = None) -> Wsgi:
    """The callable; ``now_ms`` is the clock by which reports are believed, ``fold`` what holds them (default: a new one)."""
    fold = fold or Fold(settings)

    def beat(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            body = _read(environ)
            try:
                sent = _decode(body)
            except msgspec.MsgspecError:
                sent = _read_exactly(body, fold, settings, now_ms())
            answer = _encode(fold.take(sent.token, sent.seq, sent.seen, sent.position_ms, now_ms()))
        except (Refusal, peewee.OperationalError, peewee.InterfaceError) as error:
            return _refuse(start_response, error, fold, now_ms())
        start_response("200 OK", [_JSON, ("Content-Length", str(len(answer)))])
        return [answer]

    return beat


class _NotPosted(Refusal):
    """Only POST is answered."""

    status = 405


def _read(environ: dict[str, Any]) -> bytes:
    """The body. Raises TooLarge or Malformed."""
    if environ["REQUEST_METHOD"] != "POST":
        raise _NotPosted("http.405")
    told = environ.get("CONTENT_LENGTH") or ""
    if not told.isdecimal() or not told.isascii():
        raise Malformed("study.report_json")
    length = int(told[:12])
    if length > MAX_BYTES:
        raise TooLarge("study.report_size", limit=MAX_BYTES)
    body: bytes = environ["wsgi.input"].read(length)
    return body


def _read_exactly(body: bytes, fold: Fold, settings: Settings, now_ms: int) -> Sent:
    """What players do not send, read slowly for the reason why. NaN and the infinities are not JSON."""
    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("study.report_json") from error
    token = data.get("token") if isinstance(data, dict) else None
    claims = read_token(token, key=settings.token_key, now=clock.at_ms(now_ms))
    try:
        report = reports.read_report(data, claims.length_ms)
    except Malformed:
        fold.refusals.count_viewing(claims.viewing_id)
        raise
    return Sent(str(token), report.seq, list(report.seen), report.position_ms)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _refuse(start_response: Callable[..., Any], error: Exception, fold: Fold, now_ms: int) -> list[bytes]:
    """Says why, and counts it. The player keeps what was not answered as durable and sends it again."""
    status, code = Unavailable.status, "kernel.database_away"
    if isinstance(error, Refusal):
        status, code = error.status, error.code
        _log.info("report refused", extra={"fields": {"code": code}})
    else:
        _log.error("report not stored", exc_info=error)
    if status == Unavailable.status and not db.is_closed():
        db.close()  # the next statement opens a new connection
    fold.count_refused(code, now_ms)
    sent = b'{"error":{"code":"%s"}}' % code.encode()
    headers = [
        _JSON,
        ("Content-Length", str(len(sent))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    headers += [("Allow", "POST")] if status == _NotPosted.status else []
    headers += [("Retry-After", "5")] if status == Unavailable.status else []
    start_response(f"{status} {_REASONS.get(status, 'Refused')}", headers)
    return [sent]


__all__ = ["MAX_BYTES", "PATH", "make_beat", "mount"]
