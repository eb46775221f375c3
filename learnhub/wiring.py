"""What joins features that may not know each other: events, search sources, the stored language, the beat path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, redirect, url_for

from learnhub.config import Settings
from learnhub.org.scope import Actor


def connect_features(app: Flask) -> None:
    """Subscribes and registers across features; called once when the application is made."""


def mount(wsgi: Callable[..., Any], settings: Settings) -> Callable[..., Any]:
    """Puts the paths that need no Flask in front of it."""
    return wsgi


def sign_in_page(next_path: str) -> Response:
    """Sends a person who is not signed in to the log-in page and back afterwards."""
    return redirect(url_for("org.login", next=next_path.rstrip("?")))  # type: ignore[return-value]


__all__ = ["Actor", "connect_features", "mount", "sign_in_page"]
