"""The shipped rules, by cases worked by hand from their sources."""

from __future__ import annotations

import pytest

from learnhub.org.ranks import FILE as RANKS
from learnhub.study import hours
from learnhub.study.rules.hours import (
    BadRule,
    balances,
    claim_centihours,
    lesson_centihours,
    passed_test_centihours,
)


@pytest.mark.parametrize(
    ("code", "minutes", "is_required", "centihours"),
    [
        *[("yunnan-online", *case) for case in [
            (1, True, 25), (14.99, True, 25), (15, True, 25), (15.01, True, 50), (29.99, True, 50), (30, True, 100),
            (45, True, 100), (240, True, 100), (30, False, 100),
        ]],
        # 45 minutes are an hour, in steps of a tenth, nothing rounded up: 50 / 45 = 1.11, 89 / 45 = 1.977
        *[("regulation-2023", *case) for case in [(4, True, 0), (4.5, True, 10), (45, True, 100), (50, True, 110), (89, True, 190)]],
        *[("haikou-type", *case) for case in [(45, True, 100), (90, False, 200), (44.9, True, 90)]],
        # in steps of a hundredth; electives count half: 20 / 45 = 0.444
        *[("shanxi-type", *case) for case in [(45, True, 100), (20, True, 44), (45, False, 50), (20, False, 22)]],
        *[("nanjing-type", *case) for case in [(15, True, 25), (29, True, 50), (60, False, 100)]],
    ],
)  # fmt: skip
def test_a_lesson_counts_by_its_length(code: str, minutes: float, is_required: bool, centihours: int) -> None:
    given = lesson_centihours(hours.rule_named(code), round(minutes * 60_000), is_required=is_required)
    assert given == centihours


@pytest.mark.parametrize(
    ("code", "centihours"),
    [("yunnan-online", 50), ("nanjing-type", 50), ("haikou-type", 50), ("shanxi-type", 0), ("regulation-2023", 0)],
)
def test_a_passed_test_counts(code: str, centihours: int) -> None:
    assert passed_test_centihours(hours.rule_named(code)) == centihours


@pytest.mark.parametrize(
    ("code", "kind", "claimed", "days", "is_required", "centihours"),
    [
        ("yunnan-online", "class", 3_000, 3, True, 2_250),  # 12 days are 90 hours: three days at most 22.5
        ("regulation-2023", "class", 600, 1, True, 600),
        ("nanjing-type", "class", 2_000, 3, True, 1_800),  # a day of class is 6 hours
        ("nanjing-type", "teaching", 300, 1, False, 1_500),  # teaching counts five times
        (
            "nanjing-type",
            "unit_course",
            2_400,
            5,
            True,
            2_400,
        ),  # the 18 of each course are kept when the year is added up
        ("shanxi-type", "class", 1_000, 1, True, 800),  # a day of class is 8 hours
        ("shanxi-type", "class", 800, 1, False, 400),  # elective: half
        ("haikou-type", "class", 1_600, 2, False, 1_600),
        ("yunnan-online", "unit_course", 500, 1, True, 0),  # not recognised there
    ],
)
def test_a_claim_counts_by_its_kind(
    code: str, kind: str, claimed: int, days: int, is_required: bool, centihours: int
) -> None:
    assert claim_centihours(hours.rule_named(code), kind, claimed, days, is_required=is_required) == centihours


@pytest.mark.parametrize(
    ("code", "rank", "expected"),
    [
        ("yunnan-online", "village-cadre", [("online", 5_000)]),
        ("yunnan-online", None, [("online", 5_000)]),
        ("yunnan-online", "a rank of tomorrow", [("online", 5_000)]),
        ("yunnan-online", "township-deputy", [("online", 5_000), ("total", 9_000)]),
        ("yunnan-online", "clerk-1", [("online", 5_000), ("total", 9_000)]),
        ("yunnan-online", "county-head", [("online", 5_000), ("five_years", 55_000)]),
        ("regulation-2023", "village-cadre", []),
        ("nanjing-type", "clerk-1", [("required", 5_600), ("online", 1_000), ("total", 8_400)]),
        ("shanxi-type", "clerk-1", [("total", 9_000)]),
        ("haikou-type", None, [("required", 4_200), ("total", 7_200)]),
    ],
)
def test_a_year_asks_by_rank(code: str, rank: str | None, expected: list[tuple[str, int]]) -> None:
    asked = hours.requirements_of(hours.rule_named(code), rank)
    assert [(one.name, one.centihours) for one in asked] == expected


def test_five_rules_ship_and_name_their_sources() -> None:
    known = {line.split(",")[0] for line in RANKS.read_text("utf-8").splitlines()[1:]}
    rules = hours.all_rules()
    assert set(rules) == {"yunnan-online", "regulation-2023", "nanjing-type", "shanxi-type", "haikou-type"}
    for rule in rules.values():
        assert set(rule.required) - {"default"} <= known
        assert rule.issuer and rule.source and rule.unchecked
        assert rule.holds_in(2026) and not rule.holds_in(2022)
    assert [rule.share for code, rule in sorted(rules.items()) if code in ("nanjing-type", "shanxi-type")] == [0.9, 0.9]


def test_what_is_missing_counts_the_sources_that_the_requirement_names() -> None:
    asked = hours.requirements_of(hours.rule_named("yunnan-online"), "clerk-1")
    online, total = balances(asked, {"online": 3_000, "test": 500, "group": 6_000})
    assert (online.have_centihours, online.missing_centihours, online.share) == (3_500, 1_500, 0.7)
    assert (total.have_centihours, total.missing_centihours, total.share) == (9_500, 0, 1.0)
    required, *_others = balances(
        hours.requirements_of(hours.rule_named("haikou-type"), None), {"online": 5_000}, {"online": 3_000}
    )
    assert required.missing_centihours == 1_200


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(BadRule) as caught:
        hours.rule_named("moon")
    assert [fault.code for fault in caught.value.faults] == ["study.rule_unknown"]
