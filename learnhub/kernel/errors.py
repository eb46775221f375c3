"""Refusals: how business code says no.

A refusal carries a code such as ``sessions.clash`` and parameters; the words for the code are in the
``messages.py`` of the feature that raises it, and one handler in ``design`` makes the page or the JSON.
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A rule said no. ``status`` is the HTTP status that tells it; ``fields`` maps form fields to codes."""

    status = 422

    def __init__(self, code: str, *, fields: dict[str, str] | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
        self.fields = fields or {}

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}({shown})" if shown else self.code


class Malformed(Refusal):
    """The request cannot be read."""

    status = 400


class NotSignedIn(Refusal):
    """Somebody must sign in first."""

    status = 401


class Forbidden(Refusal):
    """The person may not do this, or not here."""

    status = 403


class NotFound(Refusal):
    """There is no such thing, or none that this person may know of."""

    status = 404


class Conflict(Refusal):
    """What is there already speaks against it."""

    status = 409


class TooLarge(Refusal):
    """More than a stated limit."""

    status = 413


class Invalid(Refusal):
    """The values were understood and are refused by a rule."""

    status = 422


class TooManyRequests(Refusal):
    """Slow down; ``retry_after_s`` among the parameters says for how long."""

    status = 429


class OtherSideFailed(Refusal):
    """Another system on which this depends does not answer, or answers what it should not."""

    status = 502


class Unavailable(Refusal):
    """Not possible at the moment (disk full, database away); the same request may succeed later."""

    status = 503
