"""How lessons and tests become hours, and how many a year asks for. The numbers are data: ``study/hours_rules/*.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

ONLINE, GROUP, TEST = "online", "group", "test"
CLASS = "class"
SOURCES = (ONLINE, GROUP, TEST, CLASS)


class BadRule(ValueError):
    """A rule file that cannot be meant so; the text is a sentence."""


@dataclass(frozen=True)
class Band:
    """Lessons up to ``to_minutes`` (``inclusive`` or not; None: any length) give ``centihours``."""

    to_minutes: float | None
    inclusive: bool
    centihours: int


@dataclass(frozen=True)
class Requirement:
    """At least ``centihours`` from ``sources`` within ``years`` years; ``note`` and ``note_en`` tell it in words."""

    name: str
    sources: tuple[str, ...]
    centihours: int
    years: int
    note: str
    note_en: str


@dataclass(frozen=True)
class HoursRule:
    """One rule file. ``required`` maps rank codes to requirements; ``default`` holds for every rank not named.

    ``also``: codes of further rules whose requirements hold besides; their bands and tests do not count.
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
    test_centihours: int
    required: Mapping[str, tuple[Requirement, ...]]

    def holds_on(self, day: date) -> bool:
        """True on the days for which the rule was made."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

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


def lesson_centihours(rule: HoursRule, length_ms: int) -> int:
    """The hours of a lesson of this length; the first band that holds it decides."""
    minutes = length_ms / 60_000
    for band in rule.bands:
        if band.to_minutes is None or minutes < band.to_minutes or (band.inclusive and minutes == band.to_minutes):
            return band.centihours
    return 0


def balances(requirements: Iterable[Requirement], earned: Mapping[str, int]) -> tuple[Balance, ...]:
    """Each requirement of one year against ``earned`` (centihours by source)."""
    found = []
    for requirement in requirements:
        have = sum(earned.get(source, 0) for source in requirement.sources)
        found.append(Balance(requirement, have, max(0, requirement.centihours - have)))
    return tuple(found)


def read_rule(data: Mapping[str, Any]) -> HoursRule:
    """The rule in a decoded TOML file. Raises BadRule with a sentence that names the field."""
    try:
        bands = tuple(
            Band(band.get("up_to_minutes", band.get("below_minutes")), "up_to_minutes" in band, _centi(band["hours"]))
            for band in data.get("lesson", {"bands": [{"hours": 0}]})["bands"]
        )
        required = {
            rank: tuple(_requirement(one) for one in group["requirements"])
            for group in data["required"]
            for rank in group["ranks"]
        }
        rule = HoursRule(
            code=data["code"], title=data["title"], title_en=data["title_en"], issuer=data["issuer"],
            source=data["source"], unchecked=data["unchecked"], valid_from=data["valid_from"],
            valid_to=data.get("valid_to"), also=tuple(data.get("also", ())), bands=bands, test_centihours=_centi(data.get("test", {"passed_hours": 0})["passed_hours"]),
            required=required,
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError) as error:
        raise BadRule(f"The rule lacks or misuses {error}.") from error
    _check(rule)
    return rule


def _requirement(one: Mapping[str, Any]) -> Requirement:
    return Requirement(
        one["name"], tuple(one["sources"]), _centi(one["hours"]), one.get("years", 1), one["note"], one["note_en"]
    )


def _check(rule: HoursRule) -> None:
    limits = [band.to_minutes for band in rule.bands]
    if not limits or limits[-1] is not None or None in limits[:-1]:
        raise BadRule(
            f"{rule.code}: the last band, and only the last, must be open: lengths would be left without hours."
        )
    if any(one >= other for one, other in zip(limits[:-2], limits[1:-1], strict=True)):
        raise BadRule(f"{rule.code}: the bands overlap or are not in order.")
    hours = [band.centihours for band in rule.bands]
    if hours != sorted(hours):
        raise BadRule(f"{rule.code}: a longer lesson would give fewer hours.")
    for wanted in rule.required.values():
        if any(set(one.sources) - set(SOURCES) or not one.sources for one in wanted):
            raise BadRule(
                f"{rule.code}: a requirement counts a source that does not exist; known: {', '.join(SOURCES)}."
            )


def _centi(hours: float) -> int:
    if isinstance(hours, bool) or not isinstance(hours, int | float) or hours < 0 or round(hours * 100) != hours * 100:
        raise BadRule(f"{hours!r} are not hours in steps of a hundredth.")
    return round(hours * 100)
