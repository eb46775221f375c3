"""The business acts of media: bring in a file, prepare it, attach timed text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from learnhub.config import Settings
from learnhub.kernel import events, files, jobs
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict
from learnhub.kernel.models import Job
from learnhub.media import documents, ladder, pages
from learnhub.media.captioning import add_captions as add_captions
from learnhub.media.events import AssetReady, AssetRefused
from learnhub.media.facts import Facts, read_facts, write_facts
from learnhub.media.models import Asset, Rendition
from learnhub.media.pictures import picture_of
from learnhub.media.probe import MediaRefused, accepted, check_media, probe_file
from learnhub.media.queries import JOB, get_asset, job_key
from learnhub.media.rules import Limits, judge
from learnhub.media.stills import POSTER, STORYBOARD, THUMB
from learnhub.media.store import Store, open_store
from learnhub.media.transcode import WAVEFORM, decode_wall_s, prepare_recording
from learnhub.org import audit
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, require

LIMITS = Limits()
DROP_JOB = "media.drop_renditions"
OLD_STAY = timedelta(hours=8)  # longer than any address of theirs is valid
_PRIORITIES = {"document": 20, "image": 20, "audio": 10, "video": 0}  # what is quick goes first
_LATER = -10  # work that nobody waits for


def check_file(path: Path, file_name: str) -> str:
    """Looks through a whole file without keeping it and returns its kind. Raises :class:`MediaRefused`."""
    kind, _mime = kind_of(path, file_name)
    if kind in ("video", "audio"):
        check_media(path, LIMITS, wall_s=decode_wall_s(path))
    elif kind == "document":
        documents.extract_text(path, file_name)
    return kind


def add_asset(
    actor: Actor | None,
    path: Path,
    file_name: str,
    *,
    settings: Settings,
    now: datetime,
    unit_id: int | None = None,
) -> Asset:
    """Keeps a file as an asset and enqueues its preparation; the same content gives the asset that is there already.

    ``actor`` None is the system itself (a course folder). Raises :class:`MediaRefused` when the first look already
    shows that the file cannot be used, Forbidden without ``catalog.edit`` over the unit.
    """
    if actor is not None:
        unit_id = unit_id or actor.unit_id
        require(actor, "catalog.edit", Unit.get_by_id(unit_id).path)
    kind, mime = kind_of(path, file_name)
    sha256, size = open_store(settings).keep_original(path)
    return enter_asset(actor, sha256, size, kind, mime, file_name, unit_id=unit_id, now=now)


def enter_asset(
    actor: Actor | None,
    sha256: str,
    size: int,
    kind: str,
    mime: str,
    file_name: str,
    *,
    unit_id: int | None,
    now: datetime,
) -> Asset:
    """Writes down an original that is stored and was looked at, and enqueues its preparation; whoever calls has asked
    for the power. The same content gives the asset that is there. Raises :class:`MediaRefused` when that was refused."""
    with transaction():
        known = Asset.get_or_none(Asset.sha256 == sha256)
        if known is not None:
            return _known(known, now)
        asset: Asset = Asset.create(
            sha256=sha256, kind=kind, file_name=file_name[-300:], size=size, mime=mime, unit=unit_id, created_at=now
        )
        audit.record(actor, "media.added", "asset", asset.id, unit_id=unit_id, now=now, file=file_name, sha256=sha256)
        _ask_for(asset, now)
    return asset


def prepare_asset(
    asset_id: int, *, settings: Settings, now: datetime, progress: Callable[[float], None] = lambda share: None
) -> Asset:
    """Checks and transcodes an asset; done already, it does nothing, interrupted, it goes on from what is whole.

    A file that cannot be used ends in the state ``refused`` with its code. One that is ready but made by another ladder
    is made anew and plays on meanwhile. ``progress`` is told the share done.
    """
    asset: Asset = Asset.get_by_id(asset_id)
    wanted = ladder.version(av1=settings.av1)
    plays = asset.kind in ("video", "audio")
    if asset.state == "refused" or (asset.state == "ready" and (not plays or asset.ladder == wanted)):
        return asset
    store = open_store(settings)
    if asset.state == "ready":
        return _make_anew(store, asset, settings, now, progress)
    Asset.update(state="working").where(Asset.id == asset_id).execute()
    try:
        if asset.kind == "document":
            _prepare_document(store, asset)
        if not plays:
            return _finish(asset, None, wanted)
        folder = store.make_renditions(asset.sha256, wanted, lambda work: _fill(store, asset, work, settings, progress))
    except MediaRefused as refusal:
        return _refuse(asset, refusal)
    return _finish(asset, read_facts(folder), wanted)


def transcode_again(asset_ids: Iterable[int], *, now: datetime) -> int:
    """Enqueues recordings to be made anew by the present ladder, after all that somebody waits for; returns how many."""
    with transaction():
        assets = list(Asset.select().where(Asset.id.in_(list(asset_ids))).order_by(Asset.id))
        for asset in assets:
            jobs.enqueue(JOB, {"asset": asset.id}, now=now, key=job_key(asset.id), priority=_LATER)
            _record(None, "media.made_again", asset, now, why="another ladder")
    return len(assets)


def make_again(asset_id: int, *, settings: Settings, now: datetime) -> Asset:
    """Throws away what was made of an asset and enqueues its preparation: for files that are missing or rotten.

    Lessons say meanwhile that it is being prepared. Raises NotFound, Conflict ``media.original_not_whole`` when there
    is nothing sound to make it from, ``media.not_stopped`` while it is not ready.
    """
    asset = get_asset(asset_id)
    store = open_store(settings)
    if asset.state != "ready":
        raise Conflict("media.not_stopped")
    if not store.original_is_whole(asset.sha256):
        raise Conflict("media.original_not_whole")
    store.drop_renditions(asset.sha256)
    with transaction():
        Asset.update(state="waiting").where(Asset.id == asset_id).execute()
        _ask_for(asset, now)
        _record(None, "media.made_again", asset, now, why="asked for")
    return asset


def drop_renditions(asset_id: int, version: str, *, settings: Settings) -> None:
    """Removes what was made of an asset by an earlier ladder; that by which it plays now stays."""
    asset = Asset.get_or_none(Asset.id == asset_id)
    if asset is not None and asset.ladder != version:
        open_store(settings).drop_renditions(asset.sha256, version)


def stop_preparing(actor: Actor, asset_id: int, *, now: datetime) -> None:
    """Takes an asset's preparation out of the line, or stops it; the original stays and it can be taken up again.

    Raises Forbidden without ``catalog.edit`` over its unit, Conflict ``media.not_being_prepared``.
    """
    with transaction():
        asset, job = _in_preparation(actor, asset_id)
        if job is None or not jobs.cancel(job.id, now):
            raise Conflict("media.not_being_prepared")
        _record(actor, "media.stopped", asset, now)


def resume_preparing(actor: Actor, asset_id: int, *, now: datetime) -> None:
    """Puts a preparation that was stopped, or that failed by the machine's fault, back in line.

    Raises Forbidden without ``catalog.edit`` over its unit, Conflict ``media.not_stopped``.
    """
    with transaction():
        asset, job = _in_preparation(actor, asset_id)
        if asset.state in ("ready", "refused") or (job is not None and job.state in ("waiting", "running")):
            raise Conflict("media.not_stopped")
        _ask_for(asset, now)
        _record(actor, "media.resumed", asset, now)


def _in_preparation(actor: Actor, asset_id: int) -> tuple[Asset, Job | None]:
    asset = get_asset(asset_id)
    if asset.unit is not None:
        require(actor, "catalog.edit", asset.unit.path)
    return asset, jobs.latest([job_key(asset_id)]).get(job_key(asset_id))


def kind_of(path: Path, file_name: str) -> tuple[str, str]:
    """Kind and MIME type by content; raises for what the first look already refuses."""
    document = documents.document_kind(path, file_name)
    if document is not None:
        return "document", documents.MIMES[document]
    picture = picture_of(path, LIMITS.pixels)
    if picture is not None:
        return "image", picture.mime
    kind = accepted(judge(probe_file(path, LIMITS), None, LIMITS)).kind
    return kind, "video/mp4" if kind == "video" else "audio/mp4"


def _record(actor: Actor | None, action: str, asset: Asset, now: datetime, **told: str) -> None:
    audit.record(actor, action, "asset", asset.id, unit_id=asset.unit_id, now=now, file=asset.file_name, **told)


def _known(asset: Asset, now: datetime) -> Asset:
    if asset.state == "refused":
        raise MediaRefused(asset.refusal_code, **(asset.refusal_params or {}))
    if asset.state != "ready":
        _ask_for(asset, now)
    return asset


def _ask_for(asset: Asset, now: datetime) -> None:
    jobs.enqueue(JOB, {"asset": asset.id}, now=now, key=job_key(asset.id), priority=_PRIORITIES[asset.kind])


def _fill(store: Store, asset: Asset, work: Path, settings: Settings, progress: Callable[[float], None]) -> None:
    store.require_room(asset.size)
    facts = prepare_recording(store.original_path(asset.sha256), LIMITS, work, av1=settings.av1, progress=progress)
    write_facts(work, facts)


def _make_anew(
    store: Store, asset: Asset, settings: Settings, now: datetime, progress: Callable[[float], None]
) -> Asset:
    """Whoever is in the middle of the recording plays on from the old folder, which goes some hours later.

    The length stays as it was told: hours were counted by it.
    """
    wanted, before = ladder.version(av1=settings.av1), asset.ladder
    folder = store.make_renditions(asset.sha256, wanted, lambda work: _fill(store, asset, work, settings, progress))
    with transaction():
        _write_renditions(asset, read_facts(folder), wanted)
        Asset.update(ladder=wanted).where(Asset.id == asset.id).execute()
        payload = {"asset": asset.id, "version": before}
        jobs.enqueue(DROP_JOB, payload, now=now, run_at=now + OLD_STAY, priority=_LATER)
    return Asset.get_by_id(asset.id)  # type: ignore[no-any-return]


def _prepare_document(store: Store, asset: Asset) -> None:
    def make(work: Path) -> None:
        found = documents.extract_text(store.original_path(asset.sha256), asset.file_name)
        files.write_whole(work / pages.NAME, pages.to_json(found))

    store.make_renditions(asset.sha256, pages.VERSION, make)


def _finish(asset: Asset, facts: Facts | None, version: str) -> Asset:
    with transaction():
        values = {"state": "ready", "refusal_code": "", "refusal_params": None}
        if facts is not None:
            values |= {
                "kind": facts.kind,
                "duration_ms": facts.duration_ms,
                "width": facts.width,
                "height": facts.height,
                "ladder": version,
            }
            _write_renditions(asset, facts, version)
        Asset.update(**values).where(Asset.id == asset.id).execute()
        ready: Asset = Asset.get_by_id(asset.id)
        events.publish(AssetReady(ready.id, ready.kind, ready.duration_ms))
    return ready


def _write_renditions(asset: Asset, facts: Facts, version: str) -> None:
    Rendition.delete().where(Rendition.asset == asset.id).execute()
    Rendition.insert_many(_rows(asset, facts, version)).execute()


def _rows(asset: Asset, facts: Facts, version: str) -> list[dict[str, object]]:
    common = {"asset": asset.id, "folder": f"renditions/{asset.sha256}/{version}"}
    rows: list[dict[str, object]] = [
        {
            **common,
            "name": one.name,
            "kind": one.kind,
            "height": one.height or None,
            "bandwidth": one.bandwidth,
            "average_bandwidth": one.average_bandwidth,
            "language": one.language,
            "label": one.label,
        }
        for one in facts.variants
    ]
    has_sound = any(one.kind == "audio" for one in facts.variants)
    others = {name: "image" for name in (POSTER, THUMB) if facts.kind == "video"}
    others |= {STORYBOARD: "data"} if facts.kind == "video" else {}
    others |= {WAVEFORM: "data"} if has_sound else {}
    empty = {"height": None, "bandwidth": None, "average_bandwidth": None, "language": "", "label": ""}
    return rows + [{**common, **empty, "name": name, "kind": kind} for name, kind in others.items()]


def _refuse(asset: Asset, refusal: MediaRefused) -> Asset:
    with transaction():
        Asset.update(state="refused", refusal_code=refusal.code, refusal_params=refusal.params).where(
            Asset.id == asset.id
        ).execute()
        events.publish(AssetRefused(asset.id, refusal.code))
    return Asset.get_by_id(asset.id)  # type: ignore[no-any-return]
