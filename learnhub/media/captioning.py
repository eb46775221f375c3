"""The business acts of captions: attach a file, save what was edited; each saving is a version that stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from learnhub.config import Settings
from learnhub.kernel import events
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Invalid, NotFound
from learnhub.media import captions as timed_text
from learnhub.media.captions import Cue
from learnhub.media.events import CaptionsChanged
from learnhub.media.models import Asset, Caption, CaptionVersion
from learnhub.media.queries import list_captions as list_captions
from learnhub.media.store import open_store
from learnhub.org import audit
from learnhub.org.scope import Actor

LABELS = {
    "zh-CN": "中文", "zh": "中文", "en": "English", "yi": "彝文", "bo": "藏文", "mn": "蒙古文", "ug": "维吾尔文",
    "za": "壮文", "ko": "朝鲜文",
}  # fmt: skip
"""What a language is called in the player, in that language or in Chinese."""
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")


def add_captions(
    asset_id: int,
    language: str,
    raw: bytes,
    *,
    settings: Settings,
    label: str = "",
    actor: Actor | None = None,
    origin: str = "file",
    now: datetime | None = None,
) -> Caption:
    """Attaches timed text (WebVTT or SRT bytes) in a language such as ``zh-CN``, in place of what was there.

    A text that was there before, now or in an earlier version, changes nothing: a course folder that is published
    again does not undo what was edited since. Raises :class:`captions.CaptionsRefused` with the line.
    """
    cues = timed_text.read_captions(raw)
    path = open_store(settings).keep_caption(timed_text.to_webvtt(cues))
    with transaction():
        there = find_caption(asset_id, language)
        if there is not None and actor is None and _was_there(asset_id, language, path):
            return _relabel(there, label)
        return _put(actor, asset_id, language, path, len(cues), label=label, origin=origin, there=there, now=now)


def save_cues(
    actor: Actor,
    asset_id: int,
    language: str,
    cues: Sequence[Cue],
    *,
    base: int,
    settings: Settings,
    now: datetime,
) -> Caption:
    """Saves what was edited as the next version. ``base``: the version that the editor began with, 0 for none.

    Raises Conflict ``captions.changed_meanwhile`` when somebody else saved since, Invalid when nothing is left.
    """
    _check_language(language)
    kept = timed_text.repaired(cues)
    if not kept:
        raise Invalid("captions.no_cues")
    path = open_store(settings).keep_caption(timed_text.to_webvtt(kept))
    with transaction():
        there = find_caption(asset_id, language)
        if (there.version if there else 0) != base:
            raise Conflict("captions.changed_meanwhile", version=there.version if there else 0)
        if there is not None and there.path == path:
            return there
        return _put(actor, asset_id, language, path, len(kept), origin="edited", there=there, now=now)


def find_caption(asset_id: int, language: str) -> Caption | None:
    """The captions in force in one language."""
    return Caption.get_or_none(  # type: ignore[no-any-return]
        (Caption.asset == asset_id) & (Caption.language == language)
    )


def list_versions(asset_id: int) -> list[CaptionVersion]:
    """Every version of an asset's captions, the newest first."""
    found = CaptionVersion.select().where(CaptionVersion.asset == asset_id)
    return list(found.order_by(CaptionVersion.language, CaptionVersion.number.desc()))


def read_version(asset_id: int, language: str, number: int, *, settings: Settings) -> str:
    """One version as WebVTT. Raises NotFound."""
    found = CaptionVersion.get_or_none(
        (CaptionVersion.asset == asset_id) & (CaptionVersion.language == language) & (CaptionVersion.number == number)
    )
    if found is None:
        raise NotFound("media.not_found")
    return open_store(settings).read_caption(found.path)


def _check_language(language: str) -> None:
    if not _LANGUAGE.match(language):
        raise Invalid("captions.bad_language")


def _was_there(asset_id: int, language: str, path: str) -> bool:
    return (  # type: ignore[no-any-return]
        CaptionVersion.select()
        .where(
            (CaptionVersion.asset == asset_id) & (CaptionVersion.language == language) & (CaptionVersion.path == path)
        )
        .exists()
    )


def _relabel(there: Caption, label: str) -> Caption:
    if label and there.label != label:
        Caption.update(label=label).where(Caption.id == there.id).execute()
    return Caption.get_by_id(there.id)  # type: ignore[no-any-return]


def _put(
    actor: Actor | None,
    asset_id: int,
    language: str,
    path: str,
    cues: int,
    *,
    origin: str,
    there: Caption | None,
    now: datetime | None,
    label: str = "",
) -> Caption:
    """Puts a version in force and keeps it for good; within the caller's transaction."""
    _check_language(language)
    number = (there.version if there else 0) + 1
    CaptionVersion.create(
        asset=asset_id, language=language, number=number, path=path, cues=cues, origin=origin,
        person=actor.person_id if actor else None, created_at=now,
    )  # fmt: skip
    _put_in_force(asset_id, language, there, path, cues, label)
    if actor is not None and now is not None:
        unit = Asset.get_by_id(asset_id).unit_id
        audit.record(
            actor, "captions.saved", "asset", asset_id, unit_id=unit, now=now, language=language, version=number,
            origin=origin,
        )  # fmt: skip
    events.publish(CaptionsChanged(asset_id, language))
    caption: Caption = Caption.get((Caption.asset == asset_id) & (Caption.language == language))
    return caption


def _put_in_force(asset_id: int, language: str, there: Caption | None, path: str, cues: int, label: str) -> None:
    values = {"path": path, "cues": cues}
    if there is None:
        Caption.create(asset=asset_id, language=language, label=label or LABELS.get(language, language), **values)
        return
    # A writer who read the same version a moment ago must lose here, not overwrite.
    changed = (
        Caption.update(label=label or there.label, version=there.version + 1, **values)
        .where((Caption.id == there.id) & (Caption.version == there.version))
        .execute()
    )
    if not changed:
        raise Conflict("captions.changed_meanwhile", version=there.version + 1)
