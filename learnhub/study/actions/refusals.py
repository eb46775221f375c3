"""Counts what was refused or not believed: by day and reason for the system page; of reports also for each viewing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import date

from learnhub.kernel.db import db, is_postgres, transaction

AHEAD = "study.report_ahead"
"""A report claimed more than the server's clock leaves room for; what fits was believed."""

REPEATED = "study.report_repeated"
"""A report that was known already came again: after a lost answer, or replayed. It changes nothing."""

ELSEWHERE = "study.report_elsewhere"
"""A report of a viewing that another one had ended; believed up to that moment."""

_ADD = """
INSERT INTO refused_reports (day, code, number) VALUES ({0}, {0}, {0})
ON CONFLICT (day, code) DO UPDATE SET number = refused_reports.number + excluded.number
"""
_ADD_TO_VIEWING = "UPDATE viewing SET refusals = refusals + {0} WHERE id = {0}"


def count_now(codes: Iterable[str], day: date) -> None:
    """Adds one for each of these reasons at once: for what is refused rarely, such as a claim or a forged proof."""
    counted = Refusals()
    for code in codes:
        counted.count(code)
    counted.write(day)


class Refusals:
    """Counted in memory, written with the reports: a flood of bad reports costs one row a reason, not one each."""

    MOST_VIEWINGS = 10_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: Counter[str] = Counter()
        self._viewings: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._codes or self._viewings)

    def count(self, code: str) -> None:
        """One more for this reason."""
        with self._lock:
            self._codes[code] += 1

    def count_viewing(self, viewing_id: str) -> None:
        """One more of this viewing, named by a token which the server signed."""
        with self._lock:
            if len(self._viewings) < self.MOST_VIEWINGS:
                self._viewings[viewing_id] += 1

    def write(self, day: date) -> None:
        """Adds what was counted to that day in the database; what cannot be written stays counted."""
        with self._lock:
            codes, viewings = self._codes, self._viewings
            self._codes, self._viewings = Counter(), Counter()
        mark = "%s" if is_postgres() else "?"
        try:
            with transaction():
                for code, number in sorted(codes.items()):
                    db.execute_sql(_ADD.format(mark), (day.isoformat(), code, number))
                for viewing_id, number in sorted(viewings.items()):
                    db.execute_sql(_ADD_TO_VIEWING.format(mark), (number, viewing_id))
        except Exception:
            with self._lock:
                self._codes.update(codes)
                self._viewings.update(viewings)
            raise
