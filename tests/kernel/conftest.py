"""Kinds of jobs for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from learnhub.kernel import jobs
from learnhub.kernel.jobs import Running

Run = Callable[[dict[str, Any], Running], None]


@pytest.fixture
def kinds() -> Iterator[dict[str, Run]]:
    """Kinds of jobs for one test: ``kinds["x"] = run``."""
    before = dict(jobs._runners)
    jobs._runners.clear()
    yield jobs._runners
    jobs._runners.clear()
    jobs._runners.update(before)


@pytest.fixture
def ran(kinds: dict[str, Run]) -> list[Any]:
    """What jobs of the kind ``note`` were called with."""
    found: list[Any] = []

    @jobs.register("note")
    def note(payload: dict[str, Any], _running: Running) -> None:
        found.append(payload["text"])

    return found
