"""Captions, documents and pictures behind an address: what needs the database to be found.

Prepared files of recordings go the direct way (``direct``) and never come here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from learnhub.config import Settings
from learnhub.kernel.errors import Forbidden, NotFound
from learnhub.media.delivery import LIFE, address_key, read_token
from learnhub.media.models import Asset, Caption
from learnhub.media.queries import get_asset
from learnhub.media.store import Store, open_store


@dataclass(frozen=True)
class Served:
    """A file to send: where it is, its type, its entity tag, seconds it may be kept, the name to save it under."""

    path: Path
    mime: str
    etag: str
    keep_s: int
    save_as: str | None = None


def serve(token: str, folder: str, name: str, *, settings: Settings, now: datetime) -> Served:
    """The file behind an address. Raises Forbidden for a token that is forged, expired or for another asset,
    NotFound for a file that is not there. Two queries at the most."""
    ticket = read_token(token, folder, key=address_key(settings), now=now)
    store = open_store(settings)
    if ticket is None or store.is_barred(ticket.person_id, ticket.asset_id):
        raise Forbidden("media.link_expired")
    asset = get_asset(ticket.asset_id)
    if not folder.startswith(f"{asset.sha256}/"):
        raise NotFound("media.not_found")
    return _caption(store, asset, name) if name.startswith("captions/") else _original(store, asset, name)


def _caption(store: Store, asset: Asset, name: str) -> Served:
    language = name.removeprefix("captions/").removesuffix(".vtt")
    found = Caption.get_or_none((Caption.asset == asset.id) & (Caption.language == language))
    if found is None:
        raise NotFound("media.not_found")
    return Served(store.kept_path(found.path), "text/vtt; charset=utf-8", Path(found.path).stem[:20], 60)


def _original(store: Store, asset: Asset, name: str) -> Served:
    """A document or picture as it was uploaded; recordings are played, not handed out."""
    path = store.original_path(asset.sha256)
    if name not in ("original", "view") or asset.kind not in ("document", "image") or not path.is_file():
        raise NotFound("media.not_found")
    shown = name == "view" and (asset.mime == "application/pdf" or asset.kind == "image")
    return Served(path, asset.mime, asset.sha256[:20], int(LIFE.total_seconds()), None if shown else asset.file_name)


def content_disposition(file_name: str) -> str:
    """The header for saving under a name in any script (RFC 6266, RFC 8187)."""
    plain = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\;%' else "_" for sign in file_name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
