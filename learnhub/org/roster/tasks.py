"""The background work of imports: ids in, an action called."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.org.actions import roster

_TELL_EVERY_S = 0.5


def register(settings: Settings) -> None:
    """Tells the workers of this process how to carry an import on."""

    @jobs.register(roster.JOB)
    def carry_on(payload: dict[str, Any], running: jobs.Running) -> None:
        roster.carry_on(
            payload["run"],
            payload["actor"],
            address=payload["address"],
            data_dir=settings.data_dir,
            now=clock.now(),
            progress=_seldom(running.progress),
        )


def _seldom(tell: Callable[[float], None]) -> Callable[[float], None]:
    """Passes on a share at most twice a second: each is a write to the database."""
    last = [0.0]

    def maybe(share: float) -> None:
        if time.monotonic() - last[0] >= _TELL_EVERY_S:
            last[0] = time.monotonic()
            tell(share)

    return maybe
