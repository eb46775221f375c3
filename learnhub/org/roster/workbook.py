"""Reads xlsx row by row, in bounded memory, with what openpyxl's streaming reader leaves out: hidden rows and sheets.

An xlsx file is a zip of XML that anybody can make: the number of entries, their sizes while they are unpacked, their
ratio and their places in the file are looked at, document types are refused (entities), rows are counted.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from learnhub.kernel.errors import Invalid, TooLarge
from learnhub.org.roster.sheet_xml import Handlers, Merged, RawRow, SharedHandlers, SheetHandlers, column_of

MOST_ENTRIES = 2_000
MOST_BYTES = 192 << 20
"""Unpacked bytes of all parts together; 110,000 people in twelve columns have about 70 MB."""
MOST_RATIO, RATIO_FROM = 120, 4 << 20
"""Real sheets shrink to a tenth or a twentieth; what shrinks more than this is a trap (looked at above 4 MB)."""
MOST_MERGED = 50_000
_CHUNK = 1 << 16
_BOOK = "xl/workbook.xml"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
_DATE_IDS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_DATE_WORDS = re.compile(r"[yYdD]|m{3,}|年|月|日")


@dataclass(frozen=True)
class SheetPlace:
    """A sheet of the workbook and the part of the file that holds it."""

    name: str
    is_hidden: bool
    part: str


class Workbook:
    """``with Workbook(path) as book: for row in book.rows(book.sheets[0])``. Raises Invalid or TooLarge."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
            raise Invalid("org.roster_broken_zip") from error
        self._left = MOST_BYTES
        self._check_entries()
        self._from_1904 = False
        self.sheets = self._read_book()
        self._formats = self._read_styles()
        self._shared: list[str] | None = None
        self.hidden_columns: set[int] = set()
        """Places (from 0) of the hidden columns of the sheet that is being read; known from its first row on."""

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
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise Invalid("org.roster_broken_zip") from error

    def _parse(self, part: str, handlers: Handlers) -> Iterator[None]:
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
                styles = [meaning_of_format(int(one.get("numFmtId") or 0), codes) for one in element]
        return styles

    def rows(self, sheet: SheetPlace) -> Iterator[RawRow]:
        """The rows of a sheet that have content, from the top down; cells merged downward each have the text."""
        if self._shared is None:
            self._shared = self._read_shared()
        handlers = SheetHandlers(self._shared, self._formats, self._from_1904, self._merged_down(sheet.part))
        self.hidden_columns = handlers.hidden
        for _ in self._parse(sheet.part, handlers):
            yield from handlers.take()

    def _merged_down(self, part: str) -> list[Merged]:
        """The merged cells of a sheet that reach over several rows. They stand behind the rows: the part is read twice."""
        left, self._left = self._left, MOST_BYTES
        found: list[Merged] = []
        rest = b""
        for chunk in self._chunks(part):
            text = rest + chunk
            found += [
                Merged(int(top), int(bottom), column_of(column.decode(), 0))
                for column, top, bottom in _MERGED.findall(text)
                if int(bottom) > int(top)
            ]
            # Only what a tag may still need: what was found once is behind the last ">".
            rest = text[max(text.rfind(b">") + 1, len(text) - 200) :]
            if len(found) > MOST_MERGED:
                raise TooLarge("org.roster_too_many_merged", limit=MOST_MERGED)
        self._left = left
        return sorted(found)

    def _read_shared(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._zip.NameToInfo:
            return []
        handlers = SharedHandlers()
        for _ in self._parse("xl/sharedStrings.xml", handlers):
            pass
        return handlers.texts


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def meaning_of_format(number: int, codes: dict[int, str]) -> tuple[bool, int]:
    """Is a number format a date, and to how many digits does it fill with zeros; ``codes``: those of the file itself."""
    code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", codes.get(number, "")) if number in codes else ""
    if number in codes:
        plain = codes[number].split(";")[0].strip('"')
        if re.fullmatch("0{2,15}", plain):
            return False, len(plain)
        return bool(_DATE_WORDS.search(code) or _DATE_WORDS.search(re.sub(r"\[[^\]]*\]", "", codes[number]))), 0
    return number in _DATE_IDS, 0


def looks_zipped(source: IO[bytes]) -> bool:
    """True when a file begins as a zip does; the position is put back."""
    start = source.read(4)
    source.seek(0)
    return start.startswith(b"PK")
