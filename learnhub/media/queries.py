"""Reads on media for the features above."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.errors import NotFound
from learnhub.kernel.models import Job
from learnhub.media import pages
from learnhub.media.captions import list_cues
from learnhub.media.documents import PageText
from learnhub.media.models import Asset, Caption, Rendition
from learnhub.media.store import open_store

JOB = "media.prepare"


def get_asset(asset_id: int) -> Asset:
    """The asset. Raises NotFound ``media.not_found``."""
    found = Asset.get_or_none(Asset.id == asset_id)
    if found is None:
        raise NotFound("media.not_found")
    return found  # type: ignore[no-any-return]


def is_expired(asset: Asset, now: datetime) -> bool:
    """Whether the medium's last day is over."""
    return asset.expires_on is not None and clock.local_date(now) > asset.expires_on


def why_not_shown(asset: Asset | None, now: datetime) -> str:
    """Why nobody is shown this medium: ``withdrawn``, ``expired``, ``refused`` or ``preparing``; empty when it is shown."""
    if asset is None:
        return "preparing"
    if asset.withdrawn_at is not None:
        return "withdrawn"
    if is_expired(asset, now):
        return "expired"
    if asset.state == "refused":
        return "refused"
    return "" if asset.state == "ready" else "preparing"


def find_asset_by_sha256(sha256: str) -> Asset | None:
    """The asset of that content, if there is one."""
    return Asset.get_or_none(Asset.sha256 == sha256)  # type: ignore[no-any-return]


def list_assets(asset_ids: Iterable[int]) -> dict[int, Asset]:
    """The assets by id; unknown ids are left out. One query."""
    return {asset.id: asset for asset in Asset.select().where(Asset.id.in_(list(asset_ids)))}


def job_key(asset_id: int) -> str:
    """The key of the job that prepares an asset."""
    return f"{JOB}:{asset_id}"


@dataclass(frozen=True)
class Preparation:
    """How far an asset is. ``state``: waiting, working, ready, refused, failed (the machine's fault), cancelled.

    ``share`` from 0 to 1; ``left_s``: seconds that it will probably still take, None while nobody can say; ``ahead``:
    how many other files are in line before it.
    """

    asset: Asset
    state: str
    share: float = 0.0
    left_s: int | None = None
    ahead: int = 0


def list_preparations(asset_ids: Iterable[int]) -> list[Preparation]:
    """How far these assets are, by name of file. Three queries."""
    assets = sorted(list_assets(asset_ids).values(), key=lambda asset: (asset.file_name, asset.id))
    newest = jobs.latest(job_key(asset.id) for asset in assets)
    line = jobs.waiting_keys(JOB) if any(job.state == "waiting" for job in newest.values()) else []
    places = {key: place for place, key in enumerate(line)}
    return [_preparation(asset, newest.get(job_key(asset.id)), places) for asset in assets]


def _preparation(asset: Asset, job: Job | None, places: dict[str, int]) -> Preparation:
    if asset.state in ("ready", "refused") or job is None:
        return Preparation(asset, asset.state)
    if job.state in ("failed", "cancelled"):
        return Preparation(asset, job.state)
    if job.state == "running":
        return Preparation(asset, "working", job.share, job.left_s)
    return Preparation(asset, "waiting", ahead=places.get(job.key or "", 0))


def list_captions(asset_id: int) -> list[Caption]:
    """The captions of an asset, Chinese first."""
    found = list(Caption.select().where(Caption.asset == asset_id))
    return sorted(found, key=lambda one: (not one.language.startswith("zh"), one.language))


def list_caption_cues(asset_id: int, *, settings: Settings) -> list[tuple[str, int, int, str]]:
    """``(language, start_ms, end_ms, text)`` of every caption of an asset: what search indexes with its second."""
    store = open_store(settings)
    return [
        (caption.language, *cue)
        for caption in list_captions(asset_id)
        for cue in list_cues(store.read_caption(caption.path))
    ]


def list_pages(asset_id: int, *, settings: Settings) -> list[PageText]:
    """The text of a prepared document by page; empty while it is not ready."""
    path = open_store(settings).file_of(get_asset(asset_id).sha256, pages.VERSION, pages.NAME)
    return pages.from_json(path.read_bytes()) if path else []


def list_renditions(asset_id: int) -> list[Rendition]:
    """What was made of an asset: heights from low to high, then sound and pictures."""
    found = list(Rendition.select().where(Rendition.asset == asset_id))
    return sorted(found, key=lambda one: (one.kind != "video", one.height or 0, one.name))
