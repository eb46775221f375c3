"""What joins features that may not know each other: the layout's view of the person, events, sources, paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from learnhub.config import Settings
from learnhub.design import navigation


def connect_features(app: Flask) -> None:
    """Subscribes and registers across features; called once when the application is made."""
    navigation.wire(
        app,
        navigation.Wiring(
            person_name=lambda: g.actor.name if current_user.is_authenticated else None,
            may_use=lambda ability: bool(current_user.is_authenticated and g.actor.can(ability)),
            home="desks.home",
            sign_in="org.login",
            sign_out="org.logout",
            search="search.results",
        ),
    )


def mount(wsgi: Callable[..., Any], settings: Settings) -> Callable[..., Any]:
    """Puts the paths that need no Flask in front of it."""
    return wsgi


def sign_in_page(next_path: str) -> Response:
    """Sends a person who is not signed in to the log-in page and back afterwards."""
    return redirect(url_for("org.login", next=next_path.rstrip("?")))
