"""The XML of an xlsx file's sheets and shared texts, element by element, as rows of cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.parsers import expat

from learnhub.kernel.errors import Invalid
from learnhub.org.roster.cells import ERROR, FORMULA, Cell, Trouble, number_cell, serial_date, text_cell

MOST_COLUMNS = 200
LONGEST_TEXT = 32_767


@dataclass(frozen=True)
class RawRow:
    """One row that has content; ``number`` is the one that the spreadsheet shows."""

    number: int
    cells: tuple[Cell, ...]
    is_hidden: bool = False


class Merged(NamedTuple):
    """Merged cells: the rows from ``top`` to ``bottom`` and the leftmost column, from 1."""

    top: int
    bottom: int
    column: int


class MergedDown:
    """Gives rows, from the top down, the texts of merged cells that began above them."""

    def __init__(self, merged: list[Merged]) -> None:
        self._waiting = sorted(merged, reverse=True)
        self._open: dict[int, tuple[int, Cell]] = {}  # column → last row and text of the merged cells above it

    def row(self, number: int, cells: dict[int, Cell], *, is_hidden: bool) -> RawRow:
        """The row that has these cells: column from 1 → cell. (One without any of its own is no row.)"""
        while self._waiting and self._waiting[-1].top <= number:
            top, bottom, column = self._waiting.pop()
            if top == number and column in cells:
                self._open[column] = bottom, cells[column]
        for column, (last, cell) in list(self._open.items()):
            if last < number:
                del self._open[column]
            else:
                cells.setdefault(column, cell)
        return RawRow(number, tuple(cells.get(at, "") for at in range(1, max(cells) + 1)), is_hidden)


class Handlers:
    """What expat calls; prefixes of names are cut off."""

    def connect(self) -> Any:
        """A parser that calls this object."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self._refuse
        return parser

    def _refuse(self, *_details: object) -> None:
        raise Invalid("org.roster_bomb")

    start: Callable[[str, dict[str, str]], None]
    end: Callable[[str], None]
    text: Callable[[str], None]


class SharedHandlers(Handlers):
    """The shared texts; readings above the characters (``rPh``) are no part of them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._in_text = False
        self._reading = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:  # type: ignore[override]
        name = name.rpartition(":")[2]
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._reading += 1
        elif name == "t":
            self._in_text = not self._reading

    def end(self, name: str) -> None:  # type: ignore[override]
        name = name.rpartition(":")[2]
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._reading -= 1
        elif name == "si":
            self.texts.append("".join(self._parts)[:LONGEST_TEXT])

    def text(self, data: str) -> None:  # type: ignore[override]
        if self._in_text:
            self._parts.append(data)


class SheetHandlers(Handlers):
    """The rows of a sheet, handed over by :meth:`take` after each chunk of the file."""

    def __init__(
        self, shared: list[str], formats: list[tuple[bool, int]], from_1904: bool, merged: list[Merged]
    ) -> None:
        self._shared, self._formats, self._from_1904 = shared, formats, from_1904
        self.hidden: set[int] = set()
        self._merged = MergedDown(merged)
        self._done: list[RawRow] = []
        self._number, self._hidden = 0, False
        self._cells: dict[int, Cell] = {}
        self._column, self._kind, self._style = 0, "n", 0
        self._formula = self._taking = False
        self._parts: list[str] = []

    def take(self) -> list[RawRow]:
        """The rows that are complete since the last call."""
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:  # type: ignore[override]
        name = name.rpartition(":")[2]
        if name == "c":
            self._column = column_of(attributes.get("r", ""), self._column)
            self._kind = attributes.get("t", "n")
            self._style = _whole(attributes.get("s", "0"))
            self._formula = False
            self._parts = []
        elif name in ("v", "t"):
            self._taking = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._number = _whole(attributes.get("r", "")) or self._number + 1
            self._hidden = attributes.get("hidden") in ("1", "true")
            self._cells, self._column = {}, 0
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first = _whole(attributes.get("min", "")) or 1
            last = min(_whole(attributes.get("max", "")) or first, MOST_COLUMNS)
            self.hidden.update(range(first - 1, last))

    def end(self, name: str) -> None:  # type: ignore[override]
        name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self._taking = False
        elif name == "c":
            cell = self._cell()
            if cell != "" and self._column <= MOST_COLUMNS:
                self._cells[self._column] = cell
        elif name == "row" and self._cells:
            self._done.append(self._merged.row(self._number, self._cells, is_hidden=self._hidden))
            self._cells = {}

    def text(self, data: str) -> None:  # type: ignore[override]
        if self._taking:
            self._parts.append(data)

    def _cell(self) -> Cell:
        raw = "".join(self._parts)
        if self._formula:
            return Trouble(FORMULA, raw[:60])
        if not raw:
            return ""
        if self._kind == "s":
            at = _whole(raw, default=-1)
            return text_cell(self._shared[at]) if 0 <= at < len(self._shared) else Trouble(ERROR, raw[:40])
        if self._kind in ("str", "inlineStr"):
            return text_cell(raw[:LONGEST_TEXT])
        if self._kind == "e":
            return Trouble(ERROR, raw[:40])
        if self._kind == "d":
            return raw[:40]
        if self._kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        return read_number(raw, self._style, self._formats, from_1904=self._from_1904)


def read_number(raw: str, style: int, formats: list[tuple[bool, int]], *, from_1904: bool) -> Cell:
    """A cell that is a number in the file, by what its style means: a day, or digits filled with zeros."""
    is_date, width = formats[style] if style < len(formats) else (False, 0)
    cell = number_cell(raw, width=width)
    if is_date and isinstance(cell, str):
        return serial_date(float(raw), from_1904=from_1904) or cell
    return cell


def _whole(text: str, default: int = 0) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else default


def column_of(reference: str, before: int) -> int:
    """``AB12`` → 28; without a reference the next column."""
    column = 0
    for character in reference:
        if not "A" <= character <= "Z":
            break
        column = column * 26 + ord(character) - 64
    return min(column, 20_000) or before + 1
