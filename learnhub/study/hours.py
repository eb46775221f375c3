"""The rules of hours: the files that LearnHub brings along, the versions kept in the database, and which holds where.

A rule that was ever used stays in ``rule_version`` as it was then, so that an upgrade changes no old year.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from learnhub.config import Settings
from learnhub.kernel.errors import NotFound
from learnhub.org.models import Person, Unit
from learnhub.org.rules import ids_on
from learnhub.study.models import LedgerEntry, RuleChoice, RuleVersion
from learnhub.study.rules.hours import (
    BadRule,
    Fault,
    HoursRule,
    Requirement,
    lesson_centihours,
    passed_test_centihours,
)
from learnhub.study.rules.rule_file import read_rule

FOLDER = Path(__file__).parent / "hours_rules"

_read = lru_cache(maxsize=500)(read_rule)


@cache
def shipped_texts() -> dict[str, str]:
    """The text of every rule that LearnHub brings along, by its code."""
    return {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.toml"))}


@cache
def all_rules() -> dict[str, HoursRule]:
    """Every rule that LearnHub brings along, by its code. Raises BadRule when a file is wrong."""
    found: dict[str, HoursRule] = {}
    for code, text in shipped_texts().items():
        rule = _read(text)
        if rule.code != code:
            raise BadRule(Fault(1, "study.rule_file_name", {"code": rule.code, "file": code}))
        found[code] = rule
    for rule in found.values():
        check_also(rule)
    return found


def check_also(rule: HoursRule) -> None:
    """Raises BadRule when the rule names another that does not exist."""
    if unknown := set(rule.also) - set(shipped_texts()):
        raise BadRule(Fault(1, "study.rule_also", {"unknown": ", ".join(sorted(unknown))}))


def rule_named(code: str) -> HoursRule:
    """The rule of that code as LearnHub brings it along. Raises BadRule with a sentence for an unknown one."""
    rules = all_rules()
    if code not in rules:
        raise BadRule(Fault(1, "study.rule_unknown", {"code": code, "known": ", ".join(rules)}))
    return rules[code]


def rule_stamped(stamp: str) -> HoursRule:
    """The rule that an entry names: ``code@digest``, or a code alone in entries older than versions."""
    code, at, digest = stamp.partition("@")
    if not at or (code in all_rules() and all_rules()[code].digest.startswith(digest)):
        return rule_named(code)
    version = RuleVersion.select().where((RuleVersion.code == code) & RuleVersion.digest.startswith(digest)).first()
    if version is None:
        raise NotFound("study.no_rule")
    return _read(version.text)


def read_text(text: str) -> HoursRule:
    """The rule in a text. Raises BadRule with every fault."""
    return _read(text)


def rule_of_version(version: RuleVersion) -> HoursRule:
    """The rule in a kept version."""
    return _read(version.text)


def keep_version(text: str, *, entered_by: int | None, now: datetime) -> RuleVersion:
    """The stored version of this text; stored now when it is new. Raises BadRule."""
    rule = _read(text)
    known = RuleVersion.get_or_none(RuleVersion.digest == rule.digest)
    if known is not None:
        return known
    made: RuleVersion = RuleVersion.create(
        code=rule.code, digest=rule.digest, text=text, entered_by=entered_by, entered_at=now
    )
    return made


def keep_stamped(stamp: str, now: datetime) -> None:
    """Keeps the text of a rule that an entry is about to name."""
    code, _at, digest = stamp.partition("@")
    if not RuleVersion.select().where((RuleVersion.code == code) & RuleVersion.digest.startswith(digest)).exists():
        keep_version(shipped_texts()[code], entered_by=None, now=now)


def rule_for(unit_path: str, year: int, settings: Settings) -> HoursRule:
    """The rule in force for a year in the unit at ``unit_path``: the nearest choice above it, else the setting's rule.

    One query.
    """
    choice = choice_for(unit_path, year)
    return _read(choice.version.text) if choice is not None else rule_named(settings.hours_rule)


def choice_for(unit_path: str, year: int) -> RuleChoice | None:
    """What was chosen for that year by the nearest unit upward, the latest choice of each unit; with ``.version``."""
    way = ids_on(unit_path)
    rows = (
        RuleChoice.select(RuleChoice, RuleVersion)
        .join(RuleVersion)
        .where((RuleChoice.year == year) & (RuleChoice.unit.is_null() | RuleChoice.unit.in_(way)))
    )
    depth = {unit_id: place for place, unit_id in enumerate(way, 1)}
    return max(rows, key=lambda one: (depth.get(one.unit_id, 0), one.id), default=None)


def rule_of_person(person_id: int, year: int, settings: Settings) -> HoursRule:
    """The rule in force for a person's unit and a year. Two queries."""
    return rule_for(path_of(person_id), year, settings)


def path_of(person_id: int) -> str:
    """The path of the unit to which a person belongs."""
    return str(Person.select(Unit.path).join(Unit, on=Person.unit).where(Person.id == person_id).scalar())


def standing_rule(person_id: int, year: int) -> HoursRule | None:
    """The rule by which a year that has entries is counted: the one chosen, else that of the last entry."""
    choice = choice_for(path_of(person_id), year)
    if choice is not None:
        return _read(choice.version.text)
    last = (
        LedgerEntry.select(LedgerEntry.rule)
        .where((LedgerEntry.person == person_id) & (LedgerEntry.year == year))
        .order_by(LedgerEntry.number.desc())
        .scalar()
    )
    return rule_stamped(last) if last else None


def requirements_of(rule: HoursRule, rank_code: str | None) -> tuple[Requirement, ...]:
    """What a year asks of a rank, by the rule itself and by those that hold besides."""
    wanted = rule.requirements_for(rank_code)
    for code in rule.also:
        wanted += rule_named(code).requirements_for(rank_code)
    return wanted


def lessons_centihours(rule: HoursRule, lessons: Iterable[tuple[str, int]], *, is_required: bool = True) -> int:
    """What lessons given as (kind, seconds) are worth together: the figure that a course shows."""
    return sum(
        passed_test_centihours(rule, is_required=is_required)
        if kind == "test"
        else lesson_centihours(rule, seconds * 1000, is_required=is_required)
        for kind, seconds in lessons
    )
