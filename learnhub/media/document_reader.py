"""Reads the text of one document; run as a script in a confined process of its own, so that no document hurts the server.

``python -I document_reader.py <pdf|docx|pptx|text> <path> <limits as JSON>`` prints one JSON line per page
(``{"page": 1, "text": "…"}``) or one refusal (``{"refused": code, "params": {…}}``). It imports nothing of LearnHub.
"""

from __future__ import annotations

import json
import logging
import sys
import zipfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

_PIECE = 1500  # characters of a "page" where the format has none


class Refused(Exception):
    """A document that is not accepted: a code and the values for its words."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def pages_of_pdf(path: str, limits: dict[str, int]) -> Iterator[str]:
    """The text of each page; a scanned page gives an empty text."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    with open(path, "rb") as opened:
        opened.seek(0, 2)
        opened.seek(max(0, opened.tell() - 2048))
        if b"%%EOF" not in opened.read():
            raise Refused("media.document_cut_off")
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("media.document_encrypted")
        count = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("media.document_damaged") from error
    if count > limits["pages"]:
        raise Refused("media.document_too_long", pages=count, most=limits["pages"])
    for page in reader.pages:
        try:
            yield page.extract_text()
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            yield ""  # one odd font must not cost the other pages


def pages_of_docx(path: str, limits: dict[str, int]) -> Iterator[str]:
    """The text in pieces of about a page: paragraphs and tables in order."""
    from docx import Document
    from docx.table import Table

    def lines() -> Iterator[str]:
        for block in Document(path).iter_inner_content():
            if isinstance(block, Table):
                for row in block.rows:
                    yield "\t".join(cell.text for cell in row.cells)
            else:
                yield block.text

    yield from in_pieces(lines())


def pages_of_pptx(path: str, limits: dict[str, int]) -> Iterator[str]:
    """The text of each slide with its notes."""
    from pptx import Presentation

    slides = Presentation(path).slides
    if len(slides) > limits["pages"]:
        raise Refused("media.document_too_long", pages=len(slides), most=limits["pages"])
    for slide in slides:
        words = list(_words_of(slide.shapes))
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            words.append(slide.notes_slide.notes_text_frame.text)
        yield "\n".join(word for word in words if word.strip())


def _words_of(shapes: Iterable[Any]) -> Iterator[str]:
    for shape in shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text
        if getattr(shape, "has_table", False) and shape.has_table:
            for row in shape.table.rows:
                yield "\t".join(cell.text for cell in row.cells)
        if hasattr(shape, "shapes"):
            yield from _words_of(shape.shapes)


def pages_of_text(path: str, limits: dict[str, int]) -> Iterator[str]:
    """Plain text or Markdown in pieces of about a page."""
    with open(path, "rb") as opened:
        raw = opened.read(limits["characters"] * 4)
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        yield from in_pieces(text.splitlines())
        return
    raise Refused("media.document_damaged")


def in_pieces(lines: Iterable[str]) -> Iterator[str]:
    """Lines joined to pieces of about :data:`_PIECE` characters."""
    kept: list[str] = []
    size = 0
    for line in lines:
        kept.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "\n".join(kept)
            kept, size = [], 0
    if kept:
        yield "\n".join(kept)


def check_zip(path: str, limits: dict[str, int]) -> None:
    """Refuses bombs before anything is unpacked: many parts, doubled or overlapping ones, great size or ratio."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Refused("media.document_cut_off") from error
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("media.document_encrypted")
    total, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    ordered = sorted(parts, key=lambda part: part.header_offset)
    overlap = any(one.header_offset + 30 + one.compress_size > two.header_offset for one, two in pairwise(ordered))
    doubled = len({part.filename for part in parts}) < len(parts)
    huge = total > limits["unpacked"] or (total > 10 << 20 and total > packed * limits["ratio"])
    if overlap or doubled or huge or len(parts) > limits["parts"]:
        raise Refused("media.document_bomb")


_READERS = {"pdf": pages_of_pdf, "docx": pages_of_docx, "pptx": pages_of_pptx, "text": pages_of_text}


def main(kind: str, path: str, limits: dict[str, int]) -> None:
    """Prints the pages; stops quietly when there are more characters than are wanted."""
    logging.disable()
    left = limits["characters"]
    if kind in ("docx", "pptx"):
        check_zip(path, limits)
    for number, text in enumerate(_READERS[kind](path, limits), 1):
        shown = text.encode("utf-8", "replace").decode()[:left].strip()
        left -= len(shown)
        print(json.dumps({"page": number, "text": shown}, ensure_ascii=True), flush=True)
        if left <= 0:
            break


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
    except Refused as refusal:
        print(json.dumps({"refused": refusal.code, "params": refusal.params}), flush=True)
