"""How lessons, tests and claims become hours, and how many a year asks for. The numbers are data: ``study/hours_rules``.

All hours are integer hundredths (centihours).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from learnhub.kernel import messages

ONLINE, GROUP, TEST = "online", "group", "test"
CLASS, TEACHING, UNIT_COURSE, OTHER = "class", "teaching", "unit_course", "other"
CARRIED = "carried"
LESSON_SOURCES = (ONLINE, TEST, GROUP)
"""What is earned lesson by lesson, in the order in which a cap is filled."""

CLAIMED = (CLASS, TEACHING, UNIT_COURSE, OTHER)
"""What was earned elsewhere and is claimed with a document."""

SOURCES = (*LESSON_SOURCES, *CLAIMED, CARRIED)


@dataclass(frozen=True)
class Fault:
    """What is wrong on a line of a rule file; ``code`` has words in study.messages."""

    line: int
    code: str
    params: Mapping[str, object]

    @property
    def words(self) -> str:
        """The reason as a sentence."""
        return messages.text_of(self.code, self.params) or self.code

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}"


class BadRule(ValueError):
    """A rule file that cannot be meant so; ``faults`` say where and why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults

    def __str__(self) -> str:
        return "; ".join(str(fault) for fault in self.faults)


@dataclass(frozen=True)
class Band:
    """Lessons up to ``to_minutes`` (``inclusive`` or not; None: any length) give ``centihours``."""

    to_minutes: float | None
    inclusive: bool
    centihours: int


@dataclass(frozen=True)
class Measure:
    """Lessons counted by their minutes: so many are one hour, in steps of ``step``, rounded ``down``, ``nearest`` or ``up``."""

    minutes_per_hour: float
    step: int
    rounding: str


@dataclass(frozen=True)
class KindRule:
    """How a claimed kind counts: ``percent`` of what was claimed, at most so many centihours. None: no cap."""

    percent: int = 100
    per_day: int | None = None
    per_course: int | None = None
    per_year: int | None = None


@dataclass(frozen=True)
class Requirement:
    """At least ``centihours`` from ``sources`` within ``years`` years; ``note`` and ``note_en`` tell it in words.

    ``only_required``: only what comes from required courses counts.
    """

    name: str
    sources: tuple[str, ...]
    centihours: int
    years: int
    note: str
    note_en: str
    only_required: bool = False


@dataclass(frozen=True)
class CarryOver:
    """What a year has above the requirement ``of`` counts in the next as elective, at most ``most`` centihours."""

    of: str
    most: int | None


@dataclass(frozen=True)
class HoursRule:
    """One rule file. ``required`` maps rank codes to requirements; ``default`` holds for every rank not named.

    ``also``: codes of further rules whose requirements hold besides; the rest of them does not count. Lessons count by
    ``bands`` or by ``measure``; ``share``: how much of a recording must have been seen at least. ``lessons`` caps what
    is earned by lessons, ``kinds`` says what else is recognised and how. ``digest``: of the text that was read.
    """

    code: str
    title: str
    title_en: str
    issuer: str
    source: str
    unchecked: str
    valid_from: date
    valid_to: date | None
    also: tuple[str, ...]
    bands: tuple[Band, ...]
    measure: Measure | None
    share: float
    test_centihours: int
    weights: tuple[int, int]
    lessons: KindRule
    kinds: Mapping[str, KindRule]
    required: Mapping[str, tuple[Requirement, ...]]
    carry: CarryOver | None
    digest: str

    @property
    def stamp(self) -> str:
        """What a ledger entry names as its rule: the code and the version."""
        return f"{self.code}@{self.digest[:12]}"

    def holds_in(self, year: int) -> bool:
        """True when the rule was made for some day of that year."""
        return self.valid_from <= date(year, 12, 31) and (self.valid_to is None or date(year, 1, 1) <= self.valid_to)

    def requirements_for(self, rank_code: str | None) -> tuple[Requirement, ...]:
        """What a year asks of this rank."""
        return self.required.get(rank_code or "default", self.required.get("default", ()))


@dataclass(frozen=True)
class Balance:
    """One requirement against what was earned; all in centihours. ``missing_centihours`` is never negative."""

    requirement: Requirement
    have_centihours: int
    missing_centihours: int

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        asked = self.requirement.centihours
        return min(1.0, self.have_centihours / asked) if asked else 1.0


def lesson_centihours(rule: HoursRule, length_ms: int, *, is_required: bool = True) -> int:
    """The hours of a lesson of this length: the first band that holds it decides, or its measure; then the weight."""
    minutes = length_ms / 60_000
    return _weighted(rule, _measured(rule.measure, minutes) if rule.measure else _banded(rule, minutes), is_required)


def _banded(rule: HoursRule, minutes: float) -> int:
    for band in rule.bands:
        if band.to_minutes is None or minutes < band.to_minutes or (band.inclusive and minutes == band.to_minutes):
            return band.centihours
    return 0


def _measured(measure: Measure, minutes: float) -> int:
    steps = minutes * 100 / measure.minutes_per_hour / measure.step
    rounded = {"down": int(steps + 1e-9), "nearest": int(steps + 0.5), "up": -int(-steps + 1e-9)}[measure.rounding]
    return rounded * measure.step


def passed_test_centihours(rule: HoursRule, *, is_required: bool = True) -> int:
    """The hours of a passed test."""
    return _weighted(rule, rule.test_centihours, is_required)


def claim_centihours(rule: HoursRule, kind: str, claimed: int, days: int, *, is_required: bool) -> int:
    """What a claim of ``claimed`` centihours over so many days gives; 0 when the rule does not recognise the kind.

    A day gives at most the daily cap; multiples (teaching) and the weight of electives come before it.
    """
    how = rule.kinds.get(kind)
    if how is None:
        return 0
    given = _weighted(rule, claimed * how.percent // 100, is_required)
    return given if how.per_day is None else min(given, how.per_day * days)


def _weighted(rule: HoursRule, centihours: int, is_required: bool) -> int:
    return centihours * rule.weights[0 if is_required else 1] // 100


def balances(
    requirements: Iterable[Requirement], earned: Mapping[str, int], required: Mapping[str, int] | None = None
) -> tuple[Balance, ...]:
    """Each requirement against ``earned`` (counted centihours by source), of which ``required`` in required courses."""
    found = []
    for requirement in requirements:
        counted = (required or {}) if requirement.only_required else earned
        have = sum(counted.get(source, 0) for source in requirement.sources)
        found.append(Balance(requirement, have, max(0, requirement.centihours - have)))
    return tuple(found)
