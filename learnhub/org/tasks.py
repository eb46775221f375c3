"""Background work of the tree: ids in, an action called."""

from __future__ import annotations

from typing import Any

from learnhub.kernel import clock, jobs
from learnhub.org import actions
from learnhub.org.actions import transfers


def register() -> None:
    """Tells the workers of this process how to carry out a planned transfer."""

    @jobs.register(transfers.JOB)
    def transfer(payload: dict[str, Any], _running: jobs.Running) -> None:
        actions.carry_out_transfer(payload["plan"], now=clock.now())
