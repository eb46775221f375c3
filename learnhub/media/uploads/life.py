"""The end of a medium's life, and how much a unit may keep: withdraw, restore, expire, quota."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from learnhub.config import Settings
from learnhub.kernel import clock, events, jobs
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Invalid
from learnhub.kernel.text import clean
from learnhub.media.events import LifeChanged
from learnhub.media.models import Asset
from learnhub.media.queries import get_asset, is_expired
from learnhub.media.store import open_store
from learnhub.media.uploads.models import MediaQuota, Upload
from learnhub.media.uploads.rules import State
from learnhub.org import audit
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, may, require

FOLLOW = "media.follow_life"
MARK = "media.mark_asset"
LONGEST_REASON = 300
LARGEST_QUOTA_GB = 100_000
GIGABYTE = 1_000_000_000

_withholders: list[Callable[[int], bool]] = []


def withdraw(actor: Actor, asset_id: int, reason: str, *, settings: Settings, now: datetime) -> None:
    """From now on nobody is served this medium, in whatever lesson; the file and what was earned stay.

    Raises NotFound, Forbidden, Invalid ``media.reason_missing``, Conflict ``media.held_elsewhere``.
    """
    reason = clean(reason)[:LONGEST_REASON]
    if not reason:
        raise Invalid("media.reason_missing", fields={"reason": "media.reason_missing"})
    _change(actor, asset_id, "media.withdrawn", settings, now, withdrawn_at=now, withdrawn_reason=reason)


def restore(actor: Actor, asset_id: int, *, settings: Settings, now: datetime) -> None:
    """Serves a withdrawn medium again. Raises like :func:`withdraw`."""
    _change(actor, asset_id, "media.restored", settings, now, withdrawn_at=None, withdrawn_reason="")


def set_last_day(actor: Actor, asset_id: int, last: date | None, *, settings: Settings, now: datetime) -> None:
    """The last day (in China) on which a medium is served; None: no end. Raises like :func:`withdraw`."""
    if last is not None and last < clock.local_date(now):
        raise Invalid("media.day_past", fields={"last_day": "media.day_past"})
    _change(actor, asset_id, "media.last_day", settings, now, expires_on=last)


def mark_asset(asset_id: int, *, settings: Settings, now: datetime) -> None:
    """Makes the mark that web servers look for say what the database says. Idempotent."""
    asset: Asset | None = Asset.get_or_none(Asset.id == asset_id)
    store = open_store(settings)
    ended = asset is None or asset.withdrawn_at is not None or is_expired(asset, now) or _is_withheld(asset_id)
    store.bar_asset(asset_id) if ended else store.admit_asset(asset_id)


def follow(asset_id: int, *, settings: Settings, now: datetime) -> None:
    """Tells everybody, when the last day of an asset is over, that it is no longer shown. Idempotent."""
    with transaction():
        events.publish(LifeChanged(asset_id))
    mark_asset(asset_id, settings=settings, now=now)


def withhold_by(asked: Callable[[int], bool]) -> None:
    """A feature above says here of which assets (by id) it shows to nobody what it used to show."""
    if asked not in _withholders:
        _withholders.append(asked)


def mark_soon(asset_ids: Iterable[int], *, now: datetime) -> None:
    """Has the marks of these assets follow as soon as the caller's transaction is committed."""
    for asset_id in asset_ids:
        jobs.enqueue(MARK, {"asset": asset_id}, now=now, key=f"{MARK}:{asset_id}")


def _is_withheld(asset_id: int) -> bool:
    return any(asked(asset_id) for asked in _withholders)


def set_quota(actor: Actor, unit_id: int, gigabytes: int | None, *, now: datetime) -> None:
    """What a unit and all below it may keep, in gigabytes; None: no limit of its own. Raises Forbidden without ``system.run``
    over the unit, Invalid ``media.quota_number``."""
    unit: Unit = Unit.get_by_id(unit_id)
    require(actor, "system.run", unit.path)
    if gigabytes is not None and not 0 <= gigabytes <= LARGEST_QUOTA_GB:
        raise Invalid("media.quota_number", fields={"gigabytes": "media.quota_number"})
    with transaction():
        before = MediaQuota.get_or_none(MediaQuota.unit == unit)
        MediaQuota.delete().where(MediaQuota.unit == unit).execute()
        if gigabytes is not None:
            MediaQuota.create(unit=unit, bytes=gigabytes * GIGABYTE, changed_at=now)
        told = {"before": before.bytes // GIGABYTE if before else None, "after": gigabytes}
        audit.record(actor, "media.quota", "unit", unit_id, unit_id=unit_id, now=now, **told)


def _change(actor: Actor, asset_id: int, action: str, settings: Settings, now: datetime, **values: object) -> None:
    with transaction():
        asset = get_asset(asset_id)
        _authorise(actor, asset)
        before = {name: str(getattr(asset, name) or "") for name in values}
        Asset.update(**values).where(Asset.id == asset_id).execute()
        after = {name: str(value or "") for name, value in values.items()}
        audit.record(
            actor, action, "asset", asset_id, unit_id=asset.unit_id, now=now, file=asset.file_name, before=before,
            after=after,
        )  # fmt: skip
        events.publish(LifeChanged(asset_id))
        last = values.get("expires_on")
        if isinstance(last, date):
            end = clock.instant(last + timedelta(days=1), time(0))
            jobs.enqueue(FOLLOW, {"asset": asset_id}, now=now, run_at=end, key=f"{FOLLOW}:{asset_id}:{last}")
    mark_asset(asset_id, settings=settings, now=now)


def _authorise(actor: Actor, asset: Asset) -> None:
    """The same content may be held by units that do not know of each other: whoever ends it must answer for all."""
    held = Upload.select(Upload.unit).where((Upload.asset == asset) & (Upload.state == State.DONE))
    units = list(Unit.select().where(Unit.id.in_(held) | (Unit.id == asset.unit_id)))
    mine = [unit for unit in units if may(actor, "catalog.publish", unit.path)]
    if not mine:
        require(actor, "catalog.publish", units[0].path if units else "/")
    if len(mine) < len(units):
        raise Conflict("media.held_elsewhere")
