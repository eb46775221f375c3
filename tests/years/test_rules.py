"""The shortest way and the impossible patterns, by hand-made cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from learnhub.study.rules.hours import Balance, Requirement
from learnhub.years.rules.anomalies import Roll, Spell, ahead_of_the_clock, crowds, perfect_rolls
from learnhub.years.rules.shortest import Choice, shortest_way, still_missing

START = datetime(2026, 6, 1, 1, tzinfo=UTC)


def asked(name: str, sources: tuple[str, ...], missing: int, *, only_required: bool = False) -> Balance:
    return Balance(Requirement(name, sources, missing, 1, name, name, only_required), 0, missing)


def lesson(number: int, minutes: int, centihours: int, *, is_required: bool = False) -> Choice:
    return Choice(f"lesson:{number}", "online", is_required, centihours, minutes * 60, (number,), f"L{number}")


def test_the_way_takes_the_cheapest_lessons_and_stops_when_the_year_is_full() -> None:
    choices = [lesson(1, 60, 100), lesson(2, 30, 100), lesson(3, 14, 25), lesson(4, 5, 100)]
    way = shortest_way([asked("online", ("online",), 200)], choices)
    assert [one.lesson_ids for one in way] == [(4,), (2,)]
    assert still_missing([asked("online", ("online",), 500)], way) == {"online": 300}


def test_what_fills_two_requirements_comes_first_and_a_lesson_is_taken_once() -> None:
    session = Choice("session:9", "group", True, 100, 60, (1, 2), "S", session_id=9)
    choices = [lesson(1, 30, 100, is_required=True), lesson(2, 20, 100), session]
    wanted = [asked("total", ("online", "group"), 200), asked("required", ("online",), 100, only_required=True)]
    assert [one.key for one in shortest_way(wanted, choices)] == ["session:9"]
    assert [one.key for one in shortest_way(wanted, choices[:2])] == ["lesson:1", "lesson:2"]


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
