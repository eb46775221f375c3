"""Tables that people open in Excel or WPS: CSV (UTF-8 with BOM) and xlsx, streamed, safe against formulas.

A text that a spreadsheet would run as a formula (it begins with = + - @, their full-width forms, a tab or a new line)
is written with an apostrophe in front in CSV; in xlsx every text is stored as text, never as a formula or a link.
"""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from rustpy_xlsxwriter import FastExcel

from learnhub.kernel import clock, files
from learnhub.kernel.errors import Invalid

BOM = "\ufeff"
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_XLSX_LONGEST = 32_767  # UTF-16 units in one cell
_FLUSH_BYTES = 32_768
_SURELY_UTF8 = 6  # so many characters in a row that are sound UTF-8 are no accident of another encoding


def csv_chunks(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV file piece by piece: UTF-8 with BOM, CRLF, one row a record."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(BOM)
    writer.writerow([csv_cell(heading) for heading in headings])
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
        if out.tell() > _FLUSH_BYTES:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def csv_cell(value: Any) -> Any:
    """One value as it goes into a CSV file."""
    if isinstance(value, str):  # the commonest first: this runs a million times in a large export
        return "'" + value if value.startswith(_RISKY) else value
    if isinstance(value, datetime):
        return clock.local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def xlsx_chunks(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str = "Sheet1") -> Iterator[bytes]:
    """An xlsx file piece by piece; memory does not grow with the rows (they pass through a temporary file).

    A text longer than a cell holds is cut. Raises ValueError for a heading that stands there twice.
    """
    if len(set(headings)) < len(headings):
        raise ValueError(f"a heading stands there twice: {headings}")
    with tempfile.TemporaryDirectory(prefix="learnhub-sheet-") as folder:
        path = Path(folder) / "sheet.xlsx"
        records = (dict(zip(headings, map(_xlsx_cell, row), strict=True)) for row in rows)
        first = next(records, None)
        if first is None:
            _write_headings(path, headings, sheet)
        else:
            FastExcel(str(path)).format(bold_headers=True).freeze(row=1).sheet(sheet, chain([first], records)).save()
        yield from files.read_chunks(path)


def _write_headings(path: Path, headings: Sequence[str], sheet: str) -> None:
    """A sheet without rows; the fast writer takes its headings from the first row and would write none."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    cells = [WriteOnlyCell(page, heading) for heading in headings]
    for cell in cells:
        cell.data_type = "s"
    page.append(cells)
    book.save(path)


def _xlsx_cell(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _XLSX_LONGEST // 2 else _cut(value)
    if isinstance(value, datetime):
        return clock.local(value).replace(tzinfo=None)
    return "" if value is None else value


def _cut(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _XLSX_LONGEST:
        return text
    return units[: 2 * (_XLSX_LONGEST - 1)].decode("utf-16-le", "ignore") + "…"


def decode(raw: bytes) -> str:
    """The text of an office file: UTF-8 (with or without BOM), UTF-16 with BOM, else GB18030.

    Raises Invalid ``kernel.encoding`` with the position of the first unreadable byte when it is none of these. Damaged
    UTF-8 is refused too, although GB18030 would read many such bytes as wrong characters; so is a NUL, which no text
    holds and PostgreSQL stores nowhere.
    """
    text = _text_of(raw)
    if (at := text.find("\0")) >= 0:
        raise Invalid("kernel.encoding", position=len(text[:at].encode()))
    return text


def _text_of(raw: bytes) -> str:
    if raw.startswith(codecs.BOM_UTF8):
        return _decode(raw, "utf-8-sig", before=len(codecs.BOM_UTF8))
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode(raw, "utf-16")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        sound = raw[: error.start].decode()
        if sum(not character.isascii() for character in sound) >= _SURELY_UTF8:
            raise Invalid("kernel.encoding", position=error.start) from error
        return _decode(raw, "gb18030", at_least=error.start)


def _decode(raw: bytes, encoding: str, *, at_least: int = 0, before: int = 0) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid("kernel.encoding", position=max(error.start + before, at_least)) from error


def read_csv(raw: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The records of a CSV file with their line numbers; cells are stripped, missing ones empty.

    Raises Invalid ``kernel.encoding``, or ``kernel.csv`` with the line when a cell is beyond all reason (more than
    131,072 characters: most often a quotation mark that is never closed).
    """
    reader = csv.DictReader(io.StringIO(decode(raw), newline=""), restval="")
    try:
        reader.fieldnames = [(name or "").strip() for name in reader.fieldnames or []]
        for record in reader:
            yield reader.line_num, {name: (value or "").strip() for name, value in record.items() if name is not None}
    except csv.Error as error:
        raise Invalid("kernel.csv", line=reader.line_num + 1) from error
