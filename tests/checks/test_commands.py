"""The Makefile, the README and the installation say the same."""

from __future__ import annotations

import ast
import configparser
import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.checks.sources import ROOT, name_of, python_files

TARGET = re.compile(r"^([a-z][a-z%-]*):(?!=)(.*)$", re.MULTILINE)
PROMISED = {"help", "run", "test", "test-quick", "check", "screenshots"}


def _targets() -> dict[str, str]:
    """Name of each target and what follows its colon."""
    return dict(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))


def _has_target(name: str) -> bool:
    return any(re.fullmatch(known.replace("%", "[a-z-]+"), name) for known in _targets())


def _documents() -> list[Path]:
    return [path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / ".ci" / "run"] if path.is_file()]


def test_every_target_has_its_sentence_in_help() -> None:
    without = [name for name, rest in _targets().items() if not re.search(r"## [A-Z].*\.", rest)]
    assert without == []
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name for name in _targets() if f"make {name} " not in told] == []


def test_promised_targets_exist() -> None:
    assert PROMISED - set(_targets()) == set()


def test_documents_name_only_targets_that_exist() -> None:
    named = {
        (name_of(path), name)
        for path in _documents()
        for name in re.findall(r"(?:^|`)make ([a-z][a-z-]*)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert {pair for pair in named if not _has_target(pair[1])} == set()


def test_scripts_named_by_the_makefile_exist_and_may_be_run() -> None:
    named = set(re.findall(r"scripts/[a-z_]+\.(?:sh|py)", (ROOT / "Makefile").read_text("utf-8")))
    assert [name for name in named if not (ROOT / name).is_file()] == []
    assert [name for name in named if name.endswith(".sh") and not (ROOT / name).stat().st_mode & 0o100] == []


def _declared() -> set[str]:
    """The names of the packages in setup.cfg, in small letters."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = config["options"]["install_requires"].split("\n") + config["options.extras_require"]["test"].split("\n")
    return {re.split(r"[\[ ><=~]", line)[0].lower() for line in lines if line.strip()}


def _imported_by(path: Path) -> set[str]:
    """The first words of the modules that a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in names}


def test_every_imported_library_is_declared() -> None:
    owners = packages_distributions()
    # What a declared library always brings and shows in its own interface.
    declared = _declared() | {"werkzeug", "jinja2", "markupsafe", "blinker"}
    scripts = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    own = {"learnhub", "tests", "bench"} | scripts | sys.stdlib_module_names
    undeclared = {
        (name_of(path), module)
        for path in python_files()
        for module in _imported_by(path) - own
        if not {owner.lower() for owner in owners.get(module, [])} & declared
    }
    assert undeclared == set()


def test_each_dependency_has_a_constraint_and_a_reason() -> None:
    names = _declared() - {"setuptools"}
    exact = (ROOT / "scripts" / "constraints.txt").read_text("utf-8").lower()
    assert {name for name in names if f"\n{name}==" not in exact} == set()
    reasons = "".join(path.read_text("utf-8").lower() for path in (ROOT / "docs" / "decisions").glob("00*.md"))
    assert {name for name in names if name not in reasons} == set()


def test_browser_libraries_are_locked_to_one_version_and_checksum() -> None:
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    for name, version in wanted.items():
        entry = locked[f"node_modules/{name}"]
        assert entry["version"] == version
        assert entry["integrity"].startswith("sha512-")
