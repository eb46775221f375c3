"""The shortest way and the impossible patterns, by hand-made cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learnhub.study.rules.hours import Balance, Requirement
from learnhub.years.rules.anomalies import Roll, Spell, ahead_of_the_clock, crowds, perfect_rolls
from learnhub.years.rules.shortest import Choice, Way, shortest_way, still_missing

START = datetime(2026, 6, 1, 1, tzinfo=UTC)


def asked(name: str, sources: tuple[str, ...], missing: int, *, only_required: bool = False) -> Balance:
    return Balance(Requirement(name, sources, missing, 1, name, name, only_required), 0, missing)


def lesson(number: int, minutes: int, centihours: int, *, is_required: bool = False) -> Choice:
    return Choice(f"lesson:{number}", "online", is_required, centihours, minutes * 60, (number,), f"L{number}")


def test_the_way_takes_the_cheapest_lessons_and_stops_when_the_year_is_full() -> None:
    choices = [lesson(1, 60, 100), lesson(2, 30, 100), lesson(3, 14, 25), lesson(4, 5, 100)]
    way = shortest_way([asked("online", ("online",), 200)], choices)
    assert [one.lesson_ids for one in way.choices] == [(4,), (2,)]
    assert (way.fills, way.longer_by, way.left_s, way.centihours) == (True, 0.0, 35 * 60, 200)
    assert still_missing([asked("online", ("online",), 500)], way) == {"online": 300}


def test_a_lesson_is_taken_once_though_a_session_that_shows_it_takes_a_minute() -> None:
    session = Choice("session:9", "group", True, 100, 60, (1, 2), "S", session_id=9)
    choices = [lesson(1, 30, 100, is_required=True), lesson(2, 20, 100), session]
    wanted = [asked("total", ("online", "group"), 200), asked("required", ("online",), 100, only_required=True)]
    assert [one.key for one in shortest_way(wanted, choices).choices] == ["lesson:2", "lesson:1"]
    assert [one.key for one in shortest_way(wanted[:1], [*choices, lesson(3, 40, 100)]).choices] == [
        "session:9", "lesson:3"
    ]  # fmt: skip


def test_the_way_is_shorter_than_always_taking_the_most_hours_for_the_time() -> None:
    choices = [lesson(1, 10, 100), lesson(2, 25, 200)]
    assert [one.key for one in shortest_way([asked("online", ("online",), 150)], choices).choices] == ["lesson:2"]


def test_where_too_little_is_offered_the_way_takes_all_that_counts_and_says_so() -> None:
    way = shortest_way([asked("online", ("online",), 900)], [lesson(1, 10, 100), lesson(2, 25, 200)])
    assert ([one.key for one in way.choices], way.fills) == (["lesson:1", "lesson:2"], False)
    nothing = shortest_way([asked("class", ("class",), 900)], [lesson(1, 10, 100)])
    assert (nothing.choices, nothing.fills) == ((), False)
    assert shortest_way([asked("online", ("online",), 0)], [lesson(1, 10, 100)]).fills


LESSON = st.tuples(
    st.sampled_from(["online", "test"]), st.booleans(), st.sampled_from([25, 50, 100]) | st.integers(1, 200),
    st.integers(1, 40),
)  # fmt: skip
SESSION = st.tuples(st.booleans(), st.integers(25, 250), st.integers(1, 60), st.sets(st.integers(0, 6), min_size=1))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(LESSON, min_size=1, max_size=7), st.lists(SESSION, max_size=2),
    st.tuples(st.integers(0, 300), st.integers(0, 400), st.integers(0, 150)),
)  # fmt: skip
def test_no_way_at_all_is_shorter_than_the_one_named(
    lessons: list[tuple[str, bool, int, int]], sessions: list[tuple[bool, int, int, set[int]]],
    missing: tuple[int, int, int],
) -> None:  # fmt: skip
    choices = [
        Choice(f"lesson:{number}", source, required, given, cost, (number,), "L")
        for number, (source, required, given, cost) in enumerate(lessons)
    ] + [
        Choice(f"session:{number}", "group", required, given, cost, tuple(sorted(shown)), "S", session_id=number)
        for number, (required, given, cost, shown) in enumerate(sessions)
    ]
    wanted = [
        asked("online", ("online", "test"), missing[0]), asked("all", ("online", "test", "group"), missing[1]),
        asked("required", ("online", "group"), missing[2], only_required=True),
    ]  # fmt: skip
    way = shortest_way(wanted, choices)
    taken = [number for one in way.choices for number in one.lesson_ids]
    assert len(taken) == len(set(taken))
    possible = [
        sum(one.left_s for one in some)
        for size in range(len(choices) + 1)
        for some in combinations(choices, size)
        if len({number for one in some for number in one.lesson_ids}) == sum(len(one.lesson_ids) for one in some)
        and not still_missing(wanted, Way(some))
    ]
    assert way.fills == bool(possible)
    if possible:
        assert not still_missing(wanted, way)
        assert (way.left_s, way.longer_by) == (min(possible), 0.0)


@pytest.mark.parametrize("by_minutes", [False, True])
def test_with_1500_lessons_the_way_is_within_five_percent_of_the_shortest(by_minutes: bool) -> None:
    random, choices = Random(5), []
    for number in range(1500):
        seconds = random.randint(120, 3600)
        given = seconds // 27 if by_minutes else 25 if seconds <= 900 else 50 if seconds < 1800 else 100
        choices.append(
            Choice(f"lesson:{number}", "online", random.random() < 0.3, given, seconds, (number,), f"L{number}")
        )
    for number in range(20):
        shown = tuple(random.sample(range(1500), 2))
        choices.append(Choice(f"session:{number}", "group", False, 100, 3600, shown, "S", session_id=number))
    online, all_ = asked("online", ("online",), 5000), asked("all", ("online", "group"), 9000)
    required = asked("required", ("online", "group"), 2500, only_required=True)
    for wanted in ([online], [online, all_], [online, all_, required]):
        way = shortest_way(wanted, choices)
        assert way.fills and not still_missing(wanted, way)
        assert way.longer_by <= 0.05
    assert shortest_way([online], choices).longer_by <= 0.005


def spell(person: int, begin: int, minutes: int, place: str = "10.0.0.7 · Chrome") -> Spell:
    at = START + timedelta(minutes=begin)
    return Spell(person, place, at, at + timedelta(minutes=minutes), f"v{person}{begin}")


def test_three_people_at_once_at_one_device_are_found_and_two_or_one_after_another_are_not() -> None:
    assert crowds([spell(1, 0, 30), spell(2, 5, 30)]) == []
    assert crowds([spell(1, 0, 30), spell(2, 30, 30), spell(3, 60, 30)]) == []
    assert crowds([spell(1, 0, 30), spell(2, 5, 30), spell(3, 10, 30, "another")]) == []
    found = crowds([spell(1, 0, 30), spell(2, 5, 30), spell(3, 10, 30)])
    assert {one.person_id for one in found} == {1, 2, 3}
    assert found[0].facts["people"] == 3


def roll(number: int, present: int, people: int = 12) -> Roll:
    return Roll(number, 5, 77, START + timedelta(days=number), people, present)


def test_six_perfect_rolls_in_a_row_are_found_once_and_one_absence_breaks_the_row() -> None:
    assert perfect_rolls([roll(number, 12) for number in range(5)]) == []
    assert perfect_rolls([roll(number, 12 if number != 3 else 11) for number in range(7)]) == []
    found = perfect_rolls([roll(number, 12) for number in range(7)])
    assert [(one.person_id, one.facts["people"]) for one in found] == [(77, 72)]


def test_reports_ten_minutes_ahead_of_the_clock_are_found() -> None:
    assert [one.person_id for one in ahead_of_the_clock([("a", 1, START, 599_999), ("b", 2, START, 600_000)])] == [2]
