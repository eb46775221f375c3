"""The set-up scripts say in one sentence what is missing when they may not install it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.packaging.conftest import ROOT

TOOLS = ("bash", "env", "dpkg-query", "apt-get", "mktemp", "tail", "rm", "cat")


def _machine(folder: Path, *, tools: tuple[str, ...], user: int) -> dict[str, str]:
    """An environment in which only these programs exist and `id -u` gives this user."""
    for name in tools:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    (folder / "id").write_text(f"#!/bin/sh\necho {user}\n")
    (folder / "id").chmod(0o755)
    return {"PATH": str(folder)}


def _ask_for(package: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", ROOT / "scripts" / "debian.sh", "bash", package],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_root_the_missing_package_is_named(tmp_path: Path) -> None:
    done = _ask_for("no-such-package", _machine(tmp_path, tools=TOOLS, user=1000))
    assert done.returncode == 1
    assert "Please run: apt-get install no-such-package " in done.stderr


def test_without_debian_the_missing_programs_are_named(tmp_path: Path) -> None:
    tools = tuple(name for name in TOOLS if name != "apt-get")
    done = _ask_for("no-such-package", _machine(tmp_path, tools=tools, user=0))
    assert done.returncode == 1
    assert "the programs that Debian calls: no-such-package." in done.stderr


def test_what_is_there_is_not_installed_again(tmp_path: Path) -> None:
    done = _ask_for("bash", _machine(tmp_path, tools=TOOLS, user=1000))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_setup_refuses_an_unknown_purpose() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "setup.sh", "holiday"], env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "knows run, check and test, not holiday" in done.stderr
