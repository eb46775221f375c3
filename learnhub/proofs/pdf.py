"""A proof on paper: A4 with an embedded Chinese font, the serial, and a code that carries the signed statement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import segno
from fpdf import FPDF

from learnhub.proofs.rules import Statement

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
_FAMILY = "noto"
_MARGIN = 24.0
_QR_MM = 46.0
_TEAL, _INK, _SOFT, _RED = (20, 84, 76), (28, 40, 38), (95, 110, 107), (160, 40, 30)


@dataclass(frozen=True)
class Words:
    """What the paper says around the statement, in the language of whoever asked."""

    heading: str
    sentence: str
    rows: tuple[tuple[str, str], ...]
    check: str
    site: str
    revoked: str = ""


def draw(statement: Statement, words: Words, address: str) -> bytes:
    """The PDF. ``address``: what the code leads to, with the signed statement behind ``#``."""
    page = FPDF(format="A4")
    page.set_margin(_MARGIN)
    page.set_auto_page_break(False)
    page.set_title(f"{words.heading} {statement.serial}")
    page.set_keywords(address.partition("#")[2])
    page.add_font(_FAMILY, fname=_font())
    page.add_page()
    _frame(page)
    _heading(page, words, statement)
    _rows(page, words)
    _code(page, words, address, statement.serial)
    return bytes(page.output())


@cache
def _font() -> str:
    if not FONT.exists():
        raise FileNotFoundError(f"{FONT} is missing: scripts/setup.sh puts it there")
    return str(FONT)


def _frame(page: FPDF) -> None:
    page.set_draw_color(*_TEAL)
    for inset, width in ((10.0, 1.2), (12.5, 0.3)):
        page.set_line_width(width)
        page.rect(inset, inset, page.w - 2 * inset, page.h - 2 * inset)


def _heading(page: FPDF, words: Words, statement: Statement) -> None:
    page.set_text_color(*_TEAL)
    page.set_font(_FAMILY, size=30)
    page.set_y(38)
    page.cell(0, 16, words.heading, align="C", new_x="LMARGIN", new_y="NEXT")
    page.set_text_color(*_SOFT)
    page.set_font(_FAMILY, size=10)
    page.cell(0, 8, f"No. {statement.serial}", align="C", new_x="LMARGIN", new_y="NEXT")
    if words.revoked:
        page.set_text_color(*_RED)
        page.set_font(_FAMILY, size=14)
        page.cell(0, 10, words.revoked, align="C", new_x="LMARGIN", new_y="NEXT")
    page.ln(10)
    page.set_text_color(*_INK)
    page.set_font(_FAMILY, size=15)
    page.multi_cell(0, 10, words.sentence, align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")
    page.ln(8)


def _rows(page: FPDF, words: Words) -> None:
    label_width = 46.0
    for label, value in words.rows:
        page.set_font(_FAMILY, size=11)
        page.set_text_color(*_SOFT)
        top = page.get_y()
        page.multi_cell(label_width, 8, label, align="L", new_x="RIGHT", new_y="TOP")
        page.set_text_color(*_INK)
        page.set_xy(_MARGIN + label_width, top)
        width = page.w - 2 * _MARGIN - label_width
        page.multi_cell(width, 8, value, align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")
        page.set_draw_color(210, 218, 216)
        page.set_line_width(0.2)
        page.line(_MARGIN, page.get_y() + 0.5, page.w - _MARGIN, page.get_y() + 0.5)
        page.ln(1)


def _code(page: FPDF, words: Words, address: str, serial: str) -> None:
    matrix = segno.make(address, error="m", micro=False).matrix
    left, top = page.w - _MARGIN - _QR_MM, page.h - _MARGIN - _QR_MM - 6
    step = _QR_MM / len(matrix)
    page.set_fill_color(0, 0, 0)
    for row, line in enumerate(matrix):
        start = None
        for column, is_dark in enumerate([*line, 0]):
            if is_dark and start is None:
                start = column
            elif not is_dark and start is not None:
                page.rect(left + start * step, top + row * step, (column - start) * step, step, style="F")
                start = None
    page.set_text_color(*_SOFT)
    page.set_font(_FAMILY, size=9.5)
    page.set_xy(_MARGIN, top + 4)
    width = page.w - 2 * _MARGIN - _QR_MM - 8
    page.multi_cell(width, 6, words.check, align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")
    page.multi_cell(width, 6, f"{words.site}\n{serial}", align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")
