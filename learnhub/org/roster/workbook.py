"""Reads xlsx row by row, in bounded memory, with what openpyxl's streaming reader leaves out: hidden rows and sheets.

An xlsx file is a zip of XML that anybody can make: the number of entries, their sizes while they are unpacked, their
ratio and their places in the file are looked at, document types are refused (entities), rows are counted.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from learnhub.kernel.errors import Invalid, TooLarge
from learnhub.org.roster.cells import ERROR, FORMULA, Cell, Trouble, number_cell, serial_date, text_cell

MOST_ENTRIES = 2_000
MOST_BYTES = 192 << 20
"""Unpacked bytes of all parts together; 110,000 people in twelve columns have about 70 MB."""
MOST_RATIO, RATIO_FROM = 120, 4 << 20
"""Real sheets shrink to a tenth or a twentieth; what shrinks more than this is a trap (looked at above 4 MB)."""
MOST_COLUMNS = 200
_CHUNK = 1 << 16
_LONGEST_TEXT = 32_767
_BOOK = "xl/workbook.xml"
_DATE_IDS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_DATE_WORDS = re.compile(r"[yYdD]|m{3,}|年|月|日")


@dataclass(frozen=True)
class SheetPlace:
    """A sheet of the workbook and the part of the file that holds it."""

    name: str
    is_hidden: bool
    part: str


@dataclass(frozen=True)
class RawRow:
    """One row that has content; ``number`` is the one that the spreadsheet shows."""

    number: int
    cells: tuple[Cell, ...]
    is_hidden: bool = False


class Workbook:
    """``with Workbook(path) as book: for row in book.rows(book.sheets[0])``. Raises Invalid or TooLarge."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Invalid("org.roster_broken_zip") from error
        self._left = MOST_BYTES
        self._check_entries()
        self._from_1904 = False
        self.sheets = self._read_book()
        self._formats = self._read_styles()
        self._shared: list[str] | None = None

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    def _check_entries(self) -> None:
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise TooLarge("org.roster_too_many_parts", limit=MOST_ENTRIES)
        if len({entry.filename for entry in entries}) < len(entries):
            raise Invalid("org.roster_bomb")
        if sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise TooLarge("org.roster_unpacked_too_large", limit=f"{MOST_BYTES >> 20} MB")
        end = 0
        for entry in sorted(entries, key=lambda one: one.header_offset):
            if entry.flag_bits & 1:
                raise Invalid("org.roster_locked")
            if entry.header_offset < end:
                raise Invalid("org.roster_bomb")
            end = entry.header_offset + 30 + entry.compress_size
            if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
                raise Invalid("org.roster_bomb")
        if _BOOK not in self._zip.NameToInfo:
            raise Invalid("org.roster_no_workbook")

    def _chunks(self, part: str) -> Iterator[bytes]:
        """The unpacked bytes of a part; what the file says of its own size is not believed."""
        try:
            with self._zip.open(part) as source:
                while chunk := source.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise TooLarge("org.roster_unpacked_too_large", limit=f"{MOST_BYTES >> 20} MB")
                    yield chunk
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise Invalid("org.roster_broken_zip") from error

    def _parse(self, part: str, handlers: _Handlers) -> Iterator[None]:
        parser = handlers.connect()
        try:
            for chunk in self._chunks(part):
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
            yield
        except expat.ExpatError as error:
            raise Invalid("org.roster_broken_xml") from error

    def _tree(self, part: str) -> ElementTree.Element:
        raw = b"".join(self._chunks(part))
        if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
            raise Invalid("org.roster_bomb")
        try:
            return ElementTree.fromstring(raw)  # noqa: S314 (no document type, no entities: looked at above)
        except ElementTree.ParseError as error:
            raise Invalid("org.roster_broken_xml") from error

    def _read_book(self) -> list[SheetPlace]:
        targets = {}
        for link in self._tree("xl/_rels/workbook.xml.rels"):
            target = link.get("Target", "")
            targets[link.get("Id")] = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        sheets = []
        for element in self._tree(_BOOK).iter():
            kind = _local(element.tag)
            if kind == "workbookPr":
                self._from_1904 = element.get("date1904") in ("1", "true")
            elif kind == "sheet":
                link = next((value for name, value in element.items() if _local(name) == "id"), None)
                hidden = element.get("state", "visible") != "visible"
                sheets.append(SheetPlace(element.get("name", "")[:60], hidden, targets.get(link, "")))
        return [sheet for sheet in sheets if "/worksheets/" in f"/{sheet.part}"]

    def _read_styles(self) -> list[tuple[bool, int]]:
        """For each cell style: is it a date, and to how many digits it fills with zeros."""
        if "xl/styles.xml" not in self._zip.NameToInfo:
            return []
        root = self._tree("xl/styles.xml")
        codes = {
            int(one.get("numFmtId", 0)): one.get("formatCode", "") for one in root.iter() if _local(one.tag) == "numFmt"
        }
        styles = []
        for element in root.iter():
            if _local(element.tag) == "cellXfs":
                styles = [_meaning(int(one.get("numFmtId") or 0), codes) for one in element]
        return styles

    def rows(self, sheet: SheetPlace) -> Iterator[RawRow]:
        """The rows of a sheet that have content, from the top down."""
        if self._shared is None:
            self._shared = self._read_shared()
        handlers = _SheetHandlers(self._shared, self._formats, self._from_1904)
        for _ in self._parse(sheet.part, handlers):
            yield from handlers.take()

    def _read_shared(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._zip.NameToInfo:
            return []
        handlers = _SharedHandlers()
        for _ in self._parse("xl/sharedStrings.xml", handlers):
            pass
        return handlers.texts


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def _meaning(number: int, codes: dict[int, str]) -> tuple[bool, int]:
    code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", codes.get(number, "")) if number in codes else ""
    if number in codes:
        plain = codes[number].split(";")[0].strip('"')
        if re.fullmatch("0{2,15}", plain):
            return False, len(plain)
        return bool(_DATE_WORDS.search(code) or _DATE_WORDS.search(re.sub(r"\[[^\]]*\]", "", codes[number]))), 0
    return number in _DATE_IDS, 0


class _Handlers:
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


class _SharedHandlers(_Handlers):
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
            self.texts.append("".join(self._parts)[:_LONGEST_TEXT])

    def text(self, data: str) -> None:  # type: ignore[override]
        if self._in_text:
            self._parts.append(data)


class _SheetHandlers(_Handlers):
    """The rows of a sheet, handed over by :meth:`take` after each chunk of the file."""

    def __init__(self, shared: list[str], formats: list[tuple[bool, int]], from_1904: bool) -> None:
        self._shared, self._formats, self._from_1904 = shared, formats, from_1904
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
            self._column = _column_of(attributes.get("r", ""), self._column)
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

    def end(self, name: str) -> None:  # type: ignore[override]
        name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self._taking = False
        elif name == "c":
            cell = self._cell()
            if cell != "" and self._column <= MOST_COLUMNS:
                self._cells[self._column] = cell
        elif name == "row" and self._cells:
            width = max(self._cells)
            cells = tuple(self._cells.get(at, "") for at in range(1, width + 1))
            self._done.append(RawRow(self._number, cells, self._hidden))
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
            return text_cell(raw[:_LONGEST_TEXT])
        if self._kind == "e":
            return Trouble(ERROR, raw[:40])
        if self._kind == "d":
            return raw[:40]
        if self._kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        return self._number_cell(raw)

    def _number_cell(self, raw: str) -> Cell:
        is_date, width = self._formats[self._style] if self._style < len(self._formats) else (False, 0)
        cell = number_cell(raw, width=width)
        if is_date and isinstance(cell, str):
            return serial_date(float(raw), from_1904=self._from_1904) or cell
        return cell


def _whole(text: str, default: int = 0) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else default


def _column_of(reference: str, before: int) -> int:
    """``AB12`` → 28; without a reference the next column."""
    column = 0
    for character in reference:
        if not "A" <= character <= "Z":
            break
        column = column * 26 + ord(character) - 64
    return min(column, 20_000) or before + 1


def looks_zipped(source: IO[bytes]) -> bool:
    """True when a file begins as a zip does; the position is put back."""
    start = source.read(4)
    source.seek(0)
    return start.startswith(b"PK")
