"""Garbage: what nobody needs any more, named first and removed when told to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import peewee

from learnhub.config import Settings
from learnhub.kernel.db import transaction
from learnhub.media.models import Asset, Caption, CaptionVersion
from learnhub.media.store import Store, open_store
from learnhub.media.uploads import actions, parts
from learnhub.media.uploads.models import Upload
from learnhub.media.uploads.rules import OCCUPYING, State
from learnhub.org import audit

GRACE = timedelta(days=7)
"""How long a medium that nothing shows is still kept: somebody may have taken it off the list by mistake."""

_PART_AGE_S = 3600.0
_WORK_AGE = timedelta(days=1)


@dataclass(frozen=True)
class Garbage:
    """One thing that goes: ``kind`` is upload, part, work, medium, original, renditions or captions; its bytes."""

    kind: str
    name: str
    size: int


class _OnlyAsked(Exception):
    """Takes back what a dry run did."""


def collect(*, settings: Settings, now: datetime, dry_run: bool) -> list[Garbage]:
    """Removes what nobody needs and returns it; a dry run names the same and removes nothing.

    Unfinished uploads past their time, part files and half-made things without an owner, media that stand on no list
    and that no row of any table refers to for a week, and files without a row.
    """
    store = open_store(settings)
    late = (Upload.state == State.RECEIVING) & (Upload.expires_at <= now)
    found = [Garbage("upload", row.file_name, row.received) for row in Upload.select().where(late)]
    if not dry_run:
        actions.expire(settings=settings, now=now)
    found += _parts(settings, dry_run)
    found += _half_made(store, now, dry_run)
    found += _media(store, now, dry_run)
    found += _files_without_row(store, now, dry_run)
    rest = [one for one in found if one.kind != "medium"]
    if rest and not dry_run:
        told = {"count": len(rest), "bytes": sum(one.size for one in rest), "kinds": sorted({one.kind for one in rest})}
        audit.record(None, "media.tidied", "asset", "", unit_id=None, now=now, **told)
    return found


def _parts(settings: Settings, dry_run: bool) -> Iterator[Garbage]:
    wanted = {row.id for row in Upload.select(Upload.id).where(Upload.state.in_((State.RECEIVING, State.RECEIVED)))}
    for upload_id, path in parts.list_parts(settings.media_dir, older_than_s=_PART_AGE_S):
        if upload_id not in wanted:
            yield Garbage("part", path.name, path.stat().st_size)
            if not dry_run:
                path.unlink(missing_ok=True)


def _half_made(store: Store, now: datetime, dry_run: bool) -> Iterator[Garbage]:
    for path in _entries(store.root / ".work"):
        if path.stat().st_mtime < (now - _WORK_AGE).timestamp():
            yield Garbage("work", path.name, _size(path))
            if not dry_run:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _media(store: Store, now: datetime, dry_run: bool) -> Iterator[Garbage]:
    held = Upload.select(Upload.asset).where(
        Upload.asset.is_null(False) & (Upload.state.in_(OCCUPYING) | (Upload.changed_at > now - GRACE))
    )
    for asset in Asset.select().where(Asset.id.not_in(held) & (Asset.created_at < now - GRACE)).order_by(Asset.id):
        if _is_on_its_way(asset.sha256) or not _forgotten(asset, now, dry_run):
            continue
        yield Garbage("medium", asset.file_name, asset.size)
        if not dry_run and not _is_on_its_way(asset.sha256):
            store.drop_renditions(asset.sha256)
            store.drop_original(asset.sha256)


def _is_on_its_way(sha256: str) -> bool:
    """Whether the same content is being taken in at this moment."""
    coming = (Upload.sha256 == sha256) & (Upload.state == State.RECEIVED)
    return bool(Upload.select().where(coming).exists())


def _forgotten(asset: Asset, now: datetime, dry_run: bool) -> bool:
    """Deletes the rows of an asset (in a dry run: tries to); False when a lesson or anything else refers to it."""
    try:
        with transaction():
            Upload.update(asset=None).where(Upload.asset == asset).execute()
            Asset.delete().where(Asset.id == asset.id).execute()
            told = {"file": asset.file_name, "sha256": asset.sha256}
            audit.record(None, "media.deleted", "asset", asset.id, unit_id=asset.unit_id, now=now, **told)
            if dry_run:
                raise _OnlyAsked
    except _OnlyAsked:
        return True
    except peewee.IntegrityError:
        return False
    return True


def _files_without_row(store: Store, now: datetime, dry_run: bool) -> Iterator[Garbage]:
    """Originals, renditions and captions whose asset is gone; in a bucket those that lie there. Every version of the
    captions of an asset stays: an earlier one can be asked for."""
    known = {sha256 for (sha256,) in Asset.select(Asset.sha256).tuples()}
    known |= {row.sha256 for row in Upload.select(Upload.sha256).where(Upload.state == State.RECEIVED)}
    before = (now - _WORK_AGE).timestamp()
    kinds = {"originals": "original", "renditions": "renditions", "captions": "captions"}
    drops = {"originals": store.drop_original, "renditions": store.drop_renditions, "captions": store.drop_caption}
    for part, kind in kinds.items():
        for one in store.list_kept(part):
            if one.changed_s >= before or (_is_named(one.name) if part == "captions" else one.name in known):
                continue
            yield Garbage(kind, one.name, one.size)
            if not dry_run:
                drops[part](one.name)


def _is_named(path: str) -> bool:
    return any(table.select().where(table.path == path).exists() for table in (Caption, CaptionVersion))


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
