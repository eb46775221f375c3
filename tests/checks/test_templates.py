"""Page templates: they compile, and hold no inline style or script, which the page's policy would refuse."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment

from tests.checks.sources import PROGRAM, name_of, templates

FORBIDDEN = {
    r"<style\b": "an inline style sheet",
    r"\sstyle\s*=": "a style attribute",
    r"\son[a-z]+\s*=\s*[\"']": "an event attribute",
    r"<script(?![^>]*\b(?:src=|type=\"application/json\"))": "an inline script",
    r"javascript:": "a javascript: address",
    r"https?://(?!www\.w3\.org/)[^\s\"']+\.(?:js|css|woff2?)\b": "something loaded from another site",
    r"(?<!body_html)(?<!\s)\s*\|\s*safe\b": "the filter `safe` on something else than a text that catalog.body has cleaned",
}


def test_templates_compile() -> None:
    environment = Environment(
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True
    )
    for path in templates():
        environment.parse(path.read_text("utf-8"), filename=str(path))


def test_templates_hold_nothing_inline() -> None:
    assert {name_of(path): found for path in templates() if (found := _forbidden_in(path))} == {}


def test_templates_lie_under_their_features_name() -> None:
    # Equal names in two features would shadow each other silently.
    places = [path.relative_to(PROGRAM).parts[:3] for path in templates()]
    assert [place for place in places if place[1:] != ("templates", place[0])] == []


def _forbidden_in(path: Path) -> list[str]:
    markup = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    return [what for pattern, what in FORBIDDEN.items() if re.search(pattern, markup, re.IGNORECASE)]
