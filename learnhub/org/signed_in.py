"""Who is behind a request: the cookie carries a random token, the session behind it lives in the database.

Flask-Login gives ``current_user`` and nothing else; its own session and remember cookies are not used, because their
copies still work after log-out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask.wrappers import Request
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response as AnyResponse

from learnhub.config import Settings
from learnhub.design import i18n
from learnhub.design.problems import wants_json
from learnhub.kernel import clock
from learnhub.kernel.errors import Forbidden
from learnhub.kernel.ids import new_id
from learnhub.kernel.signing import read_signed, sign
from learnhub.org import actions
from learnhub.org.oidc import Provider, provider_of
from learnhub.org.queries.sessions import OpenSession, account_of_token, find_pending, find_session
from learnhub.org.rules import SignInPolicy
from learnhub.org.scope import Actor

_TOKEN = "token"  # noqa: S105 - the name of the entry, not a secret
_PENDING = "awaits_code"
OUTSIDE = "outside"
"""The entry of the cookie that says: signed in by the provider, who may still know the browser after log-out."""
_KNOWN = "learnhub_known"
_SHARED = "learnhub_shared"
_KNOWN_FOR = timedelta(days=180)
_ROLES_WITH_CODE = {"unit_admin", "system_admin"}
_OPEN_WITHOUT_CODE = {"org.second_step", "org.set_up_second_step"}
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
    app.before_request(_require_second_step)
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


def secrets() -> tuple[str, ...]:
    """What seals small secrets in the database: the secret key, then those before it."""
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings.secret_keys


def slips_hold() -> timedelta:
    """For how long a one-time password opens."""
    settings: Settings = current_app.extensions["learnhub_settings"]
    return timedelta(days=settings.slip_days)


def address() -> str:
    """The network address of the browser, at most 64 characters."""
    return (request.remote_addr or "")[:64]


def open_session() -> OpenSession:
    """The session of this request; only where somebody is signed in."""
    return cast(OpenSession, current_user._get_current_object())


def last_account() -> int | None:
    """The account whose session this browser's cookie belongs to, ended or not; None without a cookie."""
    token = session.get(_TOKEN)
    return account_of_token(actions.hash_token(token)) if isinstance(token, str) else None


def remember(token: str) -> bool:
    """Puts a new session's token into a new cookie: nothing of an older one is carried over (session fixation).

    True when a code is still awaited: then the token opens nothing but the page that asks for it.
    """
    awaits_code = find_pending(actions.hash_token(token), now=clock.now()) is not None
    is_outside = _is_pending_from_outside()
    session.clear()
    g.pop("_login_user", None)  # Flask-Login looks anew who is behind the rest of this request
    if is_outside:
        session[OUTSIDE] = True
    session[_PENDING if awaits_code else _TOKEN] = token
    return awaits_code


def _is_pending_from_outside() -> bool:
    """True while the code of somebody is awaited whom the provider signed in."""
    return bool(session.get(_PENDING)) and bool(session.get(OUTSIDE))


def pending_token() -> str:
    """The token of the session whose code is awaited; "" without one."""
    return str(session.get(_PENDING, ""))


def must_have_code(own: Actor) -> bool:
    """True for those who may not work without a second step: unit and system administrators, unless switched off."""
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings.admin_totp and bool(own.roles & _ROLES_WITH_CODE)


def provider() -> Provider | None:
    """The outside provider of this application, None where none is set."""
    return provider_of(current_app.extensions["learnhub_settings"])


def known_browser() -> actions.KnownBrowser | None:
    """What the browser's own cookie tells of an earlier log-in in it."""
    settings: Settings = current_app.extensions["learnhub_settings"]
    signed = request.cookies.get(_KNOWN, "")
    for key in settings.secret_keys:
        if found := read_signed(signed, purpose=_KNOWN, key=key, now=clock.now()):
            return actions.KnownBrowser(found["account"], found["mark"])
    return None


def mark_browser(response: AnyResponse, token: str) -> None:
    """Lets the browser be known at its next log-in; not on a computer that several people use."""
    settings: Settings = current_app.extensions["learnhub_settings"]
    now = clock.now()
    found = find_session(actions.hash_token(token), policy=policy(), now=now)
    if found is None or found.is_shared:
        return
    told = {"account": found.account_id, "mark": new_id()}
    _set_cookie(response, _KNOWN, sign(told, purpose=_KNOWN, key=settings.secret_key, expires=now + _KNOWN_FOR))


def is_shared_computer() -> bool:
    """True when this browser was said to be on a computer that several people use."""
    return request.cookies.get(_SHARED) == "1"


def say_shared(response: AnyResponse, *, is_shared: bool) -> None:
    """Keeps that with the browser, or forgets it."""
    if is_shared:
        _set_cookie(response, _SHARED, "1")
        response.delete_cookie(_KNOWN)
    else:
        response.delete_cookie(_SHARED)


def _set_cookie(response: AnyResponse, name: str, value: str) -> None:
    settings: Settings = current_app.extensions["learnhub_settings"]
    response.set_cookie(name, value, max_age=_KNOWN_FOR, httponly=True, secure=settings.https, samesite="Lax")


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


def lacks_second_step() -> bool:
    """True for a signed-in person who has to set up a second step first."""
    return must_have_code(g.actor) and not (current_user.has_code or current_user.is_strong)


def _require_second_step() -> Response | None:
    """Administrators without a second step are led to set it up; nothing else is open to them until then."""
    if request.endpoint is None or request.endpoint in _OPEN_WITH_OLD_PASSWORD | _OPEN_WITHOUT_CODE:
        return None
    if not current_user.is_authenticated or not lacks_second_step():
        return None
    if request.method == "GET" and not wants_json():
        return cast(Response, redirect(url_for("org.second_step")))
    raise Forbidden("org.code_first")


def _read_locale() -> str | None:
    return g.actor.locale or None if current_user.is_authenticated else None


def _write_locale(locale: str) -> None:
    if current_user.is_authenticated:
        actions.set_locale(g.actor, locale, now=clock.now())
