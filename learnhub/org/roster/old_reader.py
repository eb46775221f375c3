"""Reads one old .xls file, or one web page under that name; run as a script in a confined process of its own.

``python -I old_reader.py <xls|html> <path> <options as JSON>`` prints JSON lines: one for the book
(``{"formats": [[number, code], …], "from_1904": false}``), one for each sheet (``{"sheet": name, "is_hidden": …,
"hidden_columns": […], "merged": [[top, bottom, column], …]}``, a hidden one without its rows), after it one for each of
its rows (``[number, is_hidden, [[column, kind, value, style], …]]``), or one refusal (``{"refused": code, "params":
{…}}``). Rows and columns count from 1. Kinds: text, number, boolean, error, formula (with the value that was stored).
It imports nothing of LearnHub.
"""

from __future__ import annotations

import contextlib
import io
import json
import struct
import sys
from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

TEXT, NUMBER, BOOLEAN, ERROR, FORMULA = "text", "number", "boolean", "error", "formula"

_BOF, _EOF, _BOUNDSHEET, _FILEPASS = (0x0009, 0x0209, 0x0409, 0x0809), 0x000A, 0x0085, 0x002F
_FORMULAS = (0x0006, 0x0206, 0x0406)
_RUNS = (0x00BD, 0x00BE)  # several numbers or blank cells in one record; it ends with the last column
_CELLS = frozenset({0x0001, 0x0201, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E, *_FORMULAS, *_RUNS})
_MACRO_SHEETS = (1, 6)
_FIRST_OWN_FORMAT = 164
_WORKBOOK, _LOCKED, _MACROS = {"Workbook", "Book"}, {"EncryptedPackage", "EncryptionInfo"}, {"_VBA_PROJECT_CUR", "VBA"}


class Refused(Exception):
    """A file that is not accepted: a code and the values for its words."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def lines_of_xls(path: str, options: dict[str, Any]) -> Iterator[object]:
    """What an Excel 5 to 2003 file holds."""
    import xlrd
    from xlrd.compdoc import CompDoc

    with open(path, "rb") as opened:
        raw = opened.read()
    names = {node.name for node in CompDoc(raw, logfile=io.StringIO()).dirlist}
    _check_parts(names)
    with contextlib.redirect_stdout(io.StringIO()):
        book = xlrd.open_workbook(
            file_contents=raw, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
        _check_globals(book)
        yield {
            "formats": [[xf.format_key, _own_code(book, xf.format_key)] for xf in book.xf_list],
            "from_1904": bool(book.datemode),
        }
        left = options["cells"]
        for at, name in enumerate(book.sheet_names()):
            if book._sheet_visibility[at]:
                yield {"sheet": name, "is_hidden": True, "hidden_columns": [], "merged": []}
                continue
            formulas, cells = _look_through(book.mem, book._sh_abs_posn[at])
            left -= cells
            if left < 0:
                raise Refused("org.roster_too_many_cells", limit=options["cells"])
            yield from _lines_of_sheet(book.sheet_by_index(at), formulas, options)
            book.unload_sheet(at)


def _check_parts(names: set[str]) -> None:
    if names & _LOCKED:
        raise Refused("org.roster_locked")
    if names & _MACROS:
        raise Refused("org.roster_macros")
    if not names & _WORKBOOK:
        raise Refused("org.roster_old_excel")


def _own_code(book: Any, number: int) -> str | None:
    """The text of a number format that the file itself brings; None for those that every spreadsheet knows."""
    known = book.format_map.get(number)
    return known.format_str if known is not None and number >= _FIRST_OWN_FORMAT else None


def _records(memory: Any, at: int) -> Iterator[tuple[int, int, int]]:
    """Code, place and length of each record from ``at`` on, without those of charts inside it, to the end of its part."""
    depth = 0
    while at + 4 <= len(memory):
        code, length = struct.unpack_from("<HH", memory, at)
        depth += code in _BOF
        if code == _EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth <= 1:
            yield code, at + 4, length
        at += 4 + length


def _check_globals(book: Any) -> None:
    for code, at, length in _records(book.mem, book.base):
        if code == _BOUNDSHEET and length >= 6 and book.mem[at + 5] in _MACRO_SHEETS:
            raise Refused("org.roster_macros")


def _look_through(memory: Any, at: int) -> tuple[set[tuple[int, int]], int]:
    """Where a sheet has formulas (row and column from 0), and how many cells its rows have up to their last.

    xlrd gives the stored value of a formula and does not say that it is one; and it fills each row from its start, so
    that a small file can ask for many cells.
    """
    formulas: set[tuple[int, int]] = set()
    widths: dict[int, int] = defaultdict(int)
    for code, place, length in _records(memory, at):
        if code not in _CELLS or length < 4:
            continue
        row, column = struct.unpack_from("<HH", memory, place)
        last = struct.unpack_from("<H", memory, place + length - 2)[0] if code in _RUNS else column
        widths[row] = max(widths[row], last + 1)
        if code in _FORMULAS:
            formulas.add((row, column))
    return formulas, sum(widths.values())


def _lines_of_sheet(sheet: Any, formulas: set[tuple[int, int]], options: dict[str, Any]) -> Iterator[object]:
    most = options["columns"]
    merged = [[top + 1, bottom, left + 1] for top, bottom, left, _right in sheet.merged_cells if bottom - top > 1]
    if len(merged) > options["merged"]:
        raise Refused("org.roster_too_many_merged", limit=options["merged"])
    hidden = [column + 1 for column, told in sheet.colinfo_map.items() if told.hidden and column < most]
    yield {"sheet": sheet.name, "is_hidden": False, "hidden_columns": sorted(hidden), "merged": sorted(merged)}
    for row in range(sheet.nrows):
        cells = []
        for column, cell in enumerate(sheet.row(row)[:most]):
            told = _cell(cell, (row, column) in formulas)
            if told:
                cells.append([column + 1, *told])
        if cells:
            info = sheet.rowinfo_map.get(row)
            yield [row + 1, bool(info.hidden if info else sheet.default_row_hidden), cells]


def _cell(cell: Any, is_formula: bool) -> tuple[str, str, int] | None:
    import xlrd

    kinds = {
        xlrd.XL_CELL_TEXT: TEXT,
        xlrd.XL_CELL_NUMBER: NUMBER,
        xlrd.XL_CELL_DATE: NUMBER,
        xlrd.XL_CELL_BOOLEAN: BOOLEAN,
        xlrd.XL_CELL_ERROR: ERROR,
    }
    kind = kinds.get(cell.ctype)
    if kind is None:
        return (FORMULA, "", 0) if is_formula else None
    shown = str(cell.value)
    if kind == ERROR:
        shown = xlrd.error_text_from_code.get(cell.value, "?")
    elif kind == BOOLEAN:
        shown = "TRUE" if cell.value else "FALSE"
    return FORMULA if is_formula else kind, shown, cell.xf_index or 0


class _Tables(HTMLParser):
    """The tables of a page as sheets. What is not shown is hidden; a table inside another is no list of people."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[object] = []
        self.tables = self.rows = 0
        self._options, self._left = options, options["cells"]
        self._inside = self._is_hidden = self._is_formula = False
        self._unread = 0  # depth of scripts and styles
        self._row, self._column, self._at = 0, 0, 0
        self._covered: dict[int, int] = {}  # column → last row that a cell above reaches down to
        self._cells: dict[int, list[object]] = {}
        self._down: list[list[int]] = []
        self._words: list[str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        style = said.get("style", "").replace(" ", "").lower()
        unseen = "hidden" in said or "display:none" in style or "mso-hide:all" in style
        if tag in ("script", "style"):
            self._unread += 1
        elif tag == "table":
            if self._inside:
                raise Refused("org.roster_web_page")
            self._inside = True
            self.tables += 1
            self._row, self._covered = 0, {}
            self.done.append({"sheet": f"#{self.tables}", "is_hidden": unseen, "hidden_columns": [], "merged": []})
        elif tag == "tr" and self._inside:
            self.end_row()
            self._row += 1
            self._column, self._is_hidden = 0, unseen
        elif tag in ("td", "th") and self._inside:
            self._end_cell()
            self._begin_cell(said)
            if unseen:
                self.done.append({"merged": [], "hidden_columns": [self._at]})
        elif tag in ("br", "p", "div") and self._words:
            self._words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unread = max(0, self._unread - 1)
        elif tag == "table":
            self.end_row()
            self._inside = False
        elif tag == "tr":
            self.end_row()
        elif tag in ("td", "th"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._words is not None and not self._unread:
            self._words.append(" ".join(("." + data + ".").split())[1:-1])

    def _begin_cell(self, said: dict[str, str]) -> None:
        most = self._options["columns"]
        self._row = max(1, self._row)
        self._column += 1
        while self._covered.get(self._column, 0) >= self._row:
            self._column += 1
        down, across = _span(said, "rowspan", 65_536), _span(said, "colspan", most)
        if down > 1:
            self._down.append([self._row, self._row + down - 1, self._column])
            if len(self._down) > self._options["merged"]:
                raise Refused("org.roster_too_many_merged", limit=self._options["merged"])
        self._left -= across
        if self._left < 0:
            raise Refused("org.roster_too_many_cells", limit=self._options["cells"])
        self._covered.update(dict.fromkeys(range(self._column, self._column + across), self._row + down - 1))
        self._is_formula = "x:fmla" in said
        self._words = []
        self._at, self._column = self._column, self._column + across - 1

    def _end_cell(self) -> None:
        if self._words is not None:
            text = "".join(self._words).strip()
            if (text or self._is_formula) and self._at <= self._options["columns"]:
                self._cells[self._at] = [
                    self._at,
                    FORMULA if self._is_formula else TEXT,
                    text[: self._options["text"]],
                    0,
                ]
            self._words = None

    def end_row(self) -> None:
        """Hands the row over that has come to its end, with what reaches down from its cells."""
        self._end_cell()
        if self._cells:
            self.done += [{"merged": [one], "hidden_columns": []} for one in self._down]
            self.done.append([self._row, self._is_hidden, list(self._cells.values())])
            self.rows += 1
        self._cells, self._down = {}, []


def _span(said: dict[str, str], name: str, most: int) -> int:
    text = said.get(name, "").strip()
    return min(max(1, int(text)), most) if text.isdecimal() and len(text) < 7 else 1


def lines_of_html(path: str, options: dict[str, Any]) -> Iterator[object]:
    """What the tables of a page hold."""
    parser = _Tables(options)
    yield {"formats": [], "from_1904": False}
    with open(path, encoding=options["encoding"], newline="") as opened:
        while piece := opened.read(1 << 16):
            parser.feed(piece)
            yield from parser.done
            parser.done.clear()
    parser.close()
    parser.end_row()
    yield from parser.done
    if not parser.rows:
        raise Refused("org.roster_web_page")


def main(kind: str, path: str, options: dict[str, Any]) -> None:
    """Prints the lines, or why there are none. A file that trips its reader in any way is a damaged file."""
    out = sys.stdout
    try:
        for line in {"xls": lines_of_xls, "html": lines_of_html}[kind](path, options):
            print(json.dumps(line), file=out)
    except Refused as refusal:
        print(json.dumps({"refused": refusal.code, "params": refusal.params}), file=out)
    except (MemoryError, RecursionError):
        print(json.dumps({"refused": "org.roster_too_hard", "params": {}}), file=out)
    except Exception as error:  # noqa: BLE001 - xlrd raises whatever a damaged file leads it to
        code = "org.roster_locked" if "encrypted" in str(error) else "org.roster_old_excel"
        print(json.dumps({"refused": code if kind == "xls" else "org.roster_web_page", "params": {}}), file=out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
