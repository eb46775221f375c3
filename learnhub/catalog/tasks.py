"""What the catalogue does when media has prepared something."""

from __future__ import annotations

from typing import Any

from learnhub.catalog import actions
from learnhub.catalog.course_folder import BadCourseFolder
from learnhub.catalog.events import CourseRestored, CourseWithdrawn
from learnhub.catalog.queries.folders import get_folder_path
from learnhub.catalog.queries.uses import assets_of, is_withheld
from learnhub.catalog.rules import PUBLISH_JOB
from learnhub.config import Settings
from learnhub.kernel import clock, events, jobs
from learnhub.kernel.errors import Refusal
from learnhub.media.events import AssetReady, CaptionsChanged, LifeChanged
from learnhub.media.uploads import life
from learnhub.org.models import Person
from learnhub.org.scope import load_actor

_settings: list[Settings] = []


def register(settings: Settings) -> None:
    """Listens to media; the settings of the application made last are those that count."""
    _settings[:] = [settings]
    jobs.register(PUBLISH_JOB)(publish)
    events.subscribe(AssetReady, on_asset_ready)
    events.subscribe(CaptionsChanged, on_captions_changed)
    events.subscribe(LifeChanged, on_life_changed)
    for event in (CourseWithdrawn, CourseRestored):
        events.subscribe(event, on_course_changed)
    life.withhold_by(is_withheld)


def publish(payload: dict[str, Any], running: jobs.Running) -> None:
    """Publishes a folder for whoever asked, and leaves behind what became of it."""
    settings, now = _settings[0], clock.now()
    try:
        actor = load_actor(payload["person"], now, address=payload["address"])
        path = get_folder_path(actor, settings.courses_dir, payload["folder"])
        done = actions.publish_folder(actor, path, now=now, settings=settings, progress=jobs.seldom(running.progress))
    except BadCourseFolder as refused:
        told = [[one.file, one.line, one.code, dict(one.params)] for one in refused.problems]
        running.leave({"problems": told})
    except Person.DoesNotExist:
        running.leave({"code": "catalog.proposer_left", "params": {}})
    except Refusal as refused:
        running.leave({"code": refused.code, "params": dict(refused.params)})
    else:
        running.leave({"course": done.course_id, "is_changed": done.is_changed})


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
