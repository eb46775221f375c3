"""The one public path of media: the token in it is the authority."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from learnhub.kernel import clock
from learnhub.media.attachments import Served, content_disposition, serve
from learnhub.media.ranges import CannotSatisfy, read_part, wanted_range
from learnhub.org.guard import public

blueprint = Blueprint("media", __name__, template_folder="templates", static_folder=None)


@blueprint.get("/m/<token>/<sha256>/<version>/<path:name>")
@public  # players, television boxes and caches carry no session: the signed token in the path is what is checked
def file(token: str, sha256: str, version: str, name: str) -> Response:
    """A caption, document or picture; files of recordings are answered before Flask (``direct``)."""
    settings = current_app.extensions["learnhub_settings"]
    served = serve(token, f"{sha256}/{version}", name, settings=settings, now=clock.now())
    etag = f'"{served.etag}"'
    if etag in request.headers.get("If-None-Match", ""):
        return _with_headers(Response(status=304), served, etag)
    size = served.path.stat().st_size
    header = request.headers.get("Range")
    if request.headers.get("If-Range", etag) != etag:
        header = None
    try:
        part = wanted_range(header, size)
    except CannotSatisfy:
        return Response(status=416, mimetype="text/plain", headers={"Content-Range": f"bytes */{size}"})
    return _with_headers(_sent(served, part, size), served, etag)


def _sent(served: Served, part: tuple[int, int] | None, size: int) -> Response:
    begin, end = part or (0, size)
    body = None if request.method == "HEAD" else read_part(served.path, begin, end)
    response = Response(body, status=206 if part else 200, content_type=served.mime, direct_passthrough=True)
    response.headers["Content-Length"] = str(end - begin)
    if part:
        response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    return response


def _with_headers(response: Response, served: Served, etag: str) -> Response:
    immutable = ", immutable" if served.keep_s > 60 else ""
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"private, max-age={served.keep_s}{immutable}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if served.save_as is not None:
        response.headers["Content-Disposition"] = content_disposition(served.save_as)
    return response
