"""Decisions about group viewings, as tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from learnhub.sessions import rules
from learnhub.sessions.rule_file import read_rule
from learnhub.sessions.rules import Occupied, SessionPlan

NOW = datetime(2026, 6, 15, 2, tzinfo=UTC)
RULE = read_rule()


def plan(start_minutes: int = 60, length_minutes: int = 60, **changes: object) -> SessionPlan:
    start = NOW + timedelta(minutes=start_minutes)
    values = {"station_id": 1, "title": "学习", "host_id": 7, "lesson_ids": (1,), **changes}
    return SessionPlan(starts_at=start, ends_at=start + timedelta(minutes=length_minutes), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "lengths_s", "faults"),
    [
        (plan(), [1800], {}),
        (plan(length_minutes=0), [60], {"end": "sessions.end_before_start"}),
        (plan(length_minutes=-30), [60], {"end": "sessions.end_before_start"}),
        (plan(length_minutes=9), [60], {"end": "sessions.too_short"}),
        (plan(length_minutes=10), [60], {}),
        (plan(length_minutes=720), [60], {}),
        (plan(length_minutes=721), [60], {"end": "sessions.too_long"}),
        (plan(-7 * 1440), [60], {}),
        (plan(-7 * 1440 - 1), [60], {"date": "sessions.too_far_back"}),
        (plan(366 * 1440), [60], {}),
        (plan(366 * 1440 + 1), [60], {"date": "sessions.too_far_ahead"}),
        (plan(title=""), [60], {"title": "sessions.title_missing"}),
        (plan(lesson_ids=()), [], {"lessons": "sessions.lessons_missing"}),
        (plan(length_minutes=45), [3000], {}),
        (plan(length_minutes=45), [3001], {"lessons": "sessions.programme_too_long"}),
    ],
)
def test_a_plan_is_refused_for_what_is_wrong_with_it(
    made: SessionPlan, lengths_s: list[int], faults: dict[str, str]
) -> None:
    assert rules.faults_of(made, lengths_s, RULE, NOW) == faults


@pytest.mark.parametrize(
    ("station", "host", "start", "length", "clash"),
    [
        (1, 8, 60, 60, "station"),
        (1, 8, 0, 60, None),
        (1, 8, 0, 61, "station"),
        (1, 8, 120, 60, None),
        (1, 8, 119, 60, "station"),
        (1, 8, 70, 10, "station"),
        (2, 7, 90, 60, "host"),
        (2, 7, 120, 60, None),
        (2, 8, 60, 60, None),
        (2, None, 60, 60, None),
    ],
)
def test_a_clash_is_the_same_station_or_the_same_host_at_the_same_time(
    station: int, host: int | None, start: int, length: int, clash: str | None
) -> None:
    begin = NOW + timedelta(minutes=start)
    other = Occupied(5, station, host, begin, begin + timedelta(minutes=length))
    found = rules.find_clash(plan(), [other])
    assert (found[0] if found else None) == clash


@pytest.mark.parametrize(
    ("state", "act", "after"),
    [
        ("planned", "change", "planned"),
        ("planned", "hold", "held"),
        ("planned", "close", None),
        ("planned", "cancel", "cancelled"),
        ("held", "change", None),
        ("held", "hold", None),
        ("held", "close", "closed"),
        ("held", "cancel", "cancelled"),
        *(("closed", act, None) for act in ("change", "hold", "close", "cancel")),
        *(("cancelled", act, None) for act in ("change", "hold", "close", "cancel")),
    ],
)
def test_each_step_follows_from_certain_states_only(state: str, act: str, after: str | None) -> None:
    assert rules.step(state, act) == after


@pytest.mark.parametrize(
    ("status", "credited"),
    [("present", True), ("late", True), ("leave", False), ("absent", False), ("unmarked", False)],
)
def test_present_and_late_earn_hours_and_nobody_else(status: str, credited: bool) -> None:
    assert rules.is_credited(status, RULE) is credited


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("absent", "present", 1),
        ("unmarked", "late", 1),
        ("present", "late", 0),
        ("late", "leave", -1),
        ("present", "absent", -1),
        ("leave", "absent", 0),
    ],
)
def test_a_corrected_mark_gives_or_takes_hours(before: str, after: str, change: int) -> None:
    assert rules.changes_credit(before, after, RULE) == change


@pytest.mark.parametrize(
    ("state", "reason", "refusal"),
    [
        ("planned", "x", "sessions.roll_not_open"),
        ("held", "", None),
        ("closed", "", "sessions.reason_missing"),
        ("closed", "抄录有误", None),
        ("cancelled", "x", "sessions.roll_not_open"),
    ],
)
def test_a_roll_changes_while_open_and_afterwards_only_with_a_reason(
    state: str, reason: str, refusal: str | None
) -> None:
    assert rules.may_mark(state, reason) == refusal


def test_closing_waits_until_nine_tenths_of_the_programme_can_have_been_shown() -> None:
    assert rules.earliest_close(NOW, [1800, 600], RULE) == NOW + timedelta(minutes=36)


def test_the_roll_opens_an_hour_before_and_for_a_week_after() -> None:
    first, last = rules.opening_times(NOW, NOW + timedelta(hours=1), RULE)
    assert (NOW - first, last - NOW) == (timedelta(hours=1), timedelta(days=7, hours=1))


def test_the_rule_file_names_its_source() -> None:
    assert len(RULE.source) > 40
