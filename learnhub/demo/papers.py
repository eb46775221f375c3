"""The papers behind the demo's claims: one page each, as organisers of courses hand them out, of invented organisers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from fpdf import FPDF

from learnhub.kernel import clock
from learnhub.proofs.pdf import FONT

_FAMILY = "noto"
_INK, _RED = (30, 34, 40), (190, 30, 30)
_MARGIN, _SIZE_MM = 26.0, (210.0, 148.0)


@dataclass(frozen=True)
class Paper:
    """What such a paper says; ``hours`` are whole hours."""

    heading: str
    name: str
    title: str
    organiser: str
    first_day: date
    last_day: date
    hours: int


def draw(paper: Paper) -> bytes:
    """The paper as PDF (A5 across, one page)."""
    page = FPDF(format=_SIZE_MM)
    page.set_margin(_MARGIN)
    page.set_auto_page_break(False)
    page.set_creation_date(clock.instant(paper.last_day, time(18)))
    page.add_font(_FAMILY, fname=FONT)
    page.add_page()
    page.set_text_color(*_INK)
    page.set_font(_FAMILY, size=24)
    page.set_y(24)
    page.cell(0, 14, paper.heading, align="C", new_x="LMARGIN", new_y="NEXT")
    page.ln(6)
    page.set_font(_FAMILY, size=14)
    page.multi_cell(0, 9, _sentence(paper), align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="CHAR")
    page.ln(4)
    for line in ("特此证明。", paper.organiser, _day(paper.last_day)):
        page.cell(0, 9, line, align="L" if line.startswith("特") else "R", new_x="LMARGIN", new_y="NEXT")
    _seal(page)
    return bytes(page.output())


def _sentence(paper: Paper) -> str:
    days = _day(paper.first_day)
    if paper.last_day != paper.first_day:
        days += f"至{_day(paper.last_day)}"
    return f"    兹证明 {paper.name} 同志于{days}参加“{paper.title}”，共计 {paper.hours} 学时，成绩合格。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _seal(page: FPDF) -> None:
    """A round red mark where a seal would be, which says that the paper is only an example."""
    page.set_draw_color(*_RED)
    page.set_text_color(*_RED)
    page.set_line_width(0.9)
    page.circle(x=page.w - 62, y=page.h - 40, radius=15)
    page.set_font(_FAMILY, size=11)
    page.set_xy(page.w - 77, page.h - 44)
    page.cell(30, 8, "演示样张", align="C")
