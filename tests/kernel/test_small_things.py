"""Text, time, pages, identifiers, logs: the small parts of the floor."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnhub.kernel import clock, log
from learnhub.kernel.ids import new_id
from learnhub.kernel.models import Job
from learnhub.kernel.paging import Page, page_of
from learnhub.kernel.text import clean, fold, fold_name

# --- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dot", "·•‧∙⋅・･᛫．。")
def test_every_middle_dot_is_the_same_in_a_name(dot: str) -> None:
    assert fold_name(f"阿依古丽{dot}买买提") == "阿依古丽·买买提"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("李 㛃", "李㛃"),
        ("\u3000张　三\u00a0", "张三"),
        ("ＡＢＣ　Ｗａｎｇ", "abcwang"),
        ("王\u200b秀\ufeff英", "王秀英"),
        ("𬭎䶮", "𬭎䶮"),
        ("", ""),
    ],
)
def test_names_that_look_alike_compare_equal(written: str, folded: str) -> None:
    assert fold_name(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [("ＨＴ２００１", "ht2001"), ("  a \t b\n", "a b"), ("学\u200b习", "学习"), ("①", "1"), ("（一）", "(一)")],
)
def test_text_is_folded_for_comparing(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_line_is_cleaned_and_otherwise_stays_as_written() -> None:
    assert clean("  集中　学习：\u200bＡ \n 䶮 ") == "集中 学习：Ａ 䶮"


@given(st.text("李㛃䶮·•．ＡaÀ１1 \u3000\u200b\n（"))
def test_folding_twice_changes_no_more(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)


# --- time -----------------------------------------------------------------------------------------------------------


def test_the_day_and_the_year_are_those_of_china() -> None:
    last_second = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert clock.local_date(last_second) == date(2026, 12, 31)
    assert clock.local_year(last_second) == 2026
    assert clock.local_date(last_second + timedelta(seconds=1)) == date(2027, 1, 1)
    assert clock.local_year(last_second + timedelta(seconds=1)) == 2027


def test_a_wall_clock_time_becomes_an_instant_and_back() -> None:
    instant = clock.instant(date(2026, 6, 15), time(10))
    assert instant == datetime(2026, 6, 15, 2, tzinfo=UTC)
    assert instant.tzinfo is UTC
    assert (clock.local(instant).hour, clock.local_date(instant)) == (10, date(2026, 6, 15))


def test_bounds_are_half_open_and_meet() -> None:
    first, after = clock.day_bounds(date(2026, 2, 28), date(2026, 3, 1))
    assert after - first == timedelta(days=2)
    assert clock.local_date(first) == date(2026, 2, 28) and clock.local_date(after) == date(2026, 3, 2)
    assert clock.year_bounds(2026)[1] == clock.year_bounds(2027)[0]
    assert {clock.local_year(bound) for bound in clock.year_bounds(2026)} == {2026, 2027}


def test_the_time_is_aware_and_can_be_told_within_a_block() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    told = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(LookupError), clock.told_by(lambda: told):
        assert clock.now() == told
        with clock.told_by(lambda: told + timedelta(days=1)):
            assert clock.now() == told + timedelta(days=1)
        assert clock.now() == told
        raise LookupError
    assert clock.now() > told + timedelta(days=365)


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "shown", "page"),
    [(1, "0-9", 1), (2, "10-19", 2), (3, "20-22", 3), (0, "0-9", 1), (-7, "0-9", 1), (99, "20-22", 3)],
)
def test_a_number_past_either_end_gives_the_nearest_page(
    db: str, now: datetime, number: int, shown: str, page: int
) -> None:
    for row in range(23):
        Job.create(kind=str(row), payload={}, run_at=now, created_at=now)
    found = page_of(Job.select().order_by(Job.id), number, 10)
    assert f"{found.items[0].kind}-{found.items[-1].kind}" == shown
    assert (found.number, found.count, found.total) == (page, 3, 23)
    assert (found.first, found.last) == (int(shown.split("-")[0]) + 1, int(shown.split("-")[1]) + 1)


def test_an_empty_list_has_one_empty_page(db: str) -> None:
    found = page_of(Job.select(), 5)
    assert (list(found.items), found.number, found.count, found.first, found.last) == ([], 1, 1, 0, 0)


def test_a_page_can_be_changed_item_by_item() -> None:
    page = Page([1, 2], 2, 2, 5).map(str)
    assert (page.items, page.number, page.count, page.first, page.last) == (["1", "2"], 2, 3, 3, 4)


# --- identifiers ----------------------------------------------------------------------------------------------------


def test_identifiers_differ_and_can_be_read_aloud() -> None:
    made = {new_id() for _time in range(2000)}
    assert len(made) == 2000
    assert all(len(one) == 20 and not set(one) & set("ilouILOU-_") for one in made)
    assert len(new_id(7)) == 7


# --- logs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged from ``info`` upward; the root logger is as before afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    log.set_up_logging("info")
    yield out
    root.handlers[:], level = before
    root.setLevel(level)


def test_each_record_is_one_line_of_json(logged: io.StringIO) -> None:
    logging.getLogger("learnhub.x").info(
        "两\n行 %s", "阿依·古丽", extra={"fields": {"job": 7, "at_day": date(2026, 1, 2)}}
    )
    logging.getLogger("learnhub.x").debug("not told")
    lines = logged.getvalue().splitlines()
    assert len(lines) == 1
    told = json.loads(lines[0])
    at = datetime.fromisoformat(told.pop("at"))
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    expected = {
        "level": "info",
        "logger": "learnhub.x",
        "message": "两\n行 阿依·古丽",
        "job": 7,
        "at_day": "2026-01-02",
    }
    assert told == expected


def test_a_trace_is_kept_inside_the_line(logged: io.StringIO) -> None:
    try:
        raise ValueError("坏了")
    except ValueError:
        logging.getLogger("learnhub.x").exception("failed")
    told = json.loads(logged.getvalue())
    assert "ValueError: 坏了" in told["trace"] and told["level"] == "error"
    assert logged.getvalue().count("\n") == 1


def test_setting_up_twice_tells_everything_once(logged: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", logged)
    log.set_up_logging("info")
    logging.getLogger("learnhub.x").warning("once")
    assert len(logged.getvalue().splitlines()) == 1
