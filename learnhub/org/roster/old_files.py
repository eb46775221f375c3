"""Old .xls files (Excel 5 to 2003, WPS) and web pages under that name, read by a confined process, as sheets of rows.

What such a file does to its reader stays in that process, which has no network, sees no other file, and ends when it
takes too much time or memory.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from learnhub.kernel.errors import Invalid, TooLarge
from learnhub.kernel.runner import Bounds, ChildStopped, run
from learnhub.org.roster.cells import ERROR, FORMULA, Cell, Trouble, text_cell
from learnhub.org.roster.sheet_xml import LONGEST_TEXT, MOST_COLUMNS, Merged, MergedDown, RawRow, read_number
from learnhub.org.roster.workbook import MOST_MERGED, meaning_of_format

MOST_BYTES = 64 << 20
"""A full sheet of an .xls file has 65,536 rows: 12 to 20 MB."""
MOST_CELLS = 4_000_000
_MOST_TOLD = 256 << 20
_BOUNDS = Bounds(wall_s=300, stall_s=200, cpu_s=120, memory_bytes=1 << 30, file_bytes=1 << 16)
_READER = str(Path(__file__).with_name("old_reader.py"))
_TOO_LARGE = {"org.roster_too_many_cells", "org.roster_too_many_merged"}

XLS, HTML = "xls", "html"
_OLE = b"\xd0\xcf\x11\xe0"
_PAGE = re.compile(
    r"<(!doctype\s+html|!--|html|head|meta|title|link|style|body|div|center|p|table)\b|<!--", re.IGNORECASE
)
_XML_PAGE = re.compile(r"<\?xml.*?<(!doctype\s+)?(html|table)\b", re.IGNORECASE | re.DOTALL)
_UNREADABLE = ("%pdf", "mime-version:", "<?xml")


def kind_of(path: Path) -> str | None:
    """:data:`XLS`, :data:`HTML`, or None for another kind. Raises Invalid for PDF, web archives and XML of other kinds."""
    with path.open("rb") as source:
        start = source.read(4096)
    if start.startswith(_OLE):
        return XLS
    is_utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.decode("utf-16" if is_utf16 else "latin-1", "ignore").lstrip("\xef\xbb\xbf\ufeff \r\n\t")
    if _PAGE.match(text) or _XML_PAGE.match(text):
        return HTML
    if text.lower().startswith(_UNREADABLE):
        raise Invalid("org.roster_web_page")
    return None


@dataclass
class OldSheet:
    """A sheet, and where its rows lie in what the reader told; hidden columns count from 0."""

    name: str
    is_hidden: bool
    hidden_columns: set[int]
    merged: list[Merged]
    first: int = 0
    lines: int = 0


@dataclass
class OldBook:
    """The sheets of a file, and what its cells' styles mean."""

    told: IO[str]
    formats: list[tuple[bool, int]] = field(default_factory=list)
    from_1904: bool = False
    sheets: list[OldSheet] = field(default_factory=list)

    def rows(self, sheet: OldSheet) -> Iterator[RawRow]:
        """The rows of a sheet that have content; cells merged downward each have the text."""
        down = MergedDown(sheet.merged)
        self.told.seek(sheet.first)
        for line in islice(iter(self.told.readline, ""), sheet.lines):
            number, is_hidden, given = json.loads(line)
            cells = {column: cell for column, *told in given if (cell := self._cell(*told)) != ""}
            if cells:
                yield down.row(number, cells, is_hidden=is_hidden)

    def _cell(self, kind: str, value: str, style: int) -> Cell:
        if kind == "number":
            return read_number(value, style, self.formats, from_1904=self.from_1904)
        if kind in (FORMULA, ERROR):
            return Trouble(kind, value[:60])
        return text_cell(value[:LONGEST_TEXT])


@contextmanager
def open_old(path: Path, kind: str, *, encoding: str = "") -> Iterator[OldBook]:
    """The sheets of a file; ``kind`` is :data:`XLS` or :data:`HTML`. Raises Invalid or TooLarge."""
    if path.stat().st_size > MOST_BYTES:
        raise TooLarge("org.roster_old_too_large", limit=f"{MOST_BYTES >> 20} MB")
    options = {
        "cells": MOST_CELLS, "columns": MOST_COLUMNS, "merged": MOST_MERGED, "text": LONGEST_TEXT, "encoding": encoding
    }  # fmt: skip
    # A file without a name: what the reader tells holds what is not collected, and is gone with this process.
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=path.parent) as told:
        book = OldBook(told)
        taking = _Taking(book)
        try:
            ended = run(
                [sys.executable, "-I", _READER, kind, str(path.resolve()), json.dumps(options)],
                bounds=_BOUNDS, on_line=taking.take, long_lines=True,
            )  # fmt: skip
        except ChildStopped as stopped:
            raise Invalid("org.roster_too_hard") from stopped
        if ended.code:
            raise Invalid("org.roster_too_hard")
        yield book


class _Taking:
    """Takes the reader's lines in: sheets into the book, rows into its file."""

    def __init__(self, book: OldBook) -> None:
        self._book, self._size = book, 0

    def take(self, line: str) -> None:
        """One line. Raises what the reader refuses."""
        if line.startswith("["):
            self._size += len(line)
            if self._size > _MOST_TOLD:
                raise TooLarge("org.roster_too_many_cells", limit=MOST_CELLS)
            sheet = self._book.sheets[-1]
            if not sheet.lines:
                sheet.first = self._book.told.tell()
            sheet.lines += 1
            self._book.told.write(line + "\n")
            return
        told: dict[str, Any] = json.loads(line)
        if "refused" in told:
            kind = TooLarge if told["refused"] in _TOO_LARGE else Invalid
            raise kind(told["refused"], **told["params"])
        if "formats" in told:
            own = {number: code for number, code in told["formats"] if code}
            self._book.formats = [meaning_of_format(number, own) for number, _code in told["formats"]]
            self._book.from_1904 = told["from_1904"]
            return
        merged, hidden = [Merged(*one) for one in told["merged"]], {column - 1 for column in told["hidden_columns"]}
        if "sheet" in told:
            self._book.sheets.append(OldSheet(told["sheet"][:60], told["is_hidden"], hidden, merged))
        else:
            self._book.sheets[-1].merged += merged
            self._book.sheets[-1].hidden_columns |= hidden
