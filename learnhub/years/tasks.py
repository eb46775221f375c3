"""What the worker runs for this feature."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.years.actions import reviewing, trying, upkeep
from learnhub.years.actions.choosing import RECOUNT

DAILY = "years.daily"
_EVERY = timedelta(days=1)
_LOOKS_BACK = timedelta(days=3)


def register(settings: Settings) -> None:
    """Tells the worker how to do this feature's jobs for these settings."""

    @jobs.register(trying.TRY)
    def try_rule(payload: dict[str, Any], running: jobs.Running) -> None:
        def tell(done: int, people: int) -> None:
            running.progress(done / max(1, people), f"{done}/{people}")

        trying.run_dry(payload["run"], tell, now=clock.now(), settings=settings)

    @jobs.register(RECOUNT)
    def recount(payload: dict[str, Any], running: jobs.Running) -> None:
        upkeep.recount_unit(payload["unit"], payload["year"], lambda done, all_: running.progress(done / max(1, all_)))

    @jobs.register(DAILY)
    def daily(_payload: dict[str, Any], _running: jobs.Running) -> None:
        now = clock.now()
        schedule(now + _EVERY, now=now)
        upkeep.daily_round(settings, now=now)
        reviewing.look_for_anomalies(now - _LOOKS_BACK, now=now)


def schedule(at: datetime, *, now: datetime) -> None:
    """Puts the next daily round in line, unless one waits already."""
    jobs.enqueue(DAILY, {}, now=now, key=DAILY, run_at=at)
