"""Addresses of media.

``/m/<mark>,<end>,<person>,<asset>/<folder>/<file>``: who may fetch what, and until when, stands in the path. So the
relative addresses inside a playlist inherit it, and no cookie, session or page is needed for a segment. ``mark`` seals
all but the file's name in the one way that nginx can check by itself (``secure_link``): the same address is good with
nginx in front and without.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from learnhub.config import Settings
from learnhub.media import ladder, pages
from learnhub.media.models import Asset
from learnhub.media.queries import list_captions
from learnhub.media.stills import POSTER, STORYBOARD, THUMB
from learnhub.media.transcode import MASTER, WAVEFORM

LIFE = timedelta(hours=6)  # longer than any lecture with its pauses
TOKEN = r"([\w-]{22}),(\d{1,12}),(\d{1,12}),(\d{1,12})"  # noqa: S105 - a pattern
_TOKEN = re.compile(TOKEN, re.ASCII)


@dataclass(frozen=True)
class Addresses:
    """Where a player finds everything of one asset; None for what there is none of."""

    main: str
    poster: str | None
    thumb: str | None
    audio: str | None
    captions: tuple[tuple[str, str, str], ...]  # language, label, address
    original: str | None
    storyboard: str | None = None
    waveform: str | None = None


@dataclass(frozen=True)
class Ticket:
    """What a token says when its seal is whole and its end has not come."""

    person_id: int
    asset_id: int


def address_of(asset: Asset, person_id: int, *, settings: Settings, now: datetime) -> str:
    """The address of the playlist (or of the document, the picture) for one person, valid for six hours."""
    return base_of(asset, person_id, settings=settings, now=now) + (
        MASTER if asset.kind in ("video", "audio") else "original"
    )


def addresses_of(asset: Asset, person_id: int, *, settings: Settings, now: datetime) -> Addresses:
    """All addresses of one asset for one person, valid for six hours. One query."""
    base = base_of(asset, person_id, settings=settings, now=now)
    plays = asset.kind in ("video", "audio")
    is_video = asset.kind == "video"
    return Addresses(
        main=base + (MASTER if plays else "original"),
        poster=base + POSTER if is_video else None,
        thumb=base + THUMB if is_video else None,
        audio=f"{base}audio.m3u8" if plays else None,
        captions=tuple(
            (one.language, one.label, f"{base}captions/{one.language}.vtt") for one in list_captions(asset.id)
        ),
        original=None if plays else f"{base}original",
        storyboard=base + STORYBOARD if is_video and ladder.has_storyboard(asset.ladder) else None,
        waveform=base + WAVEFORM if plays and ladder.has_storyboard(asset.ladder) else None,
    )


def base_of(asset: Asset, person_id: int, *, settings: Settings, now: datetime) -> str:
    """The folder address that every file of the asset is below; ends with a slash."""
    # Whole hours, so that a page opened twice gives the same address and the browser's copy still serves.
    end = (now + LIFE).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    folder = folder_of(asset)
    about = f"{int(end.timestamp())} {person_id} {asset.id} {folder}"
    return f"/m/{_mark(about, address_key(settings))},{about.rpartition(' ')[0].replace(' ', ',')}/{folder}/"


def folder_of(asset: Asset) -> str:
    """Where its prepared files lie among the renditions: ``<sha256>/<version>``. Who began to watch by one ladder
    plays it to the end when another is made."""
    return f"{asset.sha256}/{asset.ladder or pages.VERSION}"


def read_token(token: str, folder: str, *, key: str, now: datetime) -> Ticket | None:
    """What a token for that folder says; None when it is forged, for another folder, or past its end.

    ``key`` is :func:`address_key`: whoever serves many files asks for it once.
    """
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    mark, end, person, asset = found.groups()
    right = _mark(f"{end} {person} {asset} {folder}", key)
    if not hmac.compare_digest(mark.encode(), right.encode("ascii", "replace")) or int(end) < now.timestamp():
        return None
    return Ticket(int(person), int(asset))


def address_key(settings: Settings) -> str:
    """The secret of these addresses alone: it stands in the configuration of nginx and must open nothing else."""
    return hashlib.sha256(f"media addresses\n{settings.token_key}".encode()).hexdigest()


def _mark(about: str, key: str) -> str:
    """nginx knows only MD5 here. With the secret at the end and everything before it of a fixed form, neither a
    longer message nor a pair of colliding ones helps a forger (RFC 6151, section 2.3, is about worse uses)."""
    digest = hashlib.md5(f"{about} {key}".encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
