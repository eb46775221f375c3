"""Two real servers, killed in the middle of reports: what was called durable is there afterwards, and counted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import kills


@pytest.mark.slow
def test_nothing_called_durable_is_lost_by_kill_9_and_nothing_is_counted_twice(
    db: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rounds = 4 if "postgres" in request.node.name else 10  # bench/kills.py: fifty
    found = kills.run(db, str(tmp_path), rounds)
    assert (found["lost_ms"], found["doubled_ms"]) == (0, 0)
    assert 0 < found["durable_ms"] <= found["stored_ms"]
