"""Markdown to safe HTML: own markup only, no raw HTML, no pictures, bounded in size and depth. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST_BODY = 200_000  # characters; the longest law of the land has 60,000
LONGEST_LINE = 8_000
DEEPEST = 12  # lists within quotes within lists …; 20,000 nested tags keep the cleaner busy for seconds
_TAGS = set("h2 h3 h4 h5 h6 p br hr strong em s code pre blockquote ul ol li a table thead tbody tr th td".split())
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}} | {f"h{level}": {"id"} for level in range(2, 7)}
_SCHEMES = {"http", "https", "mailto", "tel"}
_markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 40}).enable(["table", "strikethrough"])


@dataclass(frozen=True)
class Fault:
    """What is wrong with a body: the line within it, from 1, a code and its values."""

    line: int
    code: str
    params: dict[str, int]


@dataclass(frozen=True)
class Body:
    """A body as safe HTML (headings h2–h6 with ids ``s-1``, ``s-2`` …) and as plain text, one block a line."""

    html: str
    text: str


@dataclass(frozen=True)
class Section:
    """A heading with its text; the part before the first heading has neither ``anchor`` nor ``title``."""

    anchor: str
    title: str
    text: str


def render(source: str) -> tuple[Body, list[Fault]]:
    """The body of a lesson and what is wrong with it; an over-long source gives an empty body at once."""
    if len(source) > LONGEST_BODY:
        return Body("", ""), [Fault(1, "catalog.body_too_long", {"longest": LONGEST_BODY, "length": len(source)})]
    for number, line in enumerate(source.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            return Body("", ""), [Fault(number, "catalog.line_too_long", {"longest": LONGEST_LINE})]
    tokens = _markdown.parse(source)
    faults = list(_faults(tokens))
    if faults:
        return Body("", ""), faults
    _number_headings(tokens)
    raw = _markdown.renderer.render(tokens, _markdown.options, {})
    html = nh3.clean(
        raw, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow"
    )
    return Body(html, "\n".join(_blocks(tokens))), []


def sections_of(html: str) -> list[Section]:
    """A rendered body cut at its headings."""
    cutter = _Cutter()
    cutter.feed(html)
    cutter.close()
    return [
        Section(anchor, title.strip(), text.strip())
        for anchor, title, text in cutter.parts
        if title.strip() or text.strip()
    ]


def _faults(tokens: list[Token]) -> list[Fault]:
    found: list[Fault] = []
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        if token.level > 2 * DEEPEST:
            return [Fault(line, "catalog.body_too_deep", {"deepest": DEEPEST})]
        if token.type == "heading_open" and token.tag == "h1":
            found.append(Fault(line, "catalog.body_has_h1", {}))
        if any(child.type == "image" for child in token.children or ()):
            found.append(Fault(line, "catalog.body_has_image", {}))
    return found


def _number_headings(tokens: list[Token]) -> None:
    headings = (token for token in tokens if token.type == "heading_open")
    for number, token in enumerate(headings, 1):
        token.attrSet("id", f"s-{number}")


def _blocks(tokens: list[Token]) -> list[str]:
    blocks = []
    for token in tokens:
        if token.type == "inline":
            parts = (" " if one.type.endswith("break") else one.content for one in token.children or ())
            blocks.append("".join(parts).strip())
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.strip())
    return [block for block in blocks if block]


class _Cutter(HTMLParser):
    """Collects [anchor, title, text] between headings."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[list[str]] = [["", "", ""]]
        self.in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("h2", "h3", "h4", "h5", "h6"):
            self.parts.append([dict(attrs).get("id") or "", "", ""])
            self.in_heading = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h2", "h3", "h4", "h5", "h6"):
            self.in_heading = False

    def handle_data(self, data: str) -> None:
        self.parts[-1][1 if self.in_heading else 2] += data
