"""What may be imported: decisions on plain values, each giving every problem at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from learnhub.org.import_files import Problem, Row
from learnhub.org.rules import AnyLevel, Level, NewUnit, PartyLevel, level_of_depth, may_be_child

_CODE = re.compile(r"[0-9A-Za-z_\-]{1,40}")
_LEVEL_WORDS: dict[AnyLevel, tuple[str, ...]] = {
    Level.CITY: ("city", "市", "州", "地级市"),
    Level.COUNTY: ("county", "县", "区", "县区", "县（区）", "县(区)", "县级"),
    Level.TOWNSHIP: ("township", "乡镇", "街道", "乡镇街道", "乡镇（街道）", "乡镇(街道)", "乡级"),
    Level.VILLAGE: ("village", "村", "社区", "村社区", "村（社区）", "村(社区)", "村级"),
    Level.GROUP: ("group", "组", "小组", "村民小组", "居民小组"),
    PartyLevel.COMMITTEE: ("committee", "党委", "党工委", "基层党委"),
    PartyLevel.GENERAL: ("general", "党总支", "总支", "总支部"),
    PartyLevel.BRANCH: ("branch", "党支部", "支部"),
}


@dataclass(frozen=True)
class UnitLine:
    """A line that asks for a unit."""

    line: int
    code: str
    parent_code: str
    level: AnyLevel
    name: str

    @property
    def new(self) -> NewUnit:
        """The unit that it asks for."""
        return NewUnit(self.code, self.parent_code, self.level, self.name)


@dataclass(frozen=True)
class Known:
    """A unit that stands in the system, as far as an import compares it."""

    parent_code: str
    level: AnyLevel
    name: str
    is_retired: bool = False
    is_mine: bool = True


def read_level(text: str) -> AnyLevel | None:
    """The level meant by ``3``, ``township``, ``乡镇`` or ``党支部``; None when it is none."""
    if text.isdecimal() and 1 <= int(text) <= len(Level):
        return level_of_depth(int(text))
    return next((level for level, words in _LEVEL_WORDS.items() if text.lower() in words), None)


def unit_lines(rows: Iterable[Row]) -> tuple[list[UnitLine], list[Problem]]:
    """The units that the rows ask for; rows that ask for none are told as problems."""
    lines, problems = [], []
    for row in rows:
        wrong = _wrong_cells(row)
        level = read_level(row.cells["level"])
        if level is None and row.cells["level"]:
            wrong.append(("org.line_level_unknown", {"text": row.cells["level"]}))
        problems += [Problem(row.line, code, params) for code, params in wrong]
        if not wrong and level is not None:
            cells = row.cells
            lines.append(UnitLine(row.line, cells["code"], cells["parent_code"], level, cells["name"]))
    return lines, problems


def _wrong_cells(row: Row) -> list[tuple[str, dict[str, Any]]]:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("org.line_empty_cell", {"column": name}) for name in ("code", "level", "name") if not row.cells[name]
    ]
    wrong += [
        ("org.line_code_bad", {"text": row.cells[name]})
        for name in ("code", "parent_code")
        if row.cells[name] and not _CODE.fullmatch(row.cells[name])
    ]
    return wrong


def check_units(lines: Sequence[UnitLine], known: Mapping[str, Known], *, may_add_root: bool) -> list[Problem]:
    """Every reason against taking these lines into a tree where ``known`` stands: code → unit."""
    by_code: dict[str, UnitLine] = {}
    problems = []
    for line in lines:
        first = by_code.setdefault(line.code, line)
        if first is not line:
            problems.append(Problem(line.line, "org.line_duplicate", {"text": line.code, "first": first.line}))
        elif line.code in known:
            problems += _against_changing(line, known[line.code], known)
        else:
            problems += _against_adding(line, known, may_add_root)
    for line in by_code.values():
        problems += _against_parent(line, by_code, known)
    return problems + _loops(by_code)


def _against_changing(line: UnitLine, old: Known, known: Mapping[str, Known]) -> list[Problem]:
    if old.is_retired:
        return [Problem(line.line, "org.line_retired")]
    if line.level is not old.level:
        return [Problem(line.line, "org.line_level_changed", {"level": old.level.value})]
    if line.parent_code != old.parent_code:
        return [Problem(line.line, "org.line_moved", {"parent": old.parent_code})]
    if line.name != old.name and not old.is_mine:
        return [Problem(line.line, "org.line_outside")]
    return []


def _against_adding(line: UnitLine, known: Mapping[str, Known], may_add_root: bool) -> list[Problem]:
    parent = known.get(line.parent_code)
    outside = not parent.is_mine if parent else not line.parent_code and not may_add_root
    return [Problem(line.line, "org.line_outside")] if outside else []


def _against_parent(line: UnitLine, by_code: Mapping[str, UnitLine], known: Mapping[str, Known]) -> list[Problem]:
    if not line.parent_code:
        if may_be_child(line.level, None):
            return []
        return [Problem(line.line, "org.line_root_level", {"level": line.level.value})]
    parent = by_code.get(line.parent_code) or known.get(line.parent_code)
    if parent is None:
        return [Problem(line.line, "org.line_parent_unknown", {"parent": line.parent_code})]
    if isinstance(parent, Known) and parent.is_retired and line.code not in known:
        return [Problem(line.line, "org.line_parent_unknown", {"parent": line.parent_code})]
    if not may_be_child(line.level, parent.level):
        params = {"level": line.level.value, "parent_level": parent.level.value}
        return [Problem(line.line, "org.line_level_wrong", params)]
    return []


def _loops(by_code: Mapping[str, UnitLine]) -> list[Problem]:
    """Each line that is its own ancestor, with the way round."""
    problems = []
    clear: set[str] = set()
    for code, line in by_code.items():
        way = [code]
        seen = {code}
        above = line.parent_code
        while above in by_code and above not in seen and above not in clear:
            way.append(above)
            seen.add(above)
            above = by_code[above].parent_code
        if above == code:
            problems.append(Problem(line.line, "org.line_loop", {"loop": " → ".join((*way, code))}))
        elif above not in by_code or above in clear:
            clear |= seen
    return problems
