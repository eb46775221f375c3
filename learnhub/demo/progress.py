"""Says on the terminal how far the demo is: a line per step, a counter where a step is long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

TURN_S = 0.12


def give_way() -> None:
    """Lets another process write between two transactions: SQLite's waiters look only every tenth of a second."""
    time.sleep(TURN_S)


class Steps:
    """``with steps.step("People"):`` prints the step, and its seconds when it is over."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step; its line is closed with the time that it took."""
        began = time.monotonic()
        self._show(f"  {title} …")
        yield
        self._show(f"  {title}: {time.monotonic() - began:.1f} s", end="\n")

    def tell(self, title: str, done: int, total: int) -> None:
        """Replaces the step's line by how far it is."""
        self._show(f"  {title} … {done}/{total}")

    def _show(self, text: str, end: str = "") -> None:
        width = 60
        if sys.stdout.isatty():
            print(f"\r{text:<{width}}", end=end, flush=True)
        elif end:
            print(text, flush=True)
