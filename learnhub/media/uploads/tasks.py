"""Background work of uploads: ids in, an action called."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.media.uploads import actions, life

TIDY = "media.tidy_uploads"
_EVERY = timedelta(hours=6)


def register(settings: Settings) -> None:
    """Tells the workers of this process what to do with whole uploads and with those given up."""

    @jobs.register(actions.TAKE_IN)
    def take_in(payload: dict[str, Any], _running: jobs.Running) -> None:
        actions.take_in(payload["upload"], settings=settings, now=clock.now())

    @jobs.register(life.FOLLOW)
    def follow(payload: dict[str, Any], _running: jobs.Running) -> None:
        life.follow(payload["asset"], settings=settings, now=clock.now())

    @jobs.register(life.MARK)
    def mark(payload: dict[str, Any], _running: jobs.Running) -> None:
        life.mark_asset(payload["asset"], settings=settings, now=clock.now())

    @jobs.register(TIDY)
    def tidy(_payload: dict[str, Any], _running: jobs.Running) -> None:
        now = clock.now()
        schedule(now + _EVERY, now=now)
        actions.expire(settings=settings, now=now)


def schedule(at: datetime, *, now: datetime) -> None:
    """Puts the next tidying in line, unless one waits already."""
    jobs.enqueue(TIDY, {}, now=now, key=TIDY, run_at=at)
