"""Text of documents, page by page: PDF, DOCX, PPTX, plain text and Markdown, each read in a confined process."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

from learnhub.kernel.runner import Bounds, ChildStopped, run
from learnhub.media import sniff
from learnhub.media.probe import MediaRefused

_READER = str(Path(__file__).with_name("document_reader.py"))
_TEXT_SUFFIXES = (".txt", ".md", ".markdown")
MIMES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "text": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class PageText:
    """The text of one page, slide or piece of about a page; ``number`` counts from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class DocumentLimits:
    """Bounds on one document: pages, characters in all, bytes unpacked, parts of a zip, ratio, seconds."""

    pages: int = 3000
    characters: int = 20_000_000
    unpacked: int = 400 << 20
    parts: int = 10_000
    ratio: int = 200
    seconds: int = 300


def document_kind(path: Path, file_name: str) -> str | None:
    """``pdf``, ``docx``, ``pptx`` or ``text`` by content; None when it is no document.

    Text counts as a document only under a name of a text file: text named lesson.mp4 was meant to be a film.
    """
    with path.open("rb") as opened:
        nature = sniff.nature_of(opened.read(sniff.HEAD_BYTES))
    if nature == "text" and file_name.lower().endswith(_TEXT_SUFFIXES):
        return "text"
    if nature == "zip":
        return _office_kind(path, file_name)
    return "pdf" if nature == "pdf" else None


def extract_text(path: Path, file_name: str = "", limits: DocumentLimits | None = None) -> list[PageText]:
    """The text of a document by page. Raises :class:`MediaRefused` with the reason."""
    limits = limits or DocumentLimits()
    kind = document_kind(path, file_name or path.name)
    if kind is None:
        raise MediaRefused("media.unreadable")
    bounds = Bounds(wall_s=limits.seconds, stall_s=60, cpu_s=limits.seconds, memory_bytes=2 << 30, file_bytes=1 << 20)
    lines: list[str] = []
    argv = [sys.executable, "-I", _READER, kind, str(path), json.dumps(asdict(limits))]
    try:
        ended = run(argv, bounds=bounds, on_line=lines.append, long_lines=True)
    except ChildStopped:
        raise MediaRefused("media.took_too_long") from None
    told = [json.loads(line) for line in lines]
    if told and "refused" in told[-1]:
        raise MediaRefused(told[-1]["refused"], **told[-1]["params"])
    if ended.code != 0:
        raise MediaRefused("media.document_damaged")
    return [PageText(one["page"], one["text"]) for one in told]


def _office_kind(path: Path, file_name: str) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:20_000])
    except (zipfile.BadZipFile, ValueError, OSError):
        if file_name.lower().endswith((".docx", ".pptx")):
            raise MediaRefused("media.document_cut_off") from None
        return None
    if "word/document.xml" in names:
        return "docx"
    return "pptx" if "ppt/presentation.xml" in names else None
