"""Static files of all features under one address, long caching, compression, and the security headers.

``learnhub/<feature>/static/<folder>/name`` is served as ``/static/<stamp>/<folder>/name``. The stamp is a
checksum over all static files: it changes with any of them, so browsers may keep a file for a year, and an ES
module that imports ``./other.js`` gets it under the same stamp.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, g, request, url_for

PACKAGE = Path(__file__).resolve().parent.parent
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
PLAYER_STYLES = "vendor/media-chrome.styles.json"
"""The digests of the style elements of the player's parts (scripts/player_styles.mjs)."""
STRICT_TRANSPORT = "max-age=31536000"
YEAR = "public, max-age=31536000, immutable"
COMPRESSED = ("text/", "application/json", "application/javascript", "image/svg+xml")
WORTH_COMPRESSING = 1000
BROTLI = ".br"
"""A file of this suffix beside a static file is the same, packed with brotli beforehand (scripts/vendor.py)."""
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def content_security_policy(media_origin: str = "", styles: str = "") -> str:
    """What a page may load: own files only; recordings from ``media_origin`` where they lie elsewhere; inline styles
    only those with a digest in ``styles``."""
    rules = [
        "default-src 'self'", "img-src 'self' data: blob:", f"media-src 'self' blob: {media_origin}".rstrip(),
        "worker-src 'self' blob:", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
    ]  # fmt: skip
    rules += [f"connect-src 'self' {media_origin}"] if media_origin else []
    rules += [f"style-src 'self' {styles}"] if styles else []
    return "; ".join(rules)


def static_files(package: Path = PACKAGE) -> dict[str, Path]:
    """All static files by the name in their address: ``design/base.css`` → path. Only these are ever served."""
    found: dict[str, Path] = {}
    for root in sorted(package.glob("*/static")):
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != BROTLI:
                found[path.relative_to(root).as_posix()] = path
    return found


def stamp_of(files: dict[str, Path]) -> str:
    """Ten hexadecimal digits over the names and contents of all files."""
    total = hashlib.sha256()
    for name, path in files.items():
        total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:10]


class Assets:
    """The files and their stamp, read once; in debug mode read again when a file was added or changed."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Read the folders again."""
        self.files = static_files()
        self.stamp = stamp_of(self.files)
        styles = self.files.get(PLAYER_STYLES)
        self.player_styles: list[str] = json.loads(styles.read_bytes()) if styles else []


def assets() -> Assets:
    """The assets of the present application."""
    found: Assets = current_app.extensions["learnhub.assets"]
    return found


def static_url(name: str) -> str:
    """The address of a static file, such as ``static_url('design/base.css')``; an unknown name is a mistake."""
    known = assets()
    if current_app.debug or name not in known.files:
        known.renew()
    if name not in known.files:
        raise LookupError(f"no static file {name}; libraries come by npm ci && .venv/bin/python scripts/vendor.py")
    return url_for("static", stamp=known.stamp, filename=name)


@lru_cache(maxsize=256)
def _contents(path: Path, stamp: str, packing: str) -> bytes:
    if packing == "br":
        return _packed(path).read_bytes()
    body = path.read_bytes()
    return gzip.compress(body, 9, mtime=0) if packing else body


def _packed(path: Path) -> Path:
    return path.with_name(path.name + BROTLI)


def _packing(path: Path, kind: str) -> str:
    """How a file goes out to this browser: ``br`` where it was packed beforehand, ``gzip``, or empty for as it is."""
    if "br" in request.accept_encodings and _packed(path).is_file():
        return "br"
    return "gzip" if kind.startswith(COMPRESSED) and "gzip" in request.accept_encodings else ""


def static_file(stamp: str, filename: str) -> Response:
    """Send one static file, compressed if the browser takes it; public."""
    known = assets()
    if current_app.debug:
        known.renew()
    path = known.files.get(filename)
    if path is None:
        abort(404)
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(filename)[0] or "application/octet-stream"
    packing = _packing(path, kind)
    response = Response(_contents(path, known.stamp, packing), mimetype=kind)
    if packing:
        response.headers["Content-Encoding"] = packing
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = YEAR if stamp == known.stamp else "no-cache"
    response.set_etag(known.stamp)
    response.make_conditional(request)
    return response


static_file.is_public = True  # type: ignore[attr-defined]


def allow_player_styles() -> str:
    """Let the page that is being made hold a player, whose parts bring their styles with them; for templates."""
    g.player_styles = " ".join(f"'{digest}'" for digest in assets().player_styles)
    return ""


def _protect(response: Response) -> Response:
    """Add the security headers that a view has not set itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    policy = content_security_policy(current_app.config.get("MEDIA_ORIGIN", ""), g.get("player_styles", ""))
    response.headers.setdefault("Content-Security-Policy", policy)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-cache, private")
        response.vary.update(("Cookie", "Accept-Language"))
    return response


def _compress(response: Response) -> Response:
    """Compress a page or a piece of JSON on its way out; streams and small answers go as they are."""
    if (
        response.direct_passthrough or response.is_streamed or response.status_code in (204, 206, 304)
        or "Content-Encoding" in response.headers or not (response.mimetype or "").startswith(COMPRESSED)
    ):  # fmt: skip
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= WORTH_COMPRESSING and "gzip" in request.accept_encodings:
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def install(app: Flask) -> None:
    """Serve static files, give templates ``static_url``, and finish each response."""
    app.extensions["learnhub.assets"] = Assets()
    for rule in [rule for rule in app.url_map.iter_rules() if rule.endpoint == "static"]:
        raise RuntimeError(f"create the application with static_folder=None: {rule.rule} is already taken")
    app.add_url_rule("/static/<stamp>/<path:filename>", "static", static_file)
    app.jinja_env.globals["static_url"] = static_url
    app.jinja_env.globals["allow_player_styles"] = allow_player_styles
    # Functions run last-in first-out: headers are added first, then the body is compressed.
    app.after_request(_compress)
    app.after_request(_protect)
