"""A year is the fold of what happened: order does not matter, nothing counts twice, caps hold, more is never less."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from learnhub.study import hours
from learnhub.study.rules.hours import KindRule
from learnhub.study.rules.year import Counted, Given, fold, settle, surplus

NANJING = hours.rule_named("nanjing-type")
TIGHT = replace(
    NANJING,
    lessons=KindRule(per_course=300, per_year=700),
    kinds={
        "class": KindRule(per_day=600, per_year=2_000),
        "unit_course": KindRule(per_course=1_800),
        "teaching": KindRule(percent=500),
        "other": KindRule(per_year=500),
    },
)
NEW_YEAR = date(2026, 1, 1)

days = st.integers(0, 364).map(lambda day: NEW_YEAR + timedelta(days=day))
courses = st.sampled_from(["a", "b", "c"])


@st.composite
def lessons(draw: st.DrawFn) -> tuple[str, Given]:
    """A lesson studied one way or another; its course, its hours and whether it is required are the lesson's."""
    number = draw(st.integers(0, 11))
    day = draw(days)
    source = "test" if number % 4 == 3 else draw(st.sampled_from(["online", "group"]))
    return f"lesson:{number}", Given(source, number % 2 == 0, (25, 50, 100)[number // 4], day, day, "abc"[number % 3])


@st.composite
def claims(draw: st.DrawFn, name: str = "claim") -> tuple[str, Given]:
    """A class of some days, teaching, or a course of the unit; what was granted once stands under its own key."""
    first = draw(days)
    last = min(first + timedelta(days=draw(st.integers(0, 9))), date(2026, 12, 31))
    kind = draw(st.sampled_from(["class", "unit_course", "teaching", "other"]))
    key = f"{name}:{draw(st.integers(0, 10_000))}"
    return key, Given(kind, draw(st.booleans()), draw(st.integers(1, 4_000)), first, last, key)


def _way(event: tuple[str, Given]) -> tuple[str, str]:
    """A lesson may be studied in several ways, a claim is granted once."""
    return event[0], event[1].source if event[0].startswith("lesson") else ""


events = st.lists(st.one_of(lessons(), claims()), max_size=30, unique_by=_way)


def total(counted: dict[str, Counted]) -> tuple[int, int]:
    """All hours and those of required courses."""
    return sum(one.counted for one in counted.values()), sum(one.required for one in counted.values())


@given(events, st.randoms())
def test_the_order_of_events_does_not_matter(happened: list[tuple[str, Given]], random: object) -> None:
    shuffled = list(happened)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for rule in (NANJING, TIGHT):
        assert fold(rule, settle(shuffled).values()) == fold(rule, settle(happened).values())


@given(events)
def test_a_lesson_gives_its_hours_once_however_often_and_however_it_was_studied(
    happened: list[tuple[str, Given]],
) -> None:
    settled = settle(happened)
    assert len(settled) == len({key for key, _one in happened})
    for key, one in settled.items():
        assert one.centihours == max(other.centihours for name, other in happened if name == key)
    given_hours = sum(one.given for one in fold(NANJING, settled.values()).values())
    assert given_hours == sum(one.centihours for one in settled.values())


@given(events, st.one_of(lessons(), claims("later")))
@settings(max_examples=200)
def test_credit_never_falls_by_studying_more(happened: list[tuple[str, Given]], more: tuple[str, Given]) -> None:
    for rule in (NANJING, TIGHT):
        before, after = (total(fold(rule, settle(ones).values())) for ones in (happened, [*happened, more]))
        assert after[0] >= before[0]
        assert after[1] >= before[1]
    before_by, after_by = (fold(NANJING, settle(ones).values()) for ones in (happened, [*happened, more]))
    for source in ("online", "test", "class", "teaching", "unit_course"):  # a group may become study on line
        if source in before_by:
            assert after_by[source].counted >= before_by[source].counted


@given(events)
def test_caps_hold(happened: list[tuple[str, Given]]) -> None:
    settled = list(settle(happened).values())
    counted = fold(TIGHT, settled)
    assert sum(counted[one].counted for one in ("online", "test", "group") if one in counted) <= 700
    assert counted.get("class", Counted(0, 0, 0)).counted <= 2_000
    assert counted.get("other", Counted(0, 0, 0)).counted <= 500
    units = {one.course for one in settled if one.source == "unit_course"}
    assert counted.get("unit_course", Counted(0, 0, 0)).counted <= 1_800 * len(units)
    class_days = {one.first_day + timedelta(days=day) for one in settled if one.source == "class"
                  for day in range((one.last_day - one.first_day).days + 1)}  # fmt: skip
    assert counted.get("class", Counted(0, 0, 0)).counted <= 600 * len(class_days)
    for one in counted.values():
        assert 0 <= one.required <= one.counted <= one.given


@given(events, st.one_of(lessons(), claims()))
def test_a_reversal_restores_exactly(happened: list[tuple[str, Given]], mistake: tuple[str, Given]) -> None:
    settled = settle(happened)
    standing = {**settled, "mistake": mistake[1]}
    fold(TIGHT, standing.values())
    del standing["mistake"]
    assert fold(TIGHT, standing.values()) == fold(TIGHT, settled.values())


def test_two_classes_on_one_day_give_one_day() -> None:
    first = Given("class", True, 1_800, date(2026, 3, 2), date(2026, 3, 4), "claim:1")
    other = Given("class", False, 600, date(2026, 3, 4), date(2026, 3, 4), "claim:2")
    assert fold(NANJING, [first, other])["class"] == Counted(given=2_400, counted=1_800, required=1_800)


def test_a_course_of_the_unit_gives_at_most_eighteen_hours() -> None:
    day = date(2026, 3, 2)
    ones = [
        Given("unit_course", True, 2_400, day, day, "claim:1"),
        Given("unit_course", False, 1_000, day, day, "claim:2"),
    ]
    assert fold(NANJING, ones)["unit_course"] == Counted(3_400, 2_800, 1_800)


def test_what_lies_above_the_total_goes_over_and_what_was_carried_does_not_go_on() -> None:
    asked = hours.requirements_of(NANJING, None)
    assert surplus(NANJING, asked, {"online": Counted(9_000, 9_000, 6_000)}) == 600
    assert surplus(NANJING, asked, {"online": Counted(8_000, 8_000, 6_000)}) == 0
    carried = {"online": Counted(500, 500, 0), "carried": Counted(9_000, 9_000, 0)}
    assert surplus(NANJING, asked, carried) == 500
    capped = replace(NANJING, carry=replace(NANJING.carry, most=200))  # type: ignore[type-var]
    assert surplus(capped, asked, {"online": Counted(9_000, 9_000, 6_000)}) == 200
    assert surplus(hours.rule_named("yunnan-online"), asked, {"online": Counted(90_000, 90_000, 0)}) == 0
