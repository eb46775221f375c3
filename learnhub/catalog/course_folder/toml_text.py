"""TOML with line numbers: which key stands where, and whether its value is of the right kind. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from learnhub.catalog.course_folder.shapes import Problem

_AT = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([\w-]+)\s*=")
_EXPECTS = {
    str: "catalog.expects_text",
    int: "catalog.expects_number",
    list: "catalog.expects_list",
    dict: "catalog.expects_table",
}


@dataclass(frozen=True)
class Key:
    """What a key may hold: its Python type, whether it must be there, the longest text or list, allowed words."""

    type: type = str
    is_required: bool = False
    longest: int = 300
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    least: int = 0
    most: int = 0


@dataclass
class Table:
    """One table of a TOML text with the file and the lines of its keys; ``line`` is that of its head."""

    file: str
    values: dict[str, Any]
    lines: dict[str, int]
    line: int = 1
    tables: dict[str, list[Table]] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """Where ``key`` stands; where the table begins when it is not there."""
        return self.lines.get(key, self.line)

    def problem(self, code: str, key: str = "", **params: Any) -> Problem:
        """A problem at ``key`` (or at the head of the table)."""
        return Problem(self.file, self.line_of(key), code, {"key": key, **params} if key else params)

    def text(self, key: str) -> str:
        """The text at ``key`` without outer white space; empty when missing or of another type."""
        value = self.values.get(key)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts at ``key``; empty when missing or of another type."""
        value = self.values.get(key)
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()

    def number(self, key: str, default: int) -> int:
        """The whole number at ``key``, or ``default``."""
        value = self.values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else default


def parse(file: str, text: str, *, first_line: int = 1) -> Table | Problem:
    """The table of a TOML text that begins on line ``first_line`` of its file, or the problem that stops it."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line = int(found[1]) if found and found[1] else max(1, text.rstrip("\n").count("\n") + 1)
        return Problem(file, line + first_line - 1, "catalog.toml_broken", {"why": _AT.sub("", str(error)).strip()})
    return _with_lines(file, values, text, first_line)


def _with_lines(file: str, values: dict[str, Any], text: str, first_line: int) -> Table:
    top = Table(file, values, {}, first_line)
    for name, value in values.items():
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            top.tables[name] = [Table(file, one, {}, first_line) for one in value]
        elif isinstance(value, dict):
            top.tables[name] = [Table(file, value, {}, first_line)]
    here, seen, quote = top, dict.fromkeys(top.tables, 0), ""
    for number, line in enumerate(text.split("\n"), first_line):
        if not quote:
            here = _note(top, here, seen, line, number)
        quote = _open_quote(quote, line)
    return top


def _note(top: Table, here: Table, seen: dict[str, int], line: str, number: int) -> Table:
    """Notes the key or the table head on a line and returns the table that the next lines belong to."""
    if header := _HEADER.match(line):
        name = header[2]
        top.lines.setdefault(name, number)
        known = top.tables.get(name, [])
        if seen.get(name, 0) < len(known):
            here = known[seen[name]]
            here.line = number
            seen[name] += 1
    elif key := _KEY.match(line):
        here.lines.setdefault(key[1], number)
        for table in top.tables.get(key[1], ()) if here is top else ():
            table.line = number
    return here


def _open_quote(quote: str, line: str) -> str:
    """Which kind of long text, if any, is open after this line."""
    for mark in re.findall(r'"""|\'\'\'', line):
        quote = "" if mark == quote else quote or mark
    return quote


def check(table: Table, keys: Mapping[str, Key]) -> list[Problem]:
    """What is wrong with the keys and the types of a table; whether the values make sense is for others to say."""
    problems = [
        table.problem("catalog.key_unknown", name, known=", ".join(keys)) for name in table.values if name not in keys
    ]
    for name, key in keys.items():
        if name not in table.values:
            if key.is_required:
                problems.append(table.problem("catalog.key_missing", name))
        elif found := _check_value(table, name, key):
            problems.append(found)
    return problems


def _check_value(table: Table, name: str, key: Key) -> Problem | None:
    value = table.values[name]
    if not isinstance(value, key.type) or (isinstance(value, bool) and key.type is int):
        return table.problem(_EXPECTS[key.type], name)
    if isinstance(value, list) and name not in table.tables and not all(isinstance(one, str) for one in value):
        return table.problem(_EXPECTS[list], name)
    if (
        key.is_required
        and not (value.strip() if isinstance(value, str) else value)
        and not isinstance(value, bool | int)
    ):
        return table.problem("catalog.value_empty", name)
    if isinstance(value, str | list | dict) and len(value) > key.longest:
        return table.problem("catalog.value_too_long", name, longest=key.longest)
    if isinstance(value, int) and key.most and not key.least <= value <= key.most:
        return table.problem("catalog.number_out_of_range", name, least=key.least, most=key.most)
    if isinstance(value, str) and key.allowed and value not in key.allowed:
        return table.problem("catalog.value_not_allowed", name, value=value[:80], allowed=", ".join(key.allowed))
    if isinstance(value, str) and key.pattern and value and not re.fullmatch(key.pattern, value):
        return table.problem("catalog.value_form", name, value=value[:80])
    return None
