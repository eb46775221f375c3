"""Files of units and stations as offices have them: UTF-8 or GB18030, commas, semicolons or tabs, headings in Chinese.

Reading finds every problem and stops at none: a line that cannot be used becomes a :class:`Problem`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from learnhub.kernel.errors import Invalid, TooLarge
from learnhub.kernel.sheets import decode
from learnhub.kernel.text import clean, fold

LARGEST = 20 << 20
"""Bytes; the tree of a province has some 150,000 units and 8 MB."""

HEADINGS = {
    "code": ("code", "代码", "编码", "单位代码", "单位编码", "区划代码", "行政区划代码"),
    "parent_code": ("parent_code", "上级代码", "上级编码", "上级单位代码", "父级代码"),
    "level": ("level", "层级", "级别", "单位层级"),
    "name": ("name", "名称", "单位名称", "单位"),
    "station_no": ("station_no", "站点编号", "站点号", "编号"),
    "full_name": ("full_name", "全称", "站点名称", "站点全称"),
}
LONGEST = {"code": 40, "parent_code": 40, "level": 12, "name": 200, "station_no": 40, "full_name": 300}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line; ``code`` names the words in ``messages.py``."""

    line: int
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One line of the table; ``cells`` has every column asked for, empty where the file has none."""

    line: int
    cells: Mapping[str, str]


class ImportRefused(Invalid):
    """A file with problems: nothing of it was taken. ``problems`` has all of them by line."""

    def __init__(self, file_name: str, problems: Sequence[Problem]) -> None:
        super().__init__("org.import_refused", file=file_name, count=len(problems))
        self.file_name = file_name
        self.problems = sorted(problems, key=lambda problem: problem.line)


def read_table(raw: bytes, *, needed: Sequence[str], optional: Sequence[str] = ()) -> tuple[list[Row], list[Problem]]:
    """The lines of a file and what is wrong with them; the columns are found by their headings.

    Raises TooLarge above :data:`LARGEST`.
    """
    if len(raw) > LARGEST:
        raise TooLarge("org.import_too_large", limit=f"{LARGEST >> 20} MB")
    try:
        text = decode(raw)
    except Invalid as refusal:
        line = raw.count(b"\n", 0, refusal.params["position"]) + 1
        return [], [Problem(line, "org.line_not_text")]
    if not text.strip():
        return [], [Problem(1, "org.line_empty_file")]
    return _read_rows(text, needed, optional)


def _read_rows(text: str, needed: Sequence[str], optional: Sequence[str]) -> tuple[list[Row], list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows: list[Row] = []
    problems: list[Problem] = []
    places: dict[str, int] = {}
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not places:
                places = _places(cells)
                missing = [name for name in needed if name not in places]
                if missing:
                    return [], [Problem(reader.line_num, "org.line_no_column", {"column": name}) for name in missing]
                continue
            row = Row(reader.line_num, {name: _cell(cells, places.get(name)) for name in (*needed, *optional)})
            problems += _problems_of_cells(row)
            rows.append(row)
    except csv.Error as error:
        problems.append(Problem(reader.line_num, "org.line_broken", {"reason": str(error)}))
    return rows, problems


def _separator(text: str) -> str:
    """The most frequent of the usual separators in the line of headings."""
    heading = next(line for line in text.splitlines() if line.strip())
    return max(",;\t，；", key=heading.count)


def _places(headings: Sequence[str]) -> dict[str, int]:
    """Which column is which; of two with the same meaning the first counts."""
    folded = [fold(heading) for heading in headings]
    found = {}
    for name, synonyms in HEADINGS.items():
        at = next((folded.index(synonym) for synonym in synonyms if synonym in folded), None)
        if at is not None:
            found[name] = at
    return found


def _cell(cells: Sequence[str], at: int | None) -> str:
    return clean(cells[at]) if at is not None and at < len(cells) else ""


def _problems_of_cells(row: Row) -> list[Problem]:
    return [
        Problem(row.line, "org.line_too_long", {"column": name, "limit": LONGEST[name]})
        for name, text in row.cells.items()
        if len(text) > LONGEST[name]
    ]
