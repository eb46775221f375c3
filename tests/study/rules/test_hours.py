"""The shipped rules, by cases worked by hand from their sources, and files that cannot be meant so."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from typing import Any

import pytest

from learnhub.org.ranks import FILE as RANKS
from learnhub.study import hours
from learnhub.study.rules.hours import BadRule, balances, lesson_centihours, read_rule


@pytest.mark.parametrize(
    ("minutes", "centihours"),
    [(1, 25), (14.99, 25), (15, 25), (15.01, 50), (29.99, 50), (30, 100), (45, 100), (240, 100)],
)
def test_yunnan_counts_a_lesson_by_its_length(minutes: float, centihours: int) -> None:
    assert lesson_centihours(hours.rule_named("yunnan-online"), round(minutes * 60_000)) == centihours


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        ("village-cadre", [("online", 5_000)]),
        (None, [("online", 5_000)]),
        ("a rank of tomorrow", [("online", 5_000)]),
        ("township-deputy", [("online", 5_000), ("total", 9_000)]),
        ("clerk-1", [("online", 5_000), ("total", 9_000)]),
        ("county-head", [("online", 5_000), ("five_years", 55_000)]),
    ],
)
def test_a_year_asks_by_rank(rank: str | None, expected: list[tuple[str, int]]) -> None:
    asked = hours.requirements_of(hours.rule_named("yunnan-online"), rank)
    assert [(one.name, one.centihours) for one in asked] == expected


def test_every_rank_named_by_a_rule_exists() -> None:
    known = {line.split(",")[0] for line in RANKS.read_text("utf-8").splitlines()[1:]}
    for rule in hours.all_rules().values():
        assert set(rule.required) - {"default"} <= known
        assert rule.source
        assert rule.unchecked
        assert rule.holds_on(date(2026, 6, 15))


def test_what_is_missing_counts_the_sources_that_the_requirement_names() -> None:
    asked = hours.requirements_of(hours.rule_named("yunnan-online"), "clerk-1")
    online, total = balances(asked, {"online": 3_000, "test": 500, "group": 6_000})
    assert (online.have_centihours, online.missing_centihours, online.share) == (3_500, 1_500, 0.7)
    assert (total.have_centihours, total.missing_centihours, total.share) == (9_500, 0, 1.0)


GOOD: dict[str, Any] = tomllib.loads((hours.FOLDER / "yunnan-online.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("lesson", "bands"), [], "last band"),
        (("lesson", "bands"), [{"up_to_minutes": 15, "hours": 1}], "last band"),
        (("lesson", "bands"), [{"below_minutes": 30, "hours": 0.5}, {"up_to_minutes": 15, "hours": 1}, {"hours": 1}], "overlap"),
        (("lesson", "bands"), [{"below_minutes": 30, "hours": 2}, {"hours": 1}], "fewer hours"),
        (("lesson", "bands"), [{"hours": 0.255}], "hundredth"),
        (("lesson", "bands"), [{"hours": -1}], "hundredth"),
        (("test", "passed_hours"), "0.5", "hundredth"),
        (("required",), [{"ranks": ["default"], "requirements": [{"name": "x", "sources": ["minutes"], "hours": 1,
                                                                 "note": "", "note_en": ""}]}], "source"),
        (("required",), [{"ranks": ["default"]}], "requirements"),
        (("code",), None, "code"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_meant_so_is_refused_with_a_sentence(
    path: tuple[str, ...], value: Any, words: str
) -> None:
    read_rule(GOOD)
    bad = copy.deepcopy(GOOD)
    place = bad
    for name in path[:-1]:
        place = place[name]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    with pytest.raises(BadRule, match=words):
        read_rule(bad)


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(BadRule, match="yunnan-online"):
        hours.rule_named("moon")
