"""Puts the features together into one WSGI application; imported by nobody inside the features."""

from __future__ import annotations

import logging
import secrets
from importlib import import_module
from typing import Any

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from learnhub import wiring
from learnhub.config import Settings, read_settings
from learnhub.design.problems import render_problem, wants_json
from learnhub.design.refused import page_again
from learnhub.kernel import clock, messages
from learnhub.kernel.db import connect, db, give_back_if_broken, raise_if_storage
from learnhub.kernel.errors import Malformed, Refusal
from learnhub.kernel.log import set_up_logging
from learnhub.migrations import pending
from learnhub.org.guard import public

FEATURES = ("design", "org", "media", "catalog", "study", "sessions", "years", "proofs", "search", "reports", "desks")

PIECE = "application/offset+octet-stream"
"""The content type of a piece of an upload (tus)."""

_log = logging.getLogger("learnhub.app")


class _Number(IntegerConverter):
    """A number of an address; one that no database column can hold belongs to no page."""

    regex = r"\d{1,18}"


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application for these settings (default: those of the environment)."""
    settings = settings or read_settings()
    set_up_logging(settings.log_level)
    connect(settings.database_url)
    app = Flask("learnhub", static_folder=None, template_folder=None)
    app.url_map.converters["int"] = _Number
    _configure(app, settings)
    CSRFProtect(app)
    app.before_request(_refuse_nul)
    for name in FEATURES:
        import_module(f"learnhub.{name}").register(app)
    wiring.connect_features(app)
    _register_errors(app)
    _register_health(app)
    app.teardown_appcontext(lambda _error: give_back_if_broken())
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = wiring.mount(app.wsgi_app, settings)  # type: ignore[method-assign]
    return app


def settings_of(app: Flask) -> Settings:
    """The settings that an application was made with."""
    settings: Settings = app.extensions["learnhub_settings"]
    return settings


def _configure(app: Flask, settings: Settings) -> None:
    app.extensions["learnhub_settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=settings.max_upload_mb << 20,
        MAX_FORM_MEMORY_SIZE=2 << 20,
        MAX_FORM_PARTS=5000,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        SESSION_COOKIE_NAME="learnhub",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.https,
        TEMPLATES_AUTO_RELOAD=False,
    )


def _refuse_nul() -> None:
    # PostgreSQL stores none, HTML shows none, and nobody types one. A piece of a file is no form: it is not looked into,
    # nor bound to the size of forms.
    values = request.args if request.mimetype == PIECE else request.values
    if "\0" in request.path or any("\0" in text for _name, text in values.items(multi=True)):
        raise Malformed("http.400")


def _register_errors(app: Flask) -> None:
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, lambda _error: wiring.form_too_late() or _answer(400, "kernel.csrf"))
    app.register_error_handler(Exception, _failed)


def _refused(refusal: Refusal) -> Response:
    if refusal.status == 401 and request.method == "GET" and not wants_json():
        return wiring.sign_in_page(request.full_path)
    if refusal.status == 401 and (answer := wiring.form_too_late()) is not None:
        return answer  # type: ignore[return-value]
    wiring.count_refused(refusal)
    fields = {name: messages.text_of(code, refusal.params) or code for name, code in refusal.fields.items()}
    shown_again = refusal.status in (401, 409, 422, 502) and not wants_json()
    again = page_again(messages.text_of(refusal.code, refusal.params) or refusal.code, fields) if shown_again else None
    if again is None:
        answer = _answer(refusal.status, refusal.code, refusal.params, fields)
    else:
        answer = Response(again, refusal.status, mimetype="text/html")
    if "retry_after_s" in refusal.params:
        answer.headers["Retry-After"] = str(refusal.params["retry_after_s"])
    return answer


def _http_error(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):  # not our host: there are no addresses of which a page could be made
        return Response("400: this site does not answer under that name.\n", 400, mimetype="text/plain")
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    answer = _answer(error.code, f"http.{error.code}")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Content-Range"):
            answer.headers[name] = value
    return answer


def _failed(error: Exception) -> Response:
    try:
        raise_if_storage(error)
    except Refusal as refusal:
        return _refused(refusal)
    return _answer(500, "http.500", error=error)


def _answer(
    status: int,
    code: str,
    params: dict[str, Any] | None = None,
    fields: dict[str, str] | None = None,
    error: Exception | None = None,
) -> Response:
    """The page or JSON of a problem; the same reference number stands in the log."""
    reference = secrets.token_hex(4)
    facts = {"reference": reference, "status": status, "code": code, "method": request.method, "path": request.path}
    _log.log(logging.ERROR if error else logging.INFO, "problem", exc_info=error, extra={"fields": facts})
    text = messages.text_of(code, params or {})
    return render_problem(status, text, reference, code=code, want_json=wants_json(), fields=fields)


def _register_health(app: Flask) -> None:
    @app.get("/healthz")
    @public
    def healthz() -> dict[str, Any]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz")
    @public
    def readyz() -> tuple[dict[str, Any], int]:
        """The database answers and has the present schema."""
        missing = pending(db.obj)
        return {"status": "migrate" if missing else "ok", "at": clock.now().isoformat()}, 503 if missing else 200
