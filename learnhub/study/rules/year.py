"""A year as the fold of what was given: caps, carry-over, and which of two ways of studying one lesson counts.

Every function here depends on the set of what happened, never on its order. Without a cap on lessons nothing that a
person does lessens any figure; with one, the total and the hours from required courses never fall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from learnhub.study.rules.hours import CARRIED, GROUP, LESSON_SOURCES, ONLINE, TEST, HoursRule, KindRule, Requirement

_PRECEDENCE = {GROUP: 0, TEST: 1, ONLINE: 2}


@dataclass(frozen=True)
class Given:
    """Hours that stand: of a lesson, a claim or a year before. ``course`` is what a cap per course goes by."""

    source: str
    is_required: bool
    centihours: int
    first_day: date
    last_day: date
    course: str = ""


@dataclass(frozen=True)
class Counted:
    """What one source gives to a year, in centihours: given, counted after caps, and of that from required courses."""

    given: int
    counted: int
    required: int


def is_better(source: str, centihours: int, than_source: str, than_centihours: int) -> bool:
    """True when a lesson studied once more, another way, is to count that way from now on.

    More hours win (they differ only where the lesson had another length meanwhile); of equal ones study on line wins
    over a group, as it serves more requirements.
    """
    mine = (centihours, _PRECEDENCE.get(source, 0))
    return mine > (than_centihours, _PRECEDENCE.get(than_source, 0))


def settle(events: Iterable[tuple[str, Given]]) -> dict[str, Given]:
    """What counts of each lesson (or claim) of a year: by key the best of the ways in which it was studied."""
    found: dict[str, Given] = {}
    for key, one in sorted(events, key=lambda event: (event[0], event[1].first_day)):
        held = found.get(key)
        if held is None or is_better(one.source, one.centihours, held.source, held.centihours):
            found[key] = one
    return found


def fold(rule: HoursRule, given: Iterable[Given]) -> dict[str, Counted]:
    """What each source gives to the year."""
    by_source: dict[str, list[Given]] = defaultdict(list)
    for one in given:
        by_source[one.source].append(one)
    lessons = {source: by_source.pop(source) for source in LESSON_SOURCES if source in by_source}
    counted = _lessons(rule.lessons, lessons)
    for source, ones in by_source.items():
        counted[source] = _kind(rule.kinds.get(source, KindRule()) if source != CARRIED else KindRule(), ones)
    return counted


def _kind(how: KindRule, ones: list[Given]) -> Counted:
    """One claimed kind: first the cells (days or courses), then the year; required hours fill a cap first."""
    cells: dict[object, list[int]] = defaultdict(lambda: [0, 0])
    for one in ones:
        for cell, centihours in _portions(how, one):
            cells[cell][0 if one.is_required else 1] += centihours
    cap = how.per_day if how.per_day is not None else how.per_course
    capped = [_fill(cap, cell) for cell in cells.values()]
    required, elective = _fill(how.per_year, [sum(part) for part in zip(*capped, strict=True)] if capped else [0, 0])
    return Counted(sum(one.centihours for one in ones), required + elective, required)


def _portions(how: KindRule, one: Given) -> list[tuple[object, int]]:
    """The cells that the hours fall into: its days, evenly, where days are capped, else its course."""
    if how.per_day is None:
        return [(one.course if how.per_course is not None else "", one.centihours)]
    days = (one.last_day - one.first_day).days + 1
    share, rest = divmod(one.centihours, days)
    return [(one.first_day + timedelta(days=day), share + (day < rest)) for day in range(days)]


def _fill(cap: int | None, parts: list[int]) -> list[int]:
    """The parts as far as the cap reaches, the first first."""
    if cap is None:
        return parts
    filled = []
    for part in parts:
        filled.append(min(part, cap))
        cap -= filled[-1]
    return filled


def _lessons(how: KindRule, by_source: Mapping[str, list[Given]]) -> dict[str, Counted]:
    """On line, tests and groups share their caps; required hours fill them first, then in the order of the sources."""
    places = [(source, is_required) for is_required in (True, False) for source in LESSON_SOURCES]
    courses: dict[str, list[int]] = defaultdict(lambda: [0] * len(places))
    for source, ones in by_source.items():
        for one in ones:
            courses[one.course if how.per_course is not None else ""][places.index((source, one.is_required))] += (
                one.centihours
            )
    capped = [_fill(how.per_course, course) for course in courses.values()]
    year = _fill(how.per_year, [sum(part) for part in zip(*capped, strict=True)]) if capped else [0] * len(places)
    counted = dict(zip(places, year, strict=True))
    return {
        source: Counted(
            sum(one.centihours for one in ones), counted[source, True] + counted[source, False], counted[source, True]
        )
        for source, ones in by_source.items()
    }


def surplus(rule: HoursRule, requirements: Iterable[Requirement], counted: Mapping[str, Counted]) -> int:
    """The centihours that go over into the next year: above the requirement that carries, of this year's own only."""
    if rule.carry is None:
        return 0
    asked = next((one for one in requirements if one.name == rule.carry.of), None)
    if asked is None:
        return 0
    have = sum(one.counted for source, one in counted.items() if source in asked.sources)
    carried = counted[CARRIED].counted if CARRIED in counted and CARRIED in asked.sources else 0
    over = max(0, min(have - asked.centihours, have - carried))
    return over if rule.carry.most is None else min(over, rule.carry.most)
