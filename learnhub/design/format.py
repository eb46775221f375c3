"""Numbers, dates, lengths and sizes as a person reads them, in Chinese and in English.

All take plain values and answer a str; all are Jinja filters under the same name. Moments are aware datetimes and
are shown in Asia/Shanghai, the one business time zone.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from flask import Flask

from learnhub.design.i18n import _, _l, current_locale
from learnhub.kernel.clock import local

NOTHING = "—"
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))


def is_chinese() -> bool:
    """Whether the current language is Chinese."""
    return current_locale() == "zh_CN"


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment must carry its time zone")
        return local(value)
    return value


def number(value: int | float | Decimal | None, digits: int | None = None) -> str:
    """1234567.5 → ``1,234,567.5``. ``digits`` fixes the places after the point; without it, at most two."""
    if value is None:
        return NOTHING
    if digits is not None:
        return f"{value:,.{digits}f}"
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def percent(share: float | None, digits: int = 0) -> str:
    """0.925 → ``93%``. Rounds down to the last step below 100 %, since 99.6 % is not all."""
    if share is None:
        return NOTHING
    shown = round(share * 100, digits)
    if share < 1 and shown >= 100:
        shown = 100 - 10**-digits
    return f"{shown:.{digits}f}%"


def hours_number(centihours: int | None) -> str:
    """Hundredths of a credit hour → ``1.25``, ``3``, without the unit."""
    if centihours is None:
        return NOTHING
    return number(Decimal(centihours) / 100)


def hours(centihours: int | None) -> str:
    """Hundredths of a credit hour → ``1.25 学时`` / ``1.25 hours``."""
    if centihours is None:
        return NOTHING
    shown = hours_number(centihours)
    if is_chinese():
        return f"{shown} 学时"
    return f"{shown} hour" if centihours == 100 else f"{shown} hours"


def duration(seconds: float | None) -> str:
    """3725 → ``1 小时 2 分`` / ``1 h 2 min``; under a minute in seconds. Rounds down: nobody is shown time not spent."""
    if seconds is None:
        return NOTHING
    whole = int(seconds)
    hour, minute, second = whole // 3600, whole % 3600 // 60, whole % 60
    units = ("小时", "分", "秒") if is_chinese() else ("h", "min", "s")
    if whole < 60:
        return f"{second} {units[2]}"
    parts = [f"{hour} {units[0]}"] if hour else []
    if minute:
        parts.append(f"{minute} {units[1]}")
    return " ".join(parts)


def timecode(seconds: float | None) -> str:
    """A place in a recording: 65 → ``1:05``, 3725 → ``1:02:05``."""
    if seconds is None:
        return NOTHING
    whole = int(seconds)
    hour, minute, second = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hour}:{minute:02d}:{second:02d}" if hour else f"{minute}:{second:02d}"


def filesize(count: int | None) -> str:
    """Bytes → ``820 B``, ``1.4 MB`` (powers of 1000, as disks and networks count)."""
    if count is None:
        return NOTHING
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{number(round(size, 1))} {unit}"
        size /= 1000
    return f"{number(round(size, 1))} TB"


def day(value: date | datetime | None) -> str:
    """``2026年11月5日`` / ``5 Nov 2026``."""
    if value is None:
        return NOTHING
    shown = _local(value)
    if is_chinese():
        return f"{shown.year}年{shown.month}月{shown.day}日"
    return f"{shown.day} {MONTHS_EN[shown.month - 1]} {shown.year}"


def day_with_weekday(value: date | datetime | None) -> str:
    """``2026年11月5日 周四`` / ``Thu 5 Nov 2026``."""
    if value is None:
        return NOTHING
    weekday = WEEKDAYS[_local(value).weekday()]
    return f"{day(value)} {weekday}" if is_chinese() else f"{weekday} {day(value)}"


def day_number(value: date | datetime | None) -> str:
    """``2026-11-05``: for dense tables and file names."""
    return NOTHING if value is None else f"{_local(value):%Y-%m-%d}"


def clock_time(value: datetime | time | None) -> str:
    """``09:05``, in Asia/Shanghai."""
    if value is None:
        return NOTHING
    shown = _local(value) if isinstance(value, datetime) else value
    return f"{shown:%H:%M}"


def moment(value: datetime | None) -> str:
    """``2026年11月5日 09:05`` / ``5 Nov 2026, 09:05``."""
    if value is None:
        return NOTHING
    return f"{day(value)} {clock_time(value)}" if is_chinese() else f"{day(value)}, {clock_time(value)}"


def month(value: date | datetime | None) -> str:
    """``2026年11月`` / ``Nov 2026``."""
    if value is None:
        return NOTHING
    shown = _local(value)
    return f"{shown.year}年{shown.month}月" if is_chinese() else f"{MONTHS_EN[shown.month - 1]} {shown.year}"


def period(start: datetime, end: datetime) -> str:
    """Start and end, the day said once: ``2026年11月5日 周四 09:00–11:30``."""
    if _local(start).strftime("%Y%m%d") == _local(end).strftime("%Y%m%d"):
        return f"{day_with_weekday(start)} {clock_time(start)}–{clock_time(end)}"
    return f"{moment(start)} – {moment(end)}"


def ago(value: datetime | None, now: datetime) -> str:
    """How long before ``now``: ``3 分钟前`` / ``3 min ago``; after a week, the date."""
    if value is None:
        return NOTHING
    passed = now - value
    if passed < timedelta(minutes=1):
        return _("just now")
    if passed < timedelta(hours=1):
        return _("%(count)d min ago", count=int(passed.total_seconds() // 60))
    if passed < timedelta(days=1):
        return _("%(count)d h ago", count=int(passed.total_seconds() // 3600))
    if passed < timedelta(days=7):
        return _("%(count)d d ago", count=passed.days)
    return day(value)


def input_date(value: date | datetime | None) -> str:
    """The value of a date field: ``2026-11-05``, empty for None."""
    return "" if value is None else f"{_local(value):%Y-%m-%d}"


def input_time(value: datetime | time | None) -> str:
    """The value of a time field: ``09:05``, empty for None."""
    return "" if value is None else clock_time(value)


def masked(text: str | None, keep: int = 4) -> str:
    """A number shown to many eyes: all but the last ``keep`` characters hidden."""
    if not text:
        return NOTHING
    return "•" * max(len(text) - keep, 0) + text[-keep:]


FILTERS = (
    number, percent, hours, hours_number, duration, timecode, filesize, day, day_with_weekday, day_number,
    clock_time, moment, month, period, ago, input_date, input_time, masked,
)  # fmt: skip


def install(app: Flask) -> None:
    """Give the filters to templates: ``{{ entry.centihours|hours }}``."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
