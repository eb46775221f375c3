"""The background work of imports: ids in, an action called."""

from __future__ import annotations

from typing import Any

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.org.actions import roster


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
            progress=jobs.seldom(running.progress),
        )
