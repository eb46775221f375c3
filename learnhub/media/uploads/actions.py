"""The business acts of an upload: begin, append, take in, remove, expire."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import new as new_hash
from pathlib import Path
from typing import Any, Protocol

import peewee

from learnhub.config import Settings
from learnhub.kernel import files, jobs
from learnhub.kernel.db import locked, transaction
from learnhub.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    TooLarge,
    TooManyRequests,
    Unavailable,
)
from learnhub.media import actions as media
from learnhub.media.store import Store, open_store
from learnhub.media.uploads import parts, queries
from learnhub.media.uploads.models import Upload
from learnhub.media.uploads.rules import LIFE, MOST_OPEN, State, Wish, full_quota
from learnhub.org import audit
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, load_actor, may

TAKE_IN = "media.take_in"
_PIECE = 1 << 20
_SYNC_BYTES = 8 << 20


class ChecksumDiffers(Refusal):
    """What arrived is not what was sent; tus gives it a status of its own."""

    status = 460


class Source(Protocol):
    """Where the bytes come from: ``read`` blocks, and returns nothing at the end."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes."""
        ...


@dataclass
class _Writer:
    """One request that writes; ``turn`` is its right to do so, ``at`` its place, ``synced`` what it may promise."""

    upload: Upload
    part: parts.Part
    turn: int
    at: int
    clock: Callable[[], datetime]
    synced: int = field(init=False)

    def __post_init__(self) -> None:
        self.synced = self.at

    def write(self, piece: bytes) -> None:
        """Puts a piece behind the last one. Raises Conflict when a newer request has taken over."""
        with self.part.locked():
            if Upload.select(Upload.turn).where(Upload.id == self.upload.id).scalar() != self.turn:
                raise Conflict("upload.superseded")
            self.part.write(self.at, piece)
        self.at += len(piece)

    def promise(self) -> None:
        """Makes what was written durable, then says so in the database."""
        if self.at == self.synced:
            return
        self.part.sync()
        now = self.clock()
        mine = (Upload.id == self.upload.id) & (Upload.turn == self.turn) & (Upload.state == State.RECEIVING)
        Upload.update(received=self.at, changed_at=now, expires_at=now + LIFE).where(mine).execute()
        self.synced = self.at


def begin(actor: Actor, wish: Wish, *, settings: Settings, now: datetime) -> Upload:
    """Makes room for a file. Raises TooLarge, Invalid ``media.empty``, Forbidden outside of the actor's area, TooManyRequests,
    Conflict ``upload.quota`` and Unavailable ``media.disk_full``."""
    if wish.size == 0:
        raise Invalid("media.empty")
    if wish.size > media.LIMITS.bytes:
        raise TooLarge("media.too_large", mb=wish.size >> 20, most_mb=media.LIMITS.bytes >> 20)
    unit = _unit_for(actor, wish.unit_id)
    with transaction():
        _require_quota(unit, wish.size)
        open_store(settings).require_room(wish.size + queries.bytes_outstanding())
        if queries.count_open(actor.person_id) >= MOST_OPEN:
            raise TooManyRequests("upload.too_many_open", most=MOST_OPEN)
        upload: Upload = Upload.create(
            person=actor.person_id, unit=unit, file_name=wish.file_name, size=wish.size, sha256=wish.sha256,
            state=State.RECEIVING, created_at=now, changed_at=now, expires_at=now + LIFE,
        )  # fmt: skip
        parts.make(settings.media_dir, upload.id)
    return upload


def reach(actor: Actor, upload_id: int, *, settings: Settings) -> Upload:
    """The upload with the offset from which to go on; whoever was still writing stops. Raises NotFound."""
    upload = queries.own_upload(actor, upload_id)
    if upload.state == State.RECEIVING:
        part = _opened(settings, upload)
        try:
            _take_turn(upload, part, None)
        finally:
            part.close()
    return queries.own_upload(actor, upload_id)


def append(
    actor: Actor,
    upload_id: int,
    offset: int,
    source: Source,
    *,
    checksum: tuple[str, bytes] | None = None,
    settings: Settings,
    clock: Callable[[], datetime],
) -> Upload:
    """Writes what ``source`` gives behind ``offset`` and returns the upload; the last byte sets the background to work.

    Every :data:`_SYNC_BYTES`, at the end and when the line breaks, what has arrived is made durable and counts; with a
    checksum only as a whole. Raises NotFound, Conflict ``upload.offset`` or ``upload.superseded``, TooLarge,
    :class:`ChecksumDiffers`, Unavailable ``media.disk_full``.
    """
    upload = queries.own_upload(actor, upload_id)
    if upload.state != State.RECEIVING:
        raise Conflict("upload.offset", offset=upload.received)
    part = _opened(settings, upload)
    try:
        writer = _Writer(upload, part, _take_turn(upload, part, offset), offset, clock)
        try:
            digest = _receive(writer, source, checksum, open_store(settings))
            if checksum is not None and digest != checksum[1]:
                raise ChecksumDiffers("upload.checksum")
        except BaseException:
            if checksum is None:
                writer.promise()
            raise
        writer.promise()
    finally:
        part.close()
    _finish_if_whole(actor, upload_id, now=clock())
    return queries.own_upload(actor, upload_id)


def take_in(upload_id: int, *, settings: Settings, now: datetime) -> Upload:
    """Makes an asset of a whole upload; done already, it does nothing, interrupted, it goes on.

    What cannot be used ends in the state ``refused`` with its code; the same content is stored once.
    """
    upload: Upload = Upload.get_by_id(upload_id)
    if upload.state != State.RECEIVED:
        return upload
    store = open_store(settings)
    part = parts.path_of(settings.media_dir, upload_id)
    try:
        kind, mime = _keep(store, upload, part)
        with transaction():
            asset = media.enter_asset(
                _actor_of(upload, now), upload.sha256, upload.size, kind, mime, upload.file_name,
                unit_id=upload.unit_id, now=now,
            )  # fmt: skip
            _settle(upload, now, state=State.DONE, asset=asset, is_repeat=queries.is_held(upload, asset))
    except media.MediaRefused as refusal:
        parts.drop(settings.media_dir, upload_id)
        _settle(upload, now, state=State.REFUSED, refusal_code=refusal.code, refusal_params=refusal.params)
    return Upload.get_by_id(upload_id)  # type: ignore[no-any-return]


def remove(actor: Actor, upload_id: int, *, settings: Settings, now: datetime) -> None:
    """Ends an upload, or takes a medium off its unit's list; the file goes when nobody uses it any more.

    One's own upload, or any of a unit that one publishes for. Raises NotFound, Forbidden.
    """
    upload = queries.upload_for(actor, upload_id)
    if upload.person_id != actor.person_id and not may(actor, "catalog.publish", upload.unit.path):
        raise Forbidden("org.not_allowed", ability="catalog.publish")
    with transaction():
        changed = (
            Upload.update(state=State.REMOVED, changed_at=now, turn=Upload.turn + 1)
            .where((Upload.id == upload_id) & (Upload.state != State.REMOVED))
            .execute()
        )
        if not changed:
            raise NotFound("upload.not_found")
        if upload.asset_id is not None:
            told = {"file": upload.file_name, "asset": upload.asset_id}
            audit.record(actor, "media.removed", "upload", upload_id, unit_id=upload.unit_id, now=now, **told)
            _pass_on(upload)
    parts.drop(settings.media_dir, upload_id)


def expire(*, settings: Settings, now: datetime) -> int:
    """Removes unfinished uploads whose time has passed; returns how many."""
    late = (Upload.state == State.RECEIVING) & (Upload.expires_at <= now)
    gone = [row.id for row in Upload.select(Upload.id).where(late)]
    Upload.update(state=State.REMOVED, changed_at=now, turn=Upload.turn + 1).where(late).execute()
    for upload_id in gone:
        parts.drop(settings.media_dir, upload_id)
    return len(gone)


def _unit_for(actor: Actor, unit_id: int | None) -> Unit:
    """The unit chosen, or the person's own, or the first in whose care the person is."""
    if unit_id is None:
        own = may(actor, "catalog.edit", actor.unit_path)
        return Unit.get_by_id(actor.unit_id) if own else queries.roots(actor)[0]  # type: ignore[no-any-return]
    unit: Unit | None = Unit.get_or_none((Unit.id == unit_id) & ~Unit.is_retired)
    if unit is None or not may(actor, "catalog.edit", unit.path):
        raise Forbidden("org.not_allowed", ability="catalog.edit")
    return unit


def _require_quota(unit: Unit, size: int) -> None:
    full = full_quota(queries.quotas_over(unit), size)
    if full is not None:
        left = max(0, full.most - full.used)
        raise Conflict("upload.quota", unit=full.unit_name, mb=-(-size >> 20), left_mb=left >> 20)


def _opened(settings: Settings, upload: Upload) -> parts.Part:
    try:
        return parts.Part(parts.path_of(settings.media_dir, upload.id))
    except FileNotFoundError:
        raise NotFound("upload.not_found") from None


def _take_turn(upload: Upload, part: parts.Part, offset: int | None) -> int:
    """The right to write from ``offset`` on (None: only to end the writing of others)."""
    with part.locked(), transaction():
        row: Upload = locked(Upload.select().where(Upload.id == upload.id)).get()
        if row.state != State.RECEIVING or (offset is not None and offset != row.received):
            raise Conflict("upload.offset", offset=row.received)
        Upload.update(turn=row.turn + 1).where(Upload.id == row.id).execute()
        try:
            part.cut(row.received)
        except ValueError:  # a disk that lied, or a folder restored from elsewhere: the sender begins anew
            raise NotFound("upload.not_found") from None
        return int(row.turn) + 1


def _receive(writer: _Writer, source: Source, checksum: tuple[str, bytes] | None, store: Store) -> bytes:
    hashed = new_hash(checksum[0], usedforsecurity=False) if checksum else None
    while piece := source.read(_PIECE):
        if writer.at + len(piece) > writer.upload.size:
            raise TooLarge("upload.too_much", size=writer.upload.size)
        try:
            writer.write(piece)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise Unavailable("media.disk_full", free_mb=0, mb=writer.upload.size >> 20) from error
            raise
        if hashed is not None:
            hashed.update(piece)
        elif writer.at - writer.synced >= _SYNC_BYTES:
            writer.promise()
            store.require_room(0)
    return hashed.digest() if hashed is not None else b""


def _finish_if_whole(actor: Actor, upload_id: int, *, now: datetime) -> None:
    with transaction():
        whole = (Upload.id == upload_id) & (Upload.state == State.RECEIVING) & (Upload.received == Upload.size)
        if Upload.update(state=State.RECEIVED, changed_at=now).where(whole).execute():
            upload: Upload = Upload.get_by_id(upload_id)
            told = {"file": upload.file_name, "size": upload.size}
            audit.record(actor, "media.uploaded", "upload", upload_id, unit_id=upload.unit_id, now=now, **told)
            jobs.enqueue(TAKE_IN, {"upload": upload_id}, now=now, key=f"{TAKE_IN}:{upload_id}")


def _keep(store: Store, upload: Upload, part: Path) -> tuple[str, str]:
    """Kind and MIME type; the part file becomes an original. Its checksum is written down before it moves, for
    whoever goes on after a kill."""
    if not part.exists():
        return media.kind_of(store.original_path(upload.sha256), upload.file_name)
    found = files.sha256_of(part)
    if upload.sha256 not in ("", found):
        raise media.MediaRefused("upload.checksum_whole")
    kind = media.kind_of(part, upload.file_name)
    Upload.update(sha256=found).where(Upload.id == upload.id).execute()
    upload.sha256 = found
    store.adopt(part, found)
    return kind


def _settle(upload: Upload, now: datetime, **values: Any) -> None:
    changed = (Upload.id == upload.id) & (Upload.state == State.RECEIVED)
    Upload.update(changed_at=now, **values).where(changed).execute()


def _actor_of(upload: Upload, now: datetime) -> Actor | None:
    try:
        return load_actor(upload.person_id, now)
    except peewee.DoesNotExist:
        return None


def _pass_on(upload: Upload) -> None:
    """The next copy of the same content in the unit counts from now on."""
    same = (Upload.unit == upload.unit_id) & (Upload.asset == upload.asset_id) & (Upload.state == State.DONE)
    heir = Upload.select().where(same).order_by(Upload.id).first()
    if heir is not None:
        Upload.update(is_repeat=False).where(Upload.id == heir.id).execute()
