"""What the catalogue does when media has prepared something."""

from __future__ import annotations

from learnhub.catalog import actions
from learnhub.catalog.events import CourseRestored, CourseWithdrawn
from learnhub.catalog.queries.uses import assets_of, is_withheld
from learnhub.config import Settings
from learnhub.kernel import clock, events
from learnhub.media.events import AssetReady, CaptionsChanged, LifeChanged
from learnhub.media.uploads import life

_settings: list[Settings] = []


def register(settings: Settings) -> None:
    """Listens to media; the settings of the application made last are those that count."""
    _settings[:] = [settings]
    events.subscribe(AssetReady, on_asset_ready)
    events.subscribe(CaptionsChanged, on_captions_changed)
    events.subscribe(LifeChanged, on_life_changed)
    for event in (CourseWithdrawn, CourseRestored):
        events.subscribe(event, on_course_changed)
    life.withhold_by(is_withheld)


def on_asset_ready(event: AssetReady) -> None:
    """A recording or document can be used: its length is known now."""
    actions.note_prepared(event.asset_id, settings=_settings[0])


def on_captions_changed(event: CaptionsChanged) -> None:
    """The words of a recording are other ones now: search is to know."""
    actions.note_captions(event.asset_id)


def on_life_changed(event: LifeChanged) -> None:
    """A medium is shown no more, or again: search is to know."""
    actions.note_captions(event.asset_id)


def on_course_changed(event: CourseWithdrawn | CourseRestored) -> None:
    """The addresses of a withdrawn course's media die, and live again with the course."""
    life.mark_soon(assets_of(event.course_id), now=clock.now())
