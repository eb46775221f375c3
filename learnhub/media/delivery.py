"""Addresses of media and what they lead to.

``/m/<token>/<asset>/<ladder>/<file>``: the token stands in the path, so that the relative addresses inside a playlist
inherit it and no cookie, session or page is needed for a segment. It names the asset, the person and its end, and is
signed. Without ``<ladder>`` it is the one that counts now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from learnhub.config import Settings
from learnhub.kernel.errors import Forbidden, NotFound
from learnhub.kernel.signing import read_signed, sign
from learnhub.media import ladder
from learnhub.media.facts import FACTS
from learnhub.media.models import Asset, Caption
from learnhub.media.queries import get_asset, list_captions, may_still_watch
from learnhub.media.store import Store, open_store
from learnhub.media.transcode import MASTER, POSTER, THUMB

LIFE = timedelta(hours=6)  # longer than any lecture with its pauses
_PURPOSE = "media"
_CHUNK = 256 << 10
_MIMES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
    ".json": "application/json",
}


@dataclass(frozen=True)
class Addresses:
    """Where a player finds everything of one asset; None for what there is none of."""

    main: str
    poster: str | None
    thumb: str | None
    audio: str | None
    captions: tuple[tuple[str, str, str], ...]  # language, label, address
    original: str | None


@dataclass(frozen=True)
class Served:
    """A file to send: where it is, its type, its entity tag, seconds it may be kept, the name to save it under."""

    path: Path
    mime: str
    etag: str
    keep_s: int
    save_as: str | None = None


def address_of(asset: Asset, person_id: int, *, settings: Settings, now: datetime) -> str:
    """The address of the playlist (or of the document, the picture) for one person, valid for six hours."""
    base = base_of(asset.id, person_id, settings=settings, now=now)
    return base + (f"{asset.ladder}/{MASTER}" if asset.kind in ("video", "audio") else "original")


def addresses_of(asset: Asset, person_id: int, *, settings: Settings, now: datetime) -> Addresses:
    """All addresses of one asset for one person, valid for six hours. One query."""
    base = base_of(asset.id, person_id, settings=settings, now=now)
    made = f"{base}{asset.ladder}/"
    plays = asset.kind in ("video", "audio")
    is_video = asset.kind == "video"
    return Addresses(
        main=made + MASTER if plays else f"{base}original",
        poster=made + POSTER if is_video else None,
        thumb=made + THUMB if is_video else None,
        audio=f"{made}audio.m3u8" if plays else None,
        captions=tuple(
            (one.language, one.label, f"{base}captions/{one.language}.vtt") for one in list_captions(asset.id)
        ),
        original=None if plays else f"{base}original",
    )


def base_of(asset_id: int, person_id: int, *, settings: Settings, now: datetime) -> str:
    """The folder address that every file of the asset is below; ends with a slash."""
    # Whole hours, so that a page opened twice gives the same address and the browser's copy still serves.
    expires = (now + LIFE).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    token = sign({"a": asset_id, "p": person_id}, purpose=_PURPOSE, key=settings.token_key, expires=expires)
    return f"/m/{token}/{asset_id}/"


def serve(token: str, asset_id: int, name: str, *, settings: Settings, now: datetime) -> Served:
    """The file behind an address. Raises Forbidden for a token that is forged, expired or for another asset,
    NotFound for a file that is not there."""
    told = read_signed(token, purpose=_PURPOSE, key=settings.token_key, now=now)
    if told is None or told["a"] != asset_id or not may_still_watch(asset_id, told["p"], now):
        raise Forbidden("media.link_expired")
    asset = get_asset(asset_id)
    store = open_store(settings)
    version, name = _version_of(asset, name)
    if name.startswith("captions/"):
        return _caption(store, asset, name)
    if name in ("original", "view"):
        return _original(store, asset, name)
    path = store.file_of(asset.sha256, version, name)
    if path is None or path.suffix not in _MIMES or name == FACTS:
        raise NotFound("media.not_found")
    mime = "audio/mp4" if path.suffix == ".m4s" and name.startswith("audio") else _MIMES[path.suffix]
    return Served(path, mime, f"{asset.sha256[:20]}-{version}-{name}", int(LIFE.total_seconds()))


def _version_of(asset: Asset, name: str) -> tuple[str, str]:
    """Which ladder a name asks for, and the name within: who began with one plays it to the end when another is made."""
    version, slash, rest = name.partition("/")
    return (version, rest) if slash and ladder.is_version(version) else (asset.ladder, name)


def _caption(store: Store, asset: Asset, name: str) -> Served:
    language = name.removeprefix("captions/").removesuffix(".vtt")
    found = Caption.get_or_none((Caption.asset == asset.id) & (Caption.language == language))
    if found is None:
        raise NotFound("media.not_found")
    return Served(store.root / found.path, _MIMES[".vtt"], Path(found.path).stem[:20], 60)


def _original(store: Store, asset: Asset, name: str) -> Served:
    """A document or picture as it was uploaded; recordings are played, not handed out."""
    path = store.original_path(asset.sha256)
    if asset.kind not in ("document", "image") or not path.is_file():
        raise NotFound("media.not_found")
    shown = name == "view" and (asset.mime == "application/pdf" or asset.kind == "image")
    return Served(path, asset.mime, asset.sha256[:20], int(LIFE.total_seconds()), None if shown else asset.file_name)


def content_disposition(file_name: str) -> str:
    """The header for saving under a name in any script (RFC 6266, RFC 8187)."""
    plain = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\;%' else "_" for sign in file_name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def read_part(path: Path, begin: int, end: int) -> Iterator[bytes]:
    """The bytes from ``begin`` up to ``end`` in pieces."""
    with path.open("rb") as opened:
        opened.seek(begin)
        left = end - begin
        while left > 0 and (chunk := opened.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
