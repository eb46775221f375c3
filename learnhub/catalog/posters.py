"""The small pictures of courses, as addresses for one person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from learnhub.config import Settings
from learnhub.media.delivery import base_of
from learnhub.media.queries import list_assets
from learnhub.media.stills import THUMB
from learnhub.org.scope import Actor


def posters_of(actor: Actor, asset_ids: Iterable[int | None], *, settings: Settings, now: datetime) -> dict[int, str]:
    """Addresses by asset id, for those that are ready to be shown. One query."""
    ready = [asset for asset in list_assets(one for one in asset_ids if one).values() if asset.state == "ready"]
    names = {"video": THUMB, "image": "original"}
    return {
        asset.id: base_of(asset, actor.person_id, settings=settings, now=now) + names[asset.kind]
        for asset in ready
        if asset.kind in names
    }
