"""What the catalogue does when media has prepared something."""

from __future__ import annotations

from learnhub.catalog import actions
from learnhub.config import Settings
from learnhub.kernel import events
from learnhub.media.events import AssetReady, CaptionsChanged

_settings: list[Settings] = []


def register(settings: Settings) -> None:
    """Listens to media; the settings of the application made last are those that count."""
    _settings[:] = [settings]
    events.subscribe(AssetReady, on_asset_ready)
    events.subscribe(CaptionsChanged, on_captions_changed)


def on_asset_ready(event: AssetReady) -> None:
    """A recording or document can be used: its length is known now."""
    actions.note_prepared(event.asset_id, settings=_settings[0])


def on_captions_changed(event: CaptionsChanged) -> None:
    """The words of a recording are other ones now: search is to know."""
    actions.note_captions(event.asset_id)
