"""What a player of one recording begins with, as plain data for its script (static/media/player.js)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from learnhub.config import Settings
from learnhub.design.i18n import _
from learnhub.media.delivery import addresses_of
from learnhub.media.models import Asset
from learnhub.media.queries import list_caption_cues


def sources_of(asset: Asset, person_id: int, *, settings: Settings, now: datetime) -> dict[str, Any]:
    """The addresses of a recording for one person: what a player asks for again when they have expired."""
    addresses = addresses_of(asset, person_id, settings=settings, now=now)
    return {
        "main": addresses.main,
        "audio": addresses.audio,
        "poster": addresses.poster,
        "storyboard": addresses.storyboard,
        "waveform": addresses.waveform,
        "captions": [list(caption) for caption in addresses.captions],
    }


def player_of(
    asset: Asset,
    person_id: int,
    *,
    fresh_url: str,
    settings: Settings,
    now: datetime,
    length_ms: int | None = None,
    marks: Sequence[dict[str, Any]] = (),
    keep_as: str | None = None,
) -> dict[str, Any]:
    """All that the player needs.

    ``fresh_url`` answers :func:`sources_of` as JSON; ``marks`` are chapters with ``start_ms`` and ``title``;
    ``keep_as`` names what the browser keeps the place under where no server does.
    """
    return {
        **sources_of(asset, person_id, settings=settings, now=now),
        "kind": asset.kind,
        "is_portrait": (asset.height or 0) > (asset.width or 0),
        "length_ms": length_ms or asset.duration_ms or 0,
        "marks": list(marks),
        "fresh_url": fresh_url,
        "keep_as": keep_as,
        "words": player_words(),
    }


def first_cues(asset_id: int, *, settings: Settings) -> list[tuple[str, int, int, str]]:
    """The words beside the picture: ``(language, start_ms, end_ms, text)`` of the first language (Chinese if any)."""
    cues = list_caption_cues(asset_id, settings=settings)
    return [cue for cue in cues if cue[0] == cues[0][0]]


def player_words() -> dict[str, str]:
    """What the player's script says; {placeholders} are filled in by it."""
    return {
        "slow": _("The line is slow; the recording goes on by itself. “Data saver” or “Listen” need less."),
        "offline": _(
            "The line is down. What is loaded already plays on; the rest goes on by itself when the line is back."
        ),
        "server": _("The server does not answer at the moment. Trying again; the recording goes on by itself."),
        "signed_out": _("You have been signed out, or this recording is no longer open to you. Sign in again."),
        "gone": _("This recording has been taken away or is being replaced. Please come back later."),
        "failed": _("The recording cannot be played at the moment. Reload the page, or try again in a little while."),
        "no_play": _("This browser cannot play the recording. Please use a newer one."),
        "resumed": _("Going on at {time}."),
        "auto": _("Auto"),
        "saver": _("Data saver"),
        "sound": _("Sound only"),
        "height": _("{height}p · {megabytes} MB per hour"),
        "chapters": _("Chapters"),
        "found": _("{at} of {count}"),
        "not_found": _("Not found"),
    }
