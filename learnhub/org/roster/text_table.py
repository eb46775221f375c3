"""Reads CSV and its cousins row by row: UTF-8 with or without BOM, UTF-16, GB18030; commas, semicolons, tabs.

Files called .xls that hold text are read as what they are.
"""

from __future__ import annotations

import codecs
import csv
import io
import statistics
from collections.abc import Iterator
from pathlib import Path

from learnhub.kernel.errors import Invalid
from learnhub.org.roster.cells import Cell, Trouble, text_cell
from learnhub.org.roster.sheet_xml import MOST_COLUMNS, RawRow

_SEPARATORS = ",;\t，；"
_SAMPLE_LINES = 20
_CHUNK = 1 << 16
_SURELY_UTF8 = 6


def rows(path: Path) -> Iterator[RawRow]:
    """The rows that have content, with the line on which each begins. Raises Invalid."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as source:
        separator = _separator(_sample(source))
    with path.open(encoding=encoding, newline="") as source:
        # One character: csv knows no other, and full-width commas never stand inside a quoted cell's own commas.
        lines = (line.replace(separator, ",") for line in source) if separator in "，；" else source
        reader = csv.reader(lines, delimiter="," if separator in "，；" else separator, strict=True)
        number = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield RawRow(number, tuple(_cell(cell) for cell in cells[:MOST_COLUMNS]))
                number = reader.line_num + 1
        except csv.Error as error:
            raise Invalid("org.roster_broken_line", line=number, reason=str(error)) from error


def _cell(text: str) -> Cell:
    """A cell; the apostrophe that our own exports put before a formula goes, an unguarded formula is told."""
    written = text.strip()
    if written[:1] == "'" and written[1:2] in ("=", "+", "-", "@"):
        return text_cell(written[1:])
    if written[:2] == '="' and written.endswith('"') and '"' not in written[2:-1]:
        return text_cell(written[2:-1])  # ="0012": how some systems save leading zeros from Excel
    if written[:1] == "=":
        return Trouble("formula", written[:60])
    return text_cell(text)


def encoding_of(path: Path) -> str:
    """The encoding of an office file. Raises Invalid for what is no text, or with the place of the first bad byte."""
    with path.open("rb") as source:
        start = source.read(4096)
    if not start.strip():
        raise Invalid("org.roster_empty")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _require(path, "utf-16")
    if b"\0" in start:
        return _require(path, "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be")
    bad_at, sound = _try(path, "utf-8")
    if bad_at is None:
        return "utf-8-sig"
    if sound >= _SURELY_UTF8:
        raise Invalid("org.roster_not_text", position=bad_at)
    return _require(path, "gb18030")


def _require(path: Path, encoding: str) -> str:
    bad_at, _sound = _try(path, encoding)
    if bad_at is not None:
        raise Invalid("org.roster_not_text", position=bad_at)
    return encoding


def _try(path: Path, encoding: str) -> tuple[int | None, int]:
    """The place of the first byte that cannot be read, if any, and how many non-ASCII characters came before it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    read = sound = 0
    with path.open("rb") as source:
        while True:
            chunk = source.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = chunk[: error.start].decode(encoding, "ignore")
                return read + error.start, sound + sum(not one.isascii() for one in good)
            if not text.isascii() and sound < _SURELY_UTF8:
                sound += sum(not one.isascii() for one in text)
            if "\0" in text:
                return read, sound
            if not chunk:
                return None, sound
            read += len(chunk)


def _sample(source: io.TextIOBase) -> list[str]:
    lines: list[str] = []
    for line in source:
        if line.strip():
            lines.append(line)
        if len(lines) == _SAMPLE_LINES:
            break
    return lines


def _separator(lines: list[str]) -> str:
    """The separator that stands in most lines most often: a title line may hold none, an address may hold commas."""
    if not lines:
        return ","
    return max(_SEPARATORS, key=lambda one: (statistics.median(line.count(one) for line in lines), lines[0].count(one)))
