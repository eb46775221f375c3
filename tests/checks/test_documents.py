"""The README and the guides tell what is there: settings, pictures, links, accounts, names of buttons."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from learnhub.config import PREFIX, Settings
from learnhub.demo.people import CAST, PASSWORD
from tests.checks.sources import ROOT

README = (ROOT / "README.md").read_text("utf-8")
GUIDES = sorted(
    path
    for path in (ROOT / "docs" / "guide").glob("*.md")
    if path.stem in ("learner", "station", "department", "editor", "admin")
)
LARGEST = 200_000


def _rows() -> dict[str, str]:
    """Name of each setting in the README's table and its default."""
    rows = re.findall(r"^\| ((?:`LEARNHUB_\w+` ?)+) \| ([^|]*) \|", README, re.MULTILINE)
    return {name: default.strip().strip("`") for names, default in rows for name in re.findall(r"LEARNHUB_\w+", names)}


def test_the_readme_names_every_setting_and_no_other() -> None:
    assert set(_rows()) == {PREFIX + field.name.upper() for field in fields(Settings)}


def test_the_readme_tells_the_true_defaults() -> None:
    words = {True: "yes", False: "no", (): ""}
    told = _rows()
    simple = [field for field in fields(Settings) if field.default and isinstance(field.default, int | str)]
    assert len(simple) > 10
    for field in simple:
        default = (
            words.get(field.default, str(field.default)) if isinstance(field.default, bool) else str(field.default)
        )
        assert told[PREFIX + field.name.upper()] == default


def test_the_two_commands_come_first() -> None:
    assert re.match(r"# .*\n\n```\nmake run .*\nmake test .*\n```", README)


@pytest.mark.parametrize("path", [ROOT / "README.md", *GUIDES], ids=lambda path: path.name)
def test_links_and_pictures_lead_to_files(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (path.parent / target).exists()] == []


def test_pictures_are_shown_and_light() -> None:
    shown = set(re.findall(r"docs/images/([\w-]+\.png)", README))
    kept = {path.name: path.stat().st_size for path in (ROOT / "docs" / "images").glob("*.png")}
    assert len(shown) >= 10 and shown == set(kept)
    assert {name for name, size in kept.items() if size > LARGEST} == set()


def test_accounts_of_the_demo_are_named() -> None:
    assert PASSWORD in README
    assert [part.username for part in CAST if f"`{part.username}`" not in README] == []


def test_each_decision_has_a_number_of_its_own_and_opens_with_it() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in pages]
    assert len(pages) > 20 and len(set(numbers)) == len(numbers)
    assert [path.name for path in pages if not path.read_text("utf-8").startswith(f"# {path.name[:4]} ")] == []


def _interface() -> set[str]:
    """Every phrase of the interface in both languages."""
    phrases: set[str] = set()
    for path in (ROOT / "learnhub").glob("*/translations/zh_CN.po"):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_CN"):
                for said in (message.id, message.string):
                    phrases.update([said] if isinstance(said, str) else said)
    return phrases


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_guides_call_things_as_the_pages_do(path: Path) -> None:
    named = re.findall(r"\*\*(.+?)\*\*", path.read_text("utf-8"))
    assert len(named) > 8
    assert set(named) - _interface() == set()


def test_there_is_a_guide_for_each_role_in_both_languages() -> None:
    assert len(GUIDES) == 5
    for path in GUIDES:
        chinese, english = path.read_text("utf-8").split("\n---\n")
        assert re.match(r"# [一-鿿]", chinese) and re.match(r"\s*# For ", english)
