"""Names, sizes and annotations of the files that people write."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.checks.sources import PROGRAM, ROOT, browser_files, name_of, python_files, templates

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


def test_public_functions_are_annotated() -> None:
    assert _offenders(python_files(), _unannotated_functions) == {}


def test_public_functions_of_the_program_say_what_they_do() -> None:
    program = [path for path in python_files() if PROGRAM in path.parents]
    assert _offenders(program, _silent_functions) == {}


def test_files_have_at_most_400_lines() -> None:
    def too_long(text: str) -> int:
        lines = len(text.splitlines())
        return lines if lines > LONGEST_FILE else 0

    assert _offenders([*python_files(), *browser_files(), *templates()], too_long) == {}


def test_functions_have_at_most_40_lines() -> None:
    assert _offenders(python_files(), _long_functions) == {}


def test_files_are_named_after_what_they_hold() -> None:
    def vague_words(path: Path) -> set[str]:
        parts = path.relative_to(PROGRAM.parent).with_suffix("").parts
        return {word for part in parts for word in re.split(r"[_\-.]", part)} & VAGUE

    assert {name_of(path) for path in [*python_files(), *browser_files(), *templates()] if vague_words(path)} == set()


def test_own_javascript_stays_small() -> None:
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in browser_files() if path.suffix == ".js")
    assert lines < OWN_JAVASCRIPT


def test_nothing_is_left_for_later() -> None:
    pattern = re.compile("|".join(rf"\b{word[::-1]}\b" for word in ("ODOT", "EMXIF", "KCAH")))
    assert _offenders([*python_files(), *browser_files(), *templates()], pattern.findall) == {}


def test_no_test_is_skipped() -> None:
    tests = [path for path in python_files() if "tests" in path.relative_to(ROOT).parts]
    assert _offenders(tests, _skips) == {}


def _offenders(paths: list[Path], judge: Callable[[str], Any]) -> dict[str, Any]:
    """What `judge` finds in the text of each file, for the files in which it finds something."""
    return {name_of(path): found for path in paths if (found := judge(path.read_text("utf-8")))}


def _unannotated_functions(text: str) -> dict[str, list[str]]:
    return {f.name: missing for f in _public_functions(ast.parse(text)) if (missing := _unannotated(f))}


def _silent_functions(text: str) -> list[str]:
    tree = ast.parse(text)
    module = [] if ast.get_docstring(tree) or not tree.body else ["(module)"]
    return module + [
        f.name for f in tree.body if isinstance(f, Function) and not f.name.startswith("_") and not _says(f)
    ]


def _says(function: Function) -> bool:
    """Whether it has a docstring; a view is told by its page and its route."""
    return bool(ast.get_docstring(function)) or any("route" in ast.unparse(d) for d in function.decorator_list)


def _long_functions(text: str) -> dict[str, int]:
    lengths = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in _functions(ast.parse(text))}
    return {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}


def _skips(text: str) -> list[str]:
    named = [ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)]
    forbidden = ("pytest.skip", "pytest.xfail", "pytest.importorskip", "mark.skip", "mark.skipif", "mark.xfail")
    return [name for name in named if name.endswith(forbidden)]
