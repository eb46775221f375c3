"""What the pages of media show: the list, one medium, storage by unit and age."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import peewee

from learnhub.config import Settings
from learnhub.kernel import jobs
from learnhub.kernel.paging import Page, page_of
from learnhub.media import actions as media
from learnhub.media.models import Asset, Rendition
from learnhub.media.queries import is_expired
from learnhub.media.uploads import queries
from learnhub.media.uploads.models import MediaQuota, Upload
from learnhub.media.uploads.rules import OCCUPYING, Stage, State, stage_of
from learnhub.org.models import Person, Unit
from learnhub.org.scope import Actor, in_scope

PAGE_SIZE = 20
AGES = (30, 365, 3 * 365)
"""Days that bound the columns of the storage page; what is older stands in a last one."""


@dataclass(frozen=True)
class Use:
    """Where a medium is used: words and address of a page."""

    title: str
    address: str


@dataclass(frozen=True)
class Medium:
    """A line of the list: ``share`` done of the present stage, 0 to 1; seconds left where they are known."""

    upload: Upload
    stage: Stage
    share: float
    left_s: int | None
    uses: tuple[Use, ...] = ()

    @property
    def refusal(self) -> tuple[str, dict[str, object]] | None:
        """Code and values of the refusal, the upload's or the asset's."""
        one = self.upload if self.upload.refusal_code else self.upload.asset
        if self.stage != Stage.REFUSED or one is None:
            return None
        return one.refusal_code, one.refusal_params or {}


@dataclass(frozen=True)
class UnitStorage:
    """What one unit keeps itself, in bytes: by age of the upload, in all, and the quota set for it, if one is."""

    unit: Unit
    count: int
    ages: tuple[int, ...]
    prepared: int
    quota: int | None
    below: int

    @property
    def total(self) -> int:
        """The originals of all ages."""
        return sum(self.ages)


_finders: list[Callable[[Actor, list[int]], dict[int, list[Use]]]] = []


def find_uses_by(finder: Callable[[Actor, list[int]], dict[int, list[Use]]]) -> None:
    """A feature above says here where it uses assets: for an actor and asset ids, the places that the actor may see."""
    if finder not in _finders:
        _finders.append(finder)


def uses_of(actor: Actor, asset_ids: Iterable[int]) -> dict[int, tuple[Use, ...]]:
    """The places where assets are used."""
    ids = sorted(set(asset_ids))
    found: dict[int, list[Use]] = defaultdict(list)
    for finder in _finders:
        for asset_id, uses in finder(actor, ids).items():
            found[asset_id] += uses
    return {asset_id: tuple(uses) for asset_id, uses in found.items()}


def list_media(actor: Actor, *, mine: bool, number: int, now: datetime) -> Page[Medium]:
    """The media of the units in the actor's care, the newest first; ``mine``: those that the actor uploaded."""
    wanted = in_scope(actor, "catalog.edit") & (Upload.state != State.REMOVED)
    if mine:
        wanted &= Upload.person == actor.person_id
    page = page_of(_selected(wanted).order_by(Upload.id.desc()), number, PAGE_SIZE)
    return Page(_told(actor, page.items, now), page.number, page.size, page.total)


def list_some(actor: Actor, upload_ids: Iterable[int], *, now: datetime) -> list[Medium]:
    """Those of these uploads that are in the actor's care."""
    wanted = Upload.id.in_(list(upload_ids)) & in_scope(actor, "catalog.edit") & (Upload.state != State.REMOVED)
    return _told(actor, list(_selected(wanted)), now)


def medium_for(actor: Actor, upload_id: int, *, now: datetime) -> Medium:
    """One medium in the actor's care. Raises NotFound."""
    return _told(actor, [queries.upload_for(actor, upload_id)], now)[0]


def list_storage(actor: Actor, *, now: datetime) -> list[UnitStorage]:
    """What each unit in the actor's care keeps, and every quota there, from the top of the tree."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * (len(AGES) + 1))
    counts: dict[int, int] = defaultdict(int)
    counted = Upload.state.in_(OCCUPYING) & ~Upload.is_repeat & in_scope(actor, "catalog.edit")
    rows = Upload.select(Upload.unit, Upload.size, Upload.created_at).join(Unit).where(counted).tuples()
    for unit_id, size, created_at in rows:
        column = sum(now - created_at > timedelta(days=days) for days in AGES)
        sums[unit_id][column] += size
        counts[unit_id] += 1
    prepared = _prepared_bytes()
    quotas = dict(MediaQuota.select(MediaQuota.unit, MediaQuota.bytes).tuples())
    shown = Unit.id.in_([*counts, *quotas]) & in_scope(actor, "catalog.edit")
    return [
        UnitStorage(
            unit, counts[unit.id], tuple(sums[unit.id]), prepared.get(unit.id, 0), quotas.get(unit.id),
            queries.bytes_used(unit) if unit.id in quotas else 0,
        )
        for unit in Unit.select().where(shown).order_by(Unit.path)
    ]  # fmt: skip


def disk_of(settings: Settings) -> tuple[int, int]:
    """Free and all bytes of the disk that the media lie on."""
    folder: Path = settings.media_dir
    usage = shutil.disk_usage(next(one for one in (folder, *folder.parents) if one.exists()))
    return usage.free, usage.total


def _prepared_bytes() -> dict[int, int]:
    """About what the renditions of each unit's media take, from their mean bit rates."""
    size = peewee.fn.SUM(Rendition.average_bandwidth / 8.0 * Asset.duration_ms / 1000.0)
    held = (Upload.state == State.DONE) & ~Upload.is_repeat
    rows = (
        Upload.select(Upload.unit, size)
        .join_from(Upload, Asset)
        .join_from(Asset, Rendition)
        .where(held)
        .group_by(Upload.unit)
        .tuples()
    )
    return {unit_id: int(total or 0) for unit_id, total in rows}


def _selected(condition: peewee.Expression) -> peewee.ModelSelect:
    return (
        Upload.select(Upload, Unit, Asset, Person)
        .join_from(Upload, Unit)
        .join_from(Upload, Asset, peewee.JOIN.LEFT_OUTER)
        .join_from(Upload, Person)
        .where(condition)
    )


def _told(actor: Actor, uploads: Iterable[Upload], now: datetime) -> list[Medium]:
    asset_ids = [upload.asset_id for upload in uploads if upload.asset_id]
    working = jobs.latest(f"{media.JOB}:{asset_id}" for asset_id in asset_ids)
    uses = uses_of(actor, asset_ids)
    return [_medium(upload, working.get(f"{media.JOB}:{upload.asset_id}"), uses, now) for upload in uploads]


def _medium(upload: Upload, job: jobs.Job | None, uses: dict[int, tuple[Use, ...]], now: datetime) -> Medium:
    asset = upload.asset
    if asset is None:
        stage = stage_of(upload.state)
        return Medium(upload, stage, upload.received / upload.size if upload.size else 0.0, None)
    stage = stage_of(
        upload.state, asset.state, is_withdrawn=asset.withdrawn_at is not None, is_expired=is_expired(asset, now)
    )
    running = stage == Stage.PREPARING and job is not None and job.state == "running"
    share, left_s = (job.share, job.left_s) if running and job is not None else (0.0, None)
    return Medium(upload, stage, share, left_s, uses.get(asset.id, ()))
