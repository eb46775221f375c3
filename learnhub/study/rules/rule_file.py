"""Reading a rule file (TOML): the rule, or every fault in it with its line and its reason. Pure."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from learnhub.study.rules.hours import (
    CARRIED,
    CLAIMED,
    SOURCES,
    BadRule,
    Band,
    CarryOver,
    Fault,
    HoursRule,
    KindRule,
    Measure,
    Requirement,
)

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w-]+)\s*=")
_AT = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
LONGEST = 100_000
TEXTS = ("code", "title", "title_en", "issuer", "source", "unchecked")
TOP = (
    *TEXTS,
    "valid_from",
    "valid_to",
    "also",
    "lesson",
    "test",
    "weights",
    "lessons",
    "kinds",
    "required",
    "carry_over",
)
CAPS = ("cap_per_day", "cap_per_course", "cap_per_year")
ROUNDINGS = ("down", "nearest", "up")


def read_rule(text: str) -> HoursRule:
    """The rule in a file's text. Raises BadRule with every fault that was found."""
    if len(text) > LONGEST:
        raise BadRule(Fault(1, "study.rule_too_long", {"most": LONGEST}))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        raise BadRule(Fault(line, "study.rule_toml", {"why": _AT.sub("", str(error)).strip()})) from error
    reader = _Reader(text)
    rule = reader.rule(data)
    if reader.faults or rule is None:
        raise BadRule(*sorted(reader.faults, key=lambda fault: fault.line))
    return rule


def lines_of(text: str) -> dict[Path, int]:
    """Where each table and key stands: ``("required", 0, "requirements", 1, "hours")`` → line, counted from 1."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    quoted = False
    for number, line in enumerate(text.split("\n"), 1):
        if not quoted:
            if header := _HEADER.match(line):
                here = _table(header[2].split("."), header[1] == "[[", counts)
                found.setdefault(here, number)
            elif key := _KEY.match(line):
                found.setdefault((*here, key[1]), number)
        quoted ^= line.count('"""') % 2 == 1
    return found


def _table(names: list[str], is_list: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for place, name in enumerate(names):
        path = (*path, name)
        if place == len(names) - 1 and is_list:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


class _Reader:
    """Collects the faults of one file while it reads."""

    def __init__(self, text: str) -> None:
        self.lines = lines_of(text)
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        self.faults: list[Fault] = []
        self.asked: list[tuple[Path, Requirement]] = []

    def fault(self, path: Path, code: str, **params: object) -> None:
        """Notes a fault at a key, or where the nearest table around it begins."""
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        self.faults.append(Fault(self.lines.get(at, 1), f"study.rule_{code}", {"key": str(path[-1]), **params}))

    def rule(self, data: Mapping[str, Any]) -> HoursRule | None:
        """The rule; None or incomplete when faults were noted."""
        self.known((), data, TOP)
        texts = {name: self.text((name,), data) for name in TEXTS}
        if not re.fullmatch(r"[a-z0-9-]{1,40}", texts["code"]):
            self.fault(("code",), "code")
        lesson = self.table(("lesson",), data)
        self.known(("lesson",), lesson, ("share", "bands", "minutes_per_hour", "step_hours", "rounding"))
        measure = self.measure(lesson) if "minutes_per_hour" in lesson else None
        weights = self.table(("weights",), data)
        self.known(("weights",), weights, ("required", "elective"))
        kinds = self.kinds(data)
        lessons = self.kind(("lessons",), self.table(("lessons",), data), CAPS)
        if lessons.per_day is not None:
            self.fault(("lessons", "cap_per_day"), "day_cap_on_lessons")
        required = self.required(data)
        rule = HoursRule(
            **texts, valid_from=self.day(("valid_from",), data) or date.min, valid_to=self.day(("valid_to",), data),
            also=tuple(str(one) for one in self.list(("also",), data)), bands=() if measure else self.bands(lesson),
            measure=measure, share=self.number(("lesson", "share"), lesson, 0, 1, default=0.0),
            test_centihours=self.centi(("test", "passed_hours"), self.table(("test",), data), default=0),
            weights=tuple(round(100 * self.number(("weights", name), weights, 0, 10, default=1.0))
                          for name in ("required", "elective")),
            lessons=lessons, kinds=kinds, required=required, carry=self.carry(data, required), digest=self.digest,
        )  # fmt: skip
        if rule.valid_to is not None and rule.valid_to < rule.valid_from:
            self.fault(("valid_to",), "dates")
        self.reachable(rule)
        return rule

    # what stands at a place, or a fault and something of the right type

    def known(self, path: Path, table: Mapping[str, Any], names: tuple[str, ...]) -> None:
        """A fault for every key that means nothing: most often a misspelt one."""
        for name in table:
            if name not in names:
                self.fault((*path, name), "key_unknown", known=", ".join(names))

    def text(self, path: Path, table: Mapping[str, Any]) -> str:
        """A text that must be there."""
        value = table.get(str(path[-1]))
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.fault(path, "key_missing")
        return ""

    def day(self, path: Path, table: Mapping[str, Any]) -> date | None:
        """A day; only ``valid_to`` may be left out."""
        value = table.get(str(path[-1]))
        if type(value) is date:
            return value
        if value is not None or path[-1] == "valid_from":
            self.fault(path, "day")
        return None

    def table(self, path: Path, table: Mapping[str, Any]) -> Mapping[str, Any]:
        """A table; an empty one when it is left out."""
        value = table.get(str(path[-1]), {})
        if isinstance(value, dict):
            return value
        self.fault(path, "table")
        return {}

    def list(self, path: Path, table: Mapping[str, Any]) -> list[Any]:
        """A list; an empty one when it is left out."""
        value = table.get(str(path[-1]), [])
        if isinstance(value, list):
            return value
        self.fault(path, "list")
        return []

    def number(self, path: Path, table: Mapping[str, Any], least: float, most: float, default: float | None) -> float:
        """A number between two others."""
        value = table.get(str(path[-1]), default)
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.fault(path, "number", least=least, most=most)
        return least

    def centi(self, path: Path, table: Mapping[str, Any], default: int | None = None) -> int:
        """Hours in steps of a hundredth, as centihours."""
        value = table.get(str(path[-1]))
        if value is None and default is not None:
            return default
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100_000
        if is_number and abs(round(value * 100) - value * 100) < 1e-6:
            return round(value * 100)
        self.fault(path, "hours")
        return 0

    # the parts of a rule

    def measure(self, lesson: Mapping[str, Any]) -> Measure:
        """Lessons by their minutes."""
        if "bands" in lesson:
            self.fault(("lesson", "bands"), "bands_and_measure")
        step = self.centi(("lesson", "step_hours"), lesson, default=1)
        if step == 0:
            self.fault(("lesson", "step_hours"), "hours")
        rounding = lesson.get("rounding", "down")
        if rounding not in ROUNDINGS:
            self.fault(("lesson", "rounding"), "word", known=", ".join(ROUNDINGS))
        return Measure(self.number(("lesson", "minutes_per_hour"), lesson, 1, 600, None), step or 1, str(rounding))

    def bands(self, lesson: Mapping[str, Any]) -> tuple[Band, ...]:
        """Lessons by bands of length: from 0 upward without a gap or an overlap, never fewer hours for a longer one."""
        found: list[Band] = []
        for place, one in enumerate(self.list(("lesson", "bands"), lesson)):
            path: Path = ("lesson", "bands", place)
            self.known(path, one, ("from_minutes", "above_minutes", "up_to_minutes", "below_minutes", "hours"))
            if "up_to_minutes" in one and "below_minutes" in one:
                self.fault(path, "band_two_ends")
            inclusive = "up_to_minutes" in one
            end = one.get("up_to_minutes", one.get("below_minutes"))
            band = Band(end, inclusive, self.centi((*path, "hours"), one))
            self.follows(path, one, band, found)
            found.append(band)
        if lesson and found and found[-1].to_minutes is not None:
            self.fault(("lesson", "bands", len(found) - 1), "band_open_end", minutes=found[-1].to_minutes)
        if lesson and not found:
            self.fault(("lesson",), "bands_missing")
        return tuple(found)

    def follows(self, path: Path, one: Mapping[str, Any], band: Band, before: list[Band]) -> None:
        """Faults of a band against the ones before it."""
        last = before[-1] if before else Band(0, False, 0)
        if last.to_minutes is None:
            self.fault(path, "band_overlap", minutes="∞")
            return
        begins = one.get("from_minutes", one.get("above_minutes", last.to_minutes))
        starts_above = "above_minutes" in one if {"from_minutes", "above_minutes"} & set(one) else last.inclusive
        if begins > last.to_minutes or (begins == last.to_minutes and starts_above and not last.inclusive and before):
            self.fault(path, "band_gap", minutes=last.to_minutes)
        if begins < last.to_minutes or (begins == last.to_minutes and last.inclusive and not starts_above):
            self.fault(path, "band_overlap", minutes=last.to_minutes)
        if band.to_minutes is not None and band.to_minutes <= last.to_minutes:
            self.fault(path, "band_overlap", minutes=band.to_minutes)
        if band.centihours < last.centihours:
            self.fault((*path, "hours"), "band_falls")

    def kinds(self, data: Mapping[str, Any]) -> dict[str, KindRule]:
        """What else is recognised."""
        tables = self.table(("kinds",), data)
        self.known(("kinds",), tables, CLAIMED)
        return {
            name: self.kind(("kinds", name), self.table(("kinds", name), tables), ("multiplier", *CAPS))
            for name in tables
            if name in CLAIMED
        }

    def kind(self, path: Path, table: Mapping[str, Any], names: tuple[str, ...]) -> KindRule:
        """A multiple and caps; a day's and a course's cap cannot both be kept without one undoing the other."""
        self.known(path, table, names)
        if "cap_per_day" in table and "cap_per_course" in table:
            self.fault((*path, "cap_per_course"), "two_caps")
        caps = [self.centi((*path, name), table) if name in table else None for name in CAPS]
        for name, cap in zip(CAPS, caps, strict=True):
            if cap == 0:
                self.fault((*path, name), "cap_zero")
        return KindRule(round(100 * self.number((*path, "multiplier"), table, 0.01, 100, default=1)), *caps)

    def required(self, data: Mapping[str, Any]) -> dict[str, tuple[Requirement, ...]]:
        """What is asked of whom: each rank once, ``default`` for the rest."""
        found: dict[str, tuple[Requirement, ...]] = {}
        for place, group in enumerate(self.list(("required",), data)):
            path: Path = ("required", place)
            self.known(path, group, ("ranks", "requirements"))
            if "requirements" not in group:
                self.fault((*path, "requirements"), "key_missing")
            asked = tuple(
                self.requirement((*path, "requirements", number), one)
                for number, one in enumerate(self.list((*path, "requirements"), group))
            )
            if len({one.name for one in asked}) < len(asked):
                self.fault(path, "requirement_twice")
            for rank in self.list((*path, "ranks"), group):
                if rank in found:
                    self.fault((*path, "ranks"), "rank_twice", rank=rank)
                found[rank] = asked
        if "default" not in found:
            self.fault(("required", 0), "rank_gap")
        return found

    def requirement(self, path: Path, one: Mapping[str, Any]) -> Requirement:
        """One requirement."""
        self.known(path, one, ("name", "sources", "hours", "years", "note", "note_en", "only_required"))
        sources = tuple(str(source) for source in self.list((*path, "sources"), one))
        if not sources or set(sources) - set(SOURCES):
            self.fault((*path, "sources"), "sources", known=", ".join(SOURCES))
        asked = Requirement(
            self.text((*path, "name"), one), sources, self.centi((*path, "hours"), one),
            int(self.number((*path, "years"), one, 1, 20, default=1)), self.text((*path, "note"), one),
            self.text((*path, "note_en"), one), one.get("only_required", False) is True,
        )  # fmt: skip
        self.asked.append(((*path, "hours"), asked))
        return asked

    def carry(self, data: Mapping[str, Any], required: Mapping[str, tuple[Requirement, ...]]) -> CarryOver | None:
        """What goes over into the next year."""
        table = self.table(("carry_over",), data)
        if not table:
            return None
        self.known(("carry_over",), table, ("of", "cap_hours"))
        of = self.text(("carry_over", "of"), table)
        if of and not any(one.name == of for asked in required.values() for one in asked):
            self.fault(("carry_over", "of"), "carry_of")
        return CarryOver(of, self.centi(("carry_over", "cap_hours"), table) if "cap_hours" in table else None)

    def reachable(self, rule: HoursRule) -> None:
        """A requirement that the caps of its own sources do not let anybody reach."""
        for path, one in self.asked:
            most = _most(rule, one)
            if most is not None and most < one.centihours:
                self.fault(path, "cap_below", name=one.name, most=most / 100, asked=one.centihours / 100)


def _most(rule: HoursRule, one: Requirement) -> int | None:
    """The most that somebody can have for a requirement, by its own caps; None: no end."""
    pools: list[int | None] = []
    if set(one.sources) - set(CLAIMED) - {CARRIED}:
        pools.append(rule.lessons.per_year)
    for source in one.sources:
        if source in CLAIMED and source in rule.kinds:
            how = rule.kinds[source]
            daily = None if how.per_day is None else how.per_day * 366
            caps = [cap for cap in (how.per_year, daily) if cap is not None]
            pools.append(min(caps) if caps else None)
        elif source == CARRIED and rule.carry is not None:
            pools.append(rule.carry.most)
    known = [pool for pool in pools if pool is not None]
    return sum(known) * one.years if len(known) == len(pools) else None
