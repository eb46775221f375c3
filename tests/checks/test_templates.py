"""Page templates: they compile, and hold no inline style or script, which the page's policy would refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.checks.sources import PROGRAM, name_of, templates

FORBIDDEN = {
    r"<style\b": "an inline style sheet",
    r"\sstyle\s*=": "a style attribute",
    r"\son[a-z]+\s*=\s*[\"']": "an event attribute",
    r"<script(?![^>]*\b(?:src=|type=\"application/json\"))": "an inline script",
    r"javascript:": "a javascript: address",
    r"https?://(?!www\.w3\.org/)[^\s\"']+\.(?:js|css|woff2?)\b": "something loaded from another site",
    r"\|\s*safe\b": "the filter `safe`: mark text as safe where it is made safe",
}


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_compile(path: Path) -> None:
    environment = Environment(
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True
    )
    environment.parse(path.read_text("utf-8"), filename=str(path))


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_hold_nothing_inline(path: Path) -> None:
    markup = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    found = [what for pattern, what in FORBIDDEN.items() if re.search(pattern, markup, re.IGNORECASE)]
    assert found == []


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_lie_under_their_features_name(path: Path) -> None:
    feature, room, folder = path.relative_to(PROGRAM).parts[:3]
    assert room == "templates"
    assert folder == feature, "equal names in two features shadow each other silently"
