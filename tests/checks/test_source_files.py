"""Names, sizes and annotations of the files that people write."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.sources import PROGRAM, browser_files, name_of, python_files, templates

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
OWN_JAVASCRIPT = 3000
VAGUE = {"util", "utils", "helper", "helpers", "manager", "service", "services", "common", "misc", "tools", "lib"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _public_functions(tree: ast.Module) -> Iterator[Function]:
    """Functions of the module and methods of its classes, whose names do not begin with an underscore."""
    for node in tree.body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        for member in members:
            if isinstance(member, Function) and (not member.name.startswith("_") or member.name == "__init__"):
                yield member


def _unannotated(function: Function) -> list[str]:
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    named += [argument for argument in (function.args.vararg, function.args.kwarg) if argument]
    missing = [
        argument.arg for argument in named if argument.annotation is None and argument.arg not in ("self", "cls")
    ]
    if function.returns is None and function.name != "__init__":
        missing.append("return")
    return missing


@pytest.mark.parametrize("path", python_files(), ids=name_of)
def test_public_functions_are_annotated(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    found = {f.name: missing for f in _public_functions(tree) if (missing := _unannotated(f))}
    assert found == {}


@pytest.mark.parametrize("path", [path for path in python_files() if PROGRAM in path.parents], ids=name_of)
def test_public_functions_of_the_program_say_what_they_do(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree) or not tree.body, "the module has no docstring"
    silent = [f.name for f in tree.body if isinstance(f, Function) and not f.name.startswith("_") and not _says(f)]
    assert silent == []


def _says(function: Function) -> bool:
    """Whether it has a docstring; a view is told by its page and its route, a command by its help text."""
    return bool(ast.get_docstring(function)) or any("route" in ast.unparse(d) for d in function.decorator_list)


@pytest.mark.parametrize("path", [*python_files(), *browser_files(), *templates()], ids=name_of)
def test_files_have_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", python_files(), ids=name_of)
def test_functions_have_at_most_40_lines(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    lengths = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in _functions(tree)}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", [*python_files(), *browser_files()], ids=name_of)
def test_files_are_named_after_what_they_hold(path: Path) -> None:
    words = {
        word for part in path.relative_to(PROGRAM.parent).with_suffix("").parts for word in re.split(r"[_\-.]", part)
    }
    assert words & VAGUE == set()


def test_own_javascript_stays_small() -> None:
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in browser_files() if path.suffix == ".js")
    assert lines < OWN_JAVASCRIPT


@pytest.mark.parametrize("path", [*python_files(), *browser_files(), *templates()], ids=name_of)
def test_nothing_is_left_for_later(path: Path) -> None:
    if path.name == Path(__file__).name:
        return
    assert re.search(r"\b(TODO|FIXME|XXX|HACK)\b", path.read_text("utf-8")) is None


@pytest.mark.parametrize("path", [path for path in python_files() if "tests" in path.parts], ids=name_of)
def test_no_test_is_skipped(path: Path) -> None:
    calls = [
        ast.unparse(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)
    ]
    forbidden = {"pytest.skip", "pytest.xfail", "pytest.importorskip", "mark.skip", "mark.skipif", "mark.xfail"}
    assert [call for call in calls if call.removeprefix("pytest.") in forbidden or call in forbidden] == []
