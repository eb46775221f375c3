"""The import table of the house, read from the sources; imports inside functions count too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import learnhub

ROOT = Path(learnhub.__file__).parent

BASE = {"kernel", "design", "org"}
MAY_IMPORT = {
    "kernel": set(),
    "design": {"kernel"},
    "org": {"kernel", "design"},
    "media": BASE,
    "catalog": BASE | {"media"},
    "study": BASE | {"media", "catalog"},
    "sessions": BASE | {"media", "catalog", "study"},
    "years": BASE | {"media", "catalog", "study", "sessions"},
    "proofs": BASE | {"media", "catalog", "study"},
    "search": BASE,
    "reports": BASE | {"media", "catalog", "study", "sessions"},
    "desks": BASE | {"media", "catalog", "study", "sessions", "years", "search", "reports"},
}
CLOSED_ROOMS = {"views", "forms", "tasks", "cli", "api"}
FRAMEWORK_FREE = {"rules", "models", "actions", "queries"}
ROOF = {"app", "cli", "config", "wiring", "server", "tables", "migrations", "demo", "__init__"}


def sources() -> list[Path]:
    """Every Python file of the program."""
    return sorted(ROOT.rglob("*.py"))


def imported_by(path: Path) -> Iterator[str]:
    """The dotted names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(name: str) -> list[str]:
    """``learnhub.study.rules`` → ["study", "rules"]; [] for what is not ours."""
    parts = name.split(".")
    return parts[1:] if parts[0] == "learnhub" else []


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_downward_only(path: Path) -> None:
    feature = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if feature in ROOF:
        return
    for name in imported_by(path):
        target = place(name)
        if not target or target[0] == feature or target[0] == "__version__":
            continue
        allowed = MAY_IMPORT[feature] | {"config"}
        assert target[0] in allowed, f"{path.relative_to(ROOT)} may not import {name}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_of_other_features_that_are_closed_stay_closed(path: Path) -> None:
    feature = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if feature in ROOF:
        return
    for name in imported_by(path):
        target = place(name)
        if len(target) > 1 and target[0] != feature:
            assert target[1] not in CLOSED_ROOMS, f"{path.relative_to(ROOT)} reaches into {name}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_business_rooms_know_no_framework(path: Path) -> None:
    rooms = {part.removesuffix(".py") for part in path.relative_to(ROOT).parts[1:]}
    names = set(imported_by(path))
    tops = {name.split(".")[0] for name in names}
    if rooms & FRAMEWORK_FREE:
        assert not tops & {"flask", "flask_login", "flask_wtf"}, f"{path}: Flask in a business room"
        assert "learnhub.kernel.clock.now" not in names, f"{path}: business code takes the time as an argument"
    if "rules" in rooms:
        assert not tops & {"peewee", "requests", "socket"}, f"{path}: rules do no input or output"


def test_every_feature_says_what_it_is() -> None:
    for feature in MAY_IMPORT:
        doc = ast.get_docstring(ast.parse((ROOT / feature / "__init__.py").read_text("utf-8")))
        assert doc and len(doc) > 40, f"{feature}/__init__.py needs a paragraph"
