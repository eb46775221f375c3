"""The addresses of the tus 1.0 protocol, below ``/media/uploads``.

Requests carry the session's cookie. They need no form token: without the header ``Tus-Resumable``, which no foreign
page can send unasked, nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request, url_for
from werkzeug.http import http_date
from werkzeug.wsgi import get_input_stream

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.errors import Forbidden, Malformed
from learnhub.media import actions as media
from learnhub.media.uploads import actions, rules
from learnhub.media.uploads.models import Upload
from learnhub.org.guard import ability, actor, public

blueprint = Blueprint("uploads", __name__, url_prefix="/media/uploads")

_PIECE = "application/offset+octet-stream"


def register(app: Flask) -> None:
    """Puts the addresses into the application."""
    for view in (create, append, remove):
        app.extensions["csrf"].exempt(view)
    app.register_blueprint(blueprint)


def tus(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view of the protocol: refuses other versions and other sites, and speaks the protocol's headers."""

    @wraps(view)
    def spoken(*args: Any, **kwargs: Any) -> Response:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden("upload.other_site")
        if request.headers.get("Tus-Resumable") != rules.VERSION:
            return Response("tus 1.0.0 is spoken here\n", 412, {"Tus-Version": rules.VERSION}, mimetype="text/plain")
        try:
            response: Response = view(*args, **kwargs)
        except rules.Unreadable as error:
            raise Malformed("upload.malformed", why=str(error)) from error
        return response

    return spoken


@blueprint.after_request
def _say_version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = rules.VERSION
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
@public  # says only what the protocol can do
def abilities() -> Response:
    """What this server can do."""
    headers = {
        "Tus-Version": rules.VERSION,
        "Tus-Extension": rules.EXTENSIONS,
        "Tus-Max-Size": str(media.LIMITS.bytes),
        "Tus-Checksum-Algorithm": ",".join(rules.CHECKSUMS),
    }
    return Response(status=204, headers=headers, mimetype="text/plain")


@blueprint.post("")
@ability("catalog.edit")
@tus
def create() -> Response:
    """Begins an upload; a body is its first piece."""
    wish = rules.read_wish(request.headers.get("Upload-Length"), request.headers.get("Upload-Metadata"))
    me = actor()
    upload = actions.begin(me, wish, settings=_settings(), now=clock.now())
    if request.mimetype == _PIECE:
        upload = _append(upload.id, 0)
    address = url_for("uploads.append", upload_id=upload.id)
    return _told(upload, 201, Location=address)


@blueprint.route("/<int:upload_id>", methods=["HEAD"])
@ability("catalog.edit")
@tus
def reach(upload_id: int) -> Response:
    """How far an upload is."""
    upload = actions.reach(actor(), upload_id, settings=_settings())
    return _told(upload, 200, **{"Upload-Length": str(upload.size)})


@blueprint.patch("/<int:upload_id>")
@ability("catalog.edit")
@tus
def append(upload_id: int) -> Response:
    """The next piece."""
    if request.mimetype != _PIECE:
        return Response(f"{_PIECE} is expected\n", 415, mimetype="text/plain")
    return _told(_append(upload_id, rules.read_length(request.headers.get("Upload-Offset"))), 204)


@blueprint.delete("/<int:upload_id>")
@ability("catalog.edit")
@tus
def remove(upload_id: int) -> Response:
    """Gives an upload up."""
    actions.remove(actor(), upload_id, settings=_settings(), now=clock.now())
    return Response(status=204, mimetype="text/plain")


def _append(upload_id: int, offset: int) -> Upload:
    checksum = rules.read_checksum(request.headers.get("Upload-Checksum"))
    # Not request.stream, which is bound to the size of forms; without a length the server knows where the body ends.
    source = get_input_stream(request.environ, safe_fallback=False)
    return actions.append(actor(), upload_id, offset, source, checksum=checksum, settings=_settings(), clock=clock.now)


def _told(upload: Upload, status: int, **headers: str) -> Response:
    response = Response(status=status, headers=headers, mimetype="text/plain")
    response.headers["Upload-Offset"] = str(upload.received)
    if upload.state == rules.State.RECEIVING:
        response.headers["Upload-Expires"] = http_date(_utc(upload.expires_at))
    return response


def _utc(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings
