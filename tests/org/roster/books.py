"""Small rosters made on the spot: each with one trap."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlwt
from openpyxl import Workbook

from learnhub.org.roster.reading import Found, RosterRow, read_roster

HEADINGS = ("姓名", "单位代码", "工号", "职级", "职务")


def book(rows: Iterable[Sequence[Any]], **more: Any) -> bytes:
    """An xlsx file with one sheet of these rows."""
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(list(row))
    for change in more.values():
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def old_book(rows: Iterable[Sequence[Any]], **more: Any) -> bytes:
    """An .xls file of Excel 97 with one sheet of these rows; a change gets the book and its sheet."""
    made = xlwt.Workbook(encoding="utf-8")
    sheet = made.add_sheet("Sheet", cell_overwrite_ok=True)
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell != "":
                sheet.write(at, column, cell)
    for change in more.values():
        change(made, sheet)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def table(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    """A CSV file in UTF-8."""
    return "\r\n".join(",".join(row) for row in (headings, *rows)).encode()


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip with these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def parts_of(raw: bytes) -> dict[str, bytes]:
    """The entries of a zip."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read(raw: bytes, folder: Path) -> tuple[list[RosterRow], Found]:
    """The rows of a file and what reading told."""
    path, found = folder / "roster", Found()
    path.write_bytes(raw)
    return list(read_roster(path, found)), found
