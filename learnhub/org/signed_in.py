"""Who is behind a request: the cookie carries a random token, the session behind it lives in the database.

Flask-Login gives ``current_user`` and nothing else; its own session and remember cookies are not used, because their
copies still work after log-out.
"""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask.wrappers import Request
from flask_login import LoginManager, current_user

from learnhub.config import Settings
from learnhub.design import i18n
from learnhub.design.problems import wants_json
from learnhub.kernel import clock
from learnhub.kernel.errors import Forbidden
from learnhub.org import actions
from learnhub.org.queries.sessions import OpenSession, find_session
from learnhub.org.rules import SignInPolicy

_TOKEN = "token"  # noqa: S105 - the name of the entry, not a secret
_OPEN_WITH_OLD_PASSWORD = {
    *("org.password", "org.logout", "static"),
    *("design.choose_language", "design.choose_text_size"),
}


def install(app: Flask) -> None:
    """Gives the application ``current_user``, ``g.actor`` and the kept language."""
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(_load)
    manager.init_app(app)
    app.before_request(_require_own_password)
    i18n.wire_locale_store(app, _read_locale, _write_locale)


def policy() -> SignInPolicy:
    """The limits of log-ins and sessions of this application."""
    settings: Settings = current_app.extensions["learnhub_settings"]
    return SignInPolicy(
        attempts=settings.login_attempts,
        lock_minutes=settings.login_lock_minutes,
        idle_minutes=settings.session_idle_minutes,
        session_days=settings.session_days,
        password_length=settings.password_length,
    )


def address() -> str:
    """The network address of the browser, at most 64 characters."""
    return (request.remote_addr or "")[:64]


def open_session() -> OpenSession:
    """The session of this request; only where somebody is signed in."""
    return cast(OpenSession, current_user._get_current_object())


def remember(token: str) -> None:
    """Puts a new session's token into a new cookie: nothing of an older one is carried over (session fixation)."""
    session.clear()
    session[_TOKEN] = token


def forget() -> None:
    """Empties the cookie."""
    session.clear()


def _load(_request: Request) -> OpenSession | None:
    """Loads session, account, person and powers in one query; no cookie, no query."""
    token = session.get(_TOKEN)
    if not isinstance(token, str):
        return None
    now = clock.now()
    found = find_session(actions.hash_token(token), policy=policy(), now=now, address=address())
    if found is not None:
        g.actor = found.actor
        actions.note_seen(found.id, found.seen_at, now=now)
    return found


def _require_own_password() -> Response | None:
    """With a password that somebody else knows, only changing it, signing out and the language are open."""
    if request.endpoint is None or request.endpoint in _OPEN_WITH_OLD_PASSWORD:
        return None
    if not (current_user.is_authenticated and current_user.must_change):
        return None
    if request.method == "GET" and not wants_json():
        return cast(Response, redirect(url_for("org.password")))
    raise Forbidden("org.change_password_first")


def _read_locale() -> str | None:
    return g.actor.locale or None if current_user.is_authenticated else None


def _write_locale(locale: str) -> None:
    if current_user.is_authenticated:
        actions.set_locale(g.actor, locale, now=clock.now())
