"""Which files the checks look at."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "learnhub"


def python_files() -> list[Path]:
    """Every Python file of the project that people write; migrations are drafted by a script and never edited."""
    folders = ("learnhub", "tests", "scripts", "bench")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    drafted = [path for path in found if path.parent.name == "migrations" and path.stem[:4].isdigit()]
    return sorted({*found, ROOT / "wsgi.py"} - set(drafted))


def browser_files() -> list[Path]:
    """The project's own scripts and style sheets for the browser, without the libraries of others."""
    found = [path for suffix in ("js", "css") for path in PROGRAM.rglob(f"static/**/*.{suffix}")]
    return sorted(path for path in found if "vendor" not in path.parts)


def templates() -> list[Path]:
    """Every page template."""
    return sorted(PROGRAM.rglob("templates/**/*.html"))


def feature_catalogues() -> list[Path]:
    """Every Chinese catalogue of words."""
    return sorted(PROGRAM.glob("*/translations/*.po"))


def name_of(path: Path) -> str:
    """The path as one writes it: from the root of the project."""
    return str(path.relative_to(ROOT))
