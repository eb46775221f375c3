"""Background work of media: ids in, an action called."""

from __future__ import annotations

from typing import Any

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.media import access, actions, speech


def register(settings: Settings) -> None:
    """Tells the workers of this process how to prepare an asset."""

    @jobs.register(actions.JOB)
    def prepare(payload: dict[str, Any], running: jobs.Running) -> None:
        actions.prepare_asset(
            payload["asset"], settings=settings, now=clock.now(), progress=jobs.seldom(running.progress)
        )

    @jobs.register(speech.JOB)
    def transcribe(payload: dict[str, Any], running: jobs.Running) -> None:
        speech.transcribe(payload["asset"], payload["language"], payload["person"], settings=settings, now=clock.now())

    @jobs.register(access.JOB)
    def follow_standing(payload: dict[str, Any], running: jobs.Running) -> None:
        access.mark_person(payload["person"], settings=settings, now=clock.now())

    @jobs.register(actions.DROP_JOB)
    def drop(payload: dict[str, Any], _running: jobs.Running) -> None:
        actions.drop_renditions(payload["asset"], payload["version"], settings=settings)
