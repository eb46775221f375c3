"""The one place that reads the time.

Instants are aware and in UTC; the days and years of the business are those of China (UTC+8 all year round).
Only views, command lines and tasks call :func:`now`; everything below takes the time as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from time import time_ns
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def _machine_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _machine_time


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _source()


def now_ms() -> int:
    """The present instant in milliseconds since 1970."""
    return time_ns() // 1_000_000 if _source is _machine_time else in_ms(_source())


def in_ms(instant: datetime) -> int:
    """An instant in milliseconds since 1970."""
    return int(instant.timestamp() * 1000)


def at_ms(ms: int) -> datetime:
    """The instant so many milliseconds after the beginning of 1970, aware, in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


@contextmanager
def told_by(source: Callable[[], datetime]) -> Iterator[None]:
    """Takes the time from ``source`` within the block: for histories that are written afterwards, and for tests."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


def local(instant: datetime) -> datetime:
    """The same instant on a Chinese wall clock."""
    return instant.astimezone(CHINA)


def local_date(instant: datetime) -> date:
    """The Chinese calendar day of an instant."""
    return instant.astimezone(CHINA).date()


def local_year(instant: datetime) -> int:
    """The Chinese calendar year of an instant: the year that hours count for."""
    return instant.astimezone(CHINA).year


def instant(day: date, at: time = time(0)) -> datetime:
    """The UTC instant of a wall-clock time on a Chinese calendar day."""
    return datetime.combine(day, at, tzinfo=CHINA).astimezone(UTC)


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The half-open UTC interval that covers the Chinese days ``first`` to ``last``, both included."""
    return instant(first), instant(last + timedelta(days=1))


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """The half-open UTC interval of a Chinese calendar year."""
    return instant(date(year, 1, 1)), instant(date(year + 1, 1, 1))
