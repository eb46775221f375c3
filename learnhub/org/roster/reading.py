"""A roster file as rows of people: which sheets and rows are data, and what was left out and why.

Identity numbers, telephone numbers and what else is not collected are dropped here, before anything is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from learnhub.kernel.errors import Invalid, TooLarge
from learnhub.org.roster import old_files, text_table
from learnhub.org.roster.cells import Cell
from learnhub.org.roster.headings import (
    Headings,
    find_headings,
    first_wide_row,
    is_not_collected,
    is_note,
    is_numbering,
    is_subtotal,
)
from learnhub.org.roster.old_files import OldSheet
from learnhub.org.roster.sheet_xml import RawRow
from learnhub.org.roster.workbook import SheetPlace, Workbook, looks_zipped

_AnySheet = TypeVar("_AnySheet", SheetPlace, OldSheet)

MOST_ROWS = 200_000
_LOOK_FOR_HEADINGS_IN = 30
_TOLD = 20


@dataclass(frozen=True)
class RosterRow:
    """One row of data: its sheet (empty for text files), its number there, its cells under the headings."""

    sheet: str
    number: int
    cells: tuple[Cell, ...]
    is_hidden: bool = False


@dataclass
class Found:
    """What reading tells besides the rows; numbers of rows are capped at twenty per kind."""

    headings: tuple[str, ...] = ()
    key: str = ""
    columns: list[str] = field(default_factory=list)
    is_recognised: bool = True
    not_collected: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    left_out_sheets: list[str] = field(default_factory=list)
    hidden_sheets: list[str] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    titles: list[int] = field(default_factory=list)
    subtotals: list[int] = field(default_factory=list)
    subtotal_count: int = 0
    notes: list[int] = field(default_factory=list)
    rows: int = 0

    def told(self) -> dict[str, object]:
        """The same as plain values for a JSON column."""
        return {**vars(self), "headings": list(self.headings)}


def read_roster(path: Path, found: Found) -> Iterator[RosterRow]:
    """The rows of a file, filling ``found`` while it goes. Raises Invalid or TooLarge for the file as a whole."""
    with path.open("rb") as source:
        is_zip = looks_zipped(source)
    if is_zip:
        with Workbook(path) as book:
            visible = _visible(book.sheets, found)
            for sheet in visible:
                hidden = partial(getattr, book, "hidden_columns")
                yield from _sheet(sheet.name, book.rows(sheet), found, hidden, is_only=len(visible) == 1)
    elif kind := old_files.kind_of(path):
        encoding = text_table.encoding_of(path) if kind == old_files.HTML else ""
        with old_files.open_old(path, kind, encoding=encoding) as old:
            shown = _visible(old.sheets, found)
            for one in shown:
                name = "" if kind == old_files.HTML and len(shown) == 1 else one.name
                hidden = partial(set, one.hidden_columns)
                yield from _sheet(name, old.rows(one), found, hidden, is_only=len(shown) == 1)
    else:
        yield from _sheet("", text_table.rows(path), found)
    if not found.headings:
        raise Invalid("org.roster_no_headings")


def _visible(sheets: Sequence[_AnySheet], found: Found) -> list[_AnySheet]:
    found.hidden_sheets = [sheet.name for sheet in sheets if sheet.is_hidden]
    return [sheet for sheet in sheets if not sheet.is_hidden]


def _sheet(
    name: str, rows: Iterator[RawRow], found: Found, hidden: Callable[[], set[int]] = set, *, is_only: bool = True
) -> Iterator[RosterRow]:
    """The rows of a sheet; one whose headings differ from those of the first roster in the file is left out."""
    first = list(islice(rows, _LOOK_FOR_HEADINGS_IN))
    cells = [row.cells for row in first]
    headings = find_headings(cells) or (first_wide_row(cells) if is_only else None)
    headings = replace(headings, hidden=frozenset(hidden())) if headings else None
    if headings is None or (found.key and found.key != headings.key):
        if first:
            found.left_out_sheets.append(name)
        return
    if not found.key:
        _take_headings(headings, found, is_recognised=find_headings(cells) is not None)
    found.sheets.append(name)
    found.titles += [row.number for row in first[: headings.first]][:_TOLD]
    dropped = [is_not_collected(one) for one in headings.names]
    heads = {tuple(cells[headings.first]), tuple(cells[headings.last])}
    name_at = found.columns.index("name") if "name" in found.columns else None
    is_first = True
    for row in chain(first[headings.last + 1 :], rows):
        if _is_data(row, heads, name_at, found, is_first=is_first):
            found.rows += 1
            if found.rows > MOST_ROWS:
                raise TooLarge("org.roster_too_many_rows", limit=MOST_ROWS)
            yield RosterRow(name, row.number, _without(row.cells, dropped), row.is_hidden)
        is_first = False


def _take_headings(headings: Headings, found: Found, *, is_recognised: bool) -> None:
    found.headings, found.key = headings.names, headings.key
    found.columns, found.is_recognised = headings.columns(), is_recognised
    found.hidden_columns = [name for at, name in enumerate(headings.names) if at in headings.hidden and name]
    found.not_collected = [name for name in headings.names if is_not_collected(name)]


def _is_data(row: RawRow, heads: set[tuple[Cell, ...]], name_at: int | None, found: Found, *, is_first: bool) -> bool:
    if row.cells in heads or (is_first and is_numbering(row.cells)):
        return False
    if is_subtotal(row.cells, name_at):
        found.subtotal_count += 1
        found.subtotals += [row.number] if len(found.subtotals) < _TOLD else []
        return False
    if is_note(row.cells):
        found.notes += [row.number] if len(found.notes) < _TOLD else []
        return False
    return True


def _without(cells: Sequence[Cell], dropped: Sequence[bool]) -> tuple[Cell, ...]:
    """The cells below headings, those not collected emptied."""
    kept = tuple("" if drop else cell for cell, drop in zip(cells, dropped, strict=False))
    return kept + ("",) * (len(dropped) - len(kept))
