"""Opens the rule files: ``hours_rules/*.toml``, each one rule of :mod:`learnhub.study.rules.hours`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from learnhub.study.rules.hours import BadRule, HoursRule, Requirement, lesson_centihours, read_rule

FOLDER = Path(__file__).parent / "hours_rules"


@cache
def all_rules() -> dict[str, HoursRule]:
    """Every rule by its code. Raises BadRule when a file is wrong or names a rule that does not exist."""
    found: dict[str, HoursRule] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        rule = read_rule(tomllib.loads(path.read_text("utf-8")))
        if rule.code != path.stem:
            raise BadRule(f"{path.name} carries the code {rule.code}.")
        found[rule.code] = rule
    for rule in found.values():
        if unknown := set(rule.also) - set(found):
            raise BadRule(f"{rule.code} names rules that do not exist: {', '.join(sorted(unknown))}.")
    return found


def rule_named(code: str) -> HoursRule:
    """The rule of that code. Raises BadRule with a sentence for an unknown one."""
    rules = all_rules()
    if code not in rules:
        raise BadRule(f"There is no hours rule {code!r}; known: {', '.join(rules)}.")
    return rules[code]


def requirements_of(rule: HoursRule, rank_code: str | None) -> tuple[Requirement, ...]:
    """What a year asks of a rank, by the rule itself and by those that hold besides."""
    wanted = rule.requirements_for(rank_code)
    for code in rule.also:
        wanted += rule_named(code).requirements_for(rank_code)
    return wanted


def lessons_centihours(rule: HoursRule, lessons: Iterable[tuple[str, int]]) -> int:
    """What lessons given as (kind, seconds) are worth together: the figure that a course shows."""
    return sum(
        rule.test_centihours if kind == "test" else lesson_centihours(rule, seconds * 1000) for kind, seconds in lessons
    )
