"""Tables that people open in Excel or WPS: CSV (UTF-8 with BOM) and xlsx, streamed, safe against formulas.

A text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage return) is written with
an apostrophe in front in CSV; in xlsx every text is stored as text, never as a formula or a link.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from rustpy_xlsxwriter import FastExcel

from learnhub.kernel import clock, files
from learnhub.kernel.errors import Invalid

BOM = "\ufeff"
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_FLUSH_BYTES = 32_768
_SURELY_UTF8 = 6  # so many characters in a row that are sound UTF-8 are no accident of another encoding


def csv_chunks(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV file piece by piece: UTF-8 with BOM, CRLF, one row a record."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(BOM)
    writer.writerow(headings)
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
    """An xlsx file piece by piece; memory does not grow with the rows (they pass through a temporary file)."""
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
    book.create_sheet(sheet).append(list(headings))
    book.save(path)


def _xlsx_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.local(value).replace(tzinfo=None)
    return "" if value is None else value


def decode(raw: bytes) -> str:
    """The text of an office file: UTF-8 (with or without BOM), UTF-16 with BOM, else GB18030.

    Raises Invalid ``kernel.encoding`` with the position of the first unreadable byte when it is none of these. Damaged
    UTF-8 is refused too, although GB18030 would read many such bytes as wrong characters.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(raw, "utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sound = raw[: error.start].decode("utf-8-sig")
        if sum(not character.isascii() for character in sound) >= _SURELY_UTF8:
            raise Invalid("kernel.encoding", position=error.start) from error
        return _decode(raw, "gb18030", at_least=error.start)


def _decode(raw: bytes, encoding: str, *, at_least: int = 0) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid("kernel.encoding", position=max(error.start, at_least)) from error


def read_csv(raw: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The records of a CSV file with their line numbers; cells are stripped, missing ones empty."""
    reader = csv.DictReader(io.StringIO(decode(raw), newline=""), restval="")
    reader.fieldnames = [(name or "").strip() for name in reader.fieldnames or []]
    for record in reader:
        yield reader.line_num, {name: (value or "").strip() for name, value in record.items() if name is not None}
