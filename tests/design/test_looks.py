"""The promises of the looks: contrast, weight, old browsers."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from learnhub.design.assets import PACKAGE, static_files

STYLES = {name: path.read_text("utf-8") for name, path in static_files().items() if name.endswith(".css")}
BASE = STYLES["design/base.css"]
TOKENS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", BASE))
BODY = [
    ("ink", ground)
    for ground in ("paper", "sheet", "teal-wash", "blue-wash", "green-wash", "amber-wash", "vermilion-wash")
]
BODY += [
    ("ink-soft", "paper"),
    ("ink-soft", "sheet"),
    ("on-dark", "teal-deep"),
    ("on-dark", "teal"),
    ("teal-deep", "teal-wash"),
]
READABLE = [(colour, f"{colour}-wash") for colour in ("amber", "green", "blue", "vermilion", "teal")]
READABLE += [(colour, ground) for colour in ("teal", "vermilion") for ground in ("paper", "sheet")]
READABLE += [("on-dark", colour) for colour in ("green", "amber", "blue", "vermilion")] + [("ink-soft", "line")]
OUTLINES = [("line-strong", "sheet"), ("line-strong", "paper"), ("teal", "paper")]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two tokens, from 1 to 21."""
    lighter, darker = sorted((luminance(TOKENS[first]), luminance(TOKENS[second])), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), BODY)
def test_body_text_has_contrast_of_seven(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 7


@pytest.mark.parametrize(("text", "ground"), READABLE)
def test_coloured_text_has_contrast_of_four_and_a_half(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("line", "ground"), OUTLINES)
def test_outlines_of_fields_have_contrast_of_three(line: str, ground: str) -> None:
    assert contrast(line, ground) >= 3


def test_styles_of_the_design_weigh_less_than_forty_kilobytes() -> None:
    assert sum(len(text.encode()) for name, text in STYLES.items() if name.startswith("design/")) < 40_000


@pytest.mark.parametrize("feature", [":has(", "@container", "color-mix(", "@layer", ":is(", "\n  &", " inset:", "dvh"])
def test_styles_use_nothing_that_a_browser_of_six_years_ago_lacks(feature: str) -> None:
    assert [name for name, text in STYLES.items() if feature in text] == []


@pytest.mark.parametrize("name", sorted(STYLES))
def test_every_custom_property_in_use_is_defined(name: str) -> None:
    defined = set(re.findall(r"(--[\w-]+):", BASE))
    assert set(re.findall(r"var\((--[\w-]+)\)", STYLES[name])) <= defined


def test_styles_and_scripts_are_loaded_from_nowhere_else() -> None:
    for name, path in static_files().items():
        if name.endswith((".css", ".js", ".svg")) and not name.startswith("vendor/"):
            text = path.read_text("utf-8").replace("http://www.w3.org/", "")
            assert "http://" not in text and "https://" not in text, name


def test_first_page_with_all_its_files_is_light_over_the_wire(app: Flask) -> None:
    client = FlaskClient(app, Response)  # the checking client does not unpack
    page = client.get("/gallery", headers={"Accept-Encoding": "gzip"})
    text = gzip.decompress(page.data).decode()
    total = len(page.data)
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', text))
    assert len(addresses) >= 6
    for address in addresses:
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, address
        total += len(answer.data)
    assert total < 40_000  # without the player; the product's limit for any first page is 150 kB


def test_every_icon_named_in_a_template_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', static_files()["design/icons.svg"].read_text("utf-8")))
    named: set[str] = set()
    for path in PACKAGE.glob("*/templates/**/*.html"):
        text = path.read_text("utf-8")
        named |= set(re.findall(r"ui\.icon\('([\w-]+)'", text))
        named |= set(re.findall(r"icon(?:_name)?='([\w-]+)'", text))
    for path in PACKAGE.glob("*/*.py"):
        named |= set(re.findall(r'add_item\([^)]*icon="([\w-]+)"', path.read_text("utf-8")))
    assert named - drawn == set()
