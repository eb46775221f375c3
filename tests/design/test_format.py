"""Numbers, dates, lengths and sizes in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from learnhub.design import format as shown
from learnhub.design.i18n import locale_of

EVENING = datetime(2026, 11, 5, 16, 5, tzinfo=UTC)  # already the 6th in China

CASES: list[tuple[str, tuple[Any, ...], str, str]] = [
    ("hours", (125,), "1.25 学时", "1.25 hours"),
    ("hours", (100,), "1 学时", "1 hour"),
    ("hours", (0,), "0 学时", "0 hours"),
    ("hours", (-50,), "-0.5 学时", "-0.5 hours"),
    ("hours", (123456,), "1,234.56 学时", "1,234.56 hours"),
    ("hours", (None,), "—", "—"),
    ("hours_number", (2750,), "27.5", "27.5"),
    ("hours_number", (100000,), "1,000", "1,000"),
    ("duration", (3725,), "1 小时 2 分", "1 h 2 min"),
    ("duration", (3600,), "1 小时", "1 h"),
    ("duration", (59.9,), "59 秒", "59 s"),
    ("duration", (60,), "1 分", "1 min"),
    ("duration", (0,), "0 秒", "0 s"),
    ("duration", (90061,), "25 小时 1 分", "25 h 1 min"),
    ("timecode", (65,), "1:05", "1:05"),
    ("timecode", (3725.9,), "1:02:05", "1:02:05"),
    ("number", (1234567.5,), "1,234,567.5", "1,234,567.5"),
    ("number", (100,), "100", "100"),
    ("number", (2.0, 1), "2.0", "2.0"),
    ("percent", (0.5,), "50%", "50%"),
    ("percent", (0.999,), "99%", "99%"),
    ("percent", (1,), "100%", "100%"),
    ("percent", (0.9996, 1), "99.9%", "99.9%"),
    ("filesize", (820,), "820 B", "820 B"),
    ("filesize", (1400,), "1.4 kB", "1.4 kB"),
    ("filesize", (999_600,), "1 MB", "1 MB"),
    ("filesize", (48_200_000,), "48.2 MB", "48.2 MB"),
    ("filesize", (2_000_000_000_000,), "2 TB", "2 TB"),
    ("day", (EVENING,), "2026年11月6日", "6 Nov 2026"),
    ("day", (date(2026, 2, 28),), "2026年2月28日", "28 Feb 2026"),
    ("day", (None,), "—", "—"),
    ("day_with_weekday", (EVENING,), "2026年11月6日 周五", "Fri 6 Nov 2026"),
    ("day_number", (EVENING,), "2026-11-06", "2026-11-06"),
    ("clock_time", (EVENING,), "00:05", "00:05"),
    ("clock_time", (time(9, 5),), "09:05", "09:05"),
    ("moment", (EVENING,), "2026年11月6日 00:05", "6 Nov 2026, 00:05"),
    ("month", (date(2026, 11, 1),), "2026年11月", "Nov 2026"),
    ("period", (EVENING, EVENING + timedelta(hours=2)), "2026年11月6日 周五 00:05–02:05", "Fri 6 Nov 2026 00:05–02:05"),
    ("ago", (EVENING, EVENING + timedelta(seconds=5)), "刚刚", "just now"),
    ("ago", (EVENING, EVENING + timedelta(minutes=3)), "3 分钟前", "3 min ago"),
    ("ago", (EVENING, EVENING + timedelta(days=2)), "2 天前", "2 d ago"),
    ("ago", (EVENING, EVENING + timedelta(days=30)), "2026年11月6日", "6 Nov 2026"),
    ("input_date", (EVENING,), "2026-11-06", "2026-11-06"),
    ("input_date", (None,), "", ""),
    ("input_time", (EVENING,), "00:05", "00:05"),
    ("masked", ("530402198001011234",), "••••••••••••••1234", "••••••••••••••1234"),
]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("name", "values", "chinese", "english"), CASES)
def test_value_reads_well_in_both_languages(name: str, values: tuple[Any, ...], chinese: str, english: str) -> None:
    function = getattr(shown, name)
    with locale_of("zh_CN"):
        assert function(*values) == chinese
    with locale_of("en"):
        assert function(*values) == english


def test_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        shown.day(datetime(2026, 11, 5))


def test_period_over_two_days_names_both() -> None:
    with locale_of("en"):
        assert shown.period(EVENING, EVENING + timedelta(days=1)) == "6 Nov 2026, 00:05 – 7 Nov 2026, 00:05"
