"""The days of a month laid out in weeks from Monday to Sunday, and the numbers that a pager shows."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from flask import Flask

from learnhub.design.format import WEEKDAYS
from learnhub.design.i18n import LazyText


@dataclass(frozen=True)
class MonthGrid:
    """``weeks`` are lists of seven dates; those of the neighbouring months fill the first and last week."""

    first: date
    weeks: list[list[date]]


def month_grid(year: int, month: int) -> MonthGrid:
    """The grid of a month; weeks begin on Monday, as on Chinese office calendars."""
    return MonthGrid(date(year, month, 1), calendar.Calendar(calendar.MONDAY).monthdatescalendar(year, month))


def weekdays() -> tuple[LazyText, ...]:
    """Monday to Sunday, short."""
    return WEEKDAYS


def pages_around(number: int, count: int) -> list[int | None]:
    """The page numbers worth a link: first, last, two to each side; None stands for a gap."""
    wanted = sorted({1, count} | {page for page in range(number - 2, number + 3) if 1 <= page <= count})
    shown: list[int | None] = []
    for page in wanted:
        before = shown[-1] if shown else None
        if before is not None and page - before == 2:
            shown.append(page - 1)
        elif before is not None and page - before > 2:
            shown.append(None)
        shown.append(page)
    return shown


def bar_width(share: float) -> str:
    """A share between 0 and 1 as a width between 0 and 100; something above zero is never drawn as nothing."""
    width = min(max(share, 0.0), 1.0) * 100
    return f"{max(width, 1.0) if width > 0 else 0:.4g}"


def install(app: Flask) -> None:
    """Give the components their small sums."""
    app.jinja_env.globals.update(
        month_grid=month_grid, weekdays=weekdays, pages_around=pages_around, bar_width=bar_width
    )
