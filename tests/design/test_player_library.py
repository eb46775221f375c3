"""What the browser gets runs on a browser of 2020: no newer syntax in any script, no newer function in our own."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from learnhub.design.assets import static_files

ROOT = Path(__file__).resolve().parents[2]
ESBUILD = ROOT / "node_modules" / ".bin" / "esbuild"
SCRIPTS = sorted(name for name in static_files() if name.endswith(".js"))
OLDEST = "chrome80"
NEWER = (
    r"\.at\(", r"\.replaceAll\(", r"\.findLast", r"structuredClone\(", r"Object\.hasOwn\(", r"randomUUID", r"Promise\.any",
    r"WeakRef", r"\.showModal\(", r"\.toSorted\(", r"\.groupBy\(", r"AbortSignal\.timeout",
)  # fmt: skip


def printed(path: Path, target: str) -> str:
    """The script as esbuild prints it for browsers from ``target`` on: newer syntax is written out in older words."""
    words = [str(ESBUILD), str(path), f"--target={target}", "--log-level=error", "--charset=utf8"]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_needs_syntax_newer_than_the_browsers_of_2020(name: str) -> None:
    path = static_files()[name]
    assert printed(path, OLDEST) == printed(path, "esnext")


def test_own_scripts_call_nothing_that_browsers_of_2020_lack() -> None:
    own = {name: static_files()[name].read_text("utf-8") for name in SCRIPTS if not name.startswith("vendor/")}
    assert [(name, one) for name, text in own.items() for one in NEWER if re.search(one, text)] == []


def test_the_players_parts_bring_their_chinese_words_and_name_their_styles() -> None:
    parts = static_files()["vendor/media-chrome.js"].read_text("utf-8")
    assert "播放速度" in parts and "画中画" in parts
    assert len(static_files()["vendor/media-chrome.styles.json"].read_text("utf-8").split("sha256-")) > 15
