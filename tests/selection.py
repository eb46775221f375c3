"""Which tests run: the option `--quick`, and the larger real files that may be absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SLOW_FOLDERS = {"browser", "packaging"}


def shared_data_folder() -> Path:
    """Where the larger real files are looked for: LEARNHUB_SHARED_DATA, by default ../shared/data."""
    return Path(os.environ.get("LEARNHUB_SHARED_DATA") or ROOT.parent / "shared" / "data").resolve()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--quick`."""
    parser.addoption("--quick", action="store_true", help="SQLite only; no browser, no packaging, nothing slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--quick` does not want and what has no data."""
    has_data = shared_data_folder().is_dir()
    kept, left_out = [], []
    for item in items:
        wanted = has_data or item.get_closest_marker("shared_data") is None
        if config.getoption("quick"):
            wanted = wanted and not _is_slow(item)
        (kept if wanted else left_out).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line whether the larger cases ran."""
    folder = shared_data_folder()
    if folder.is_dir():
        line = f"Larger cases: ran, with the real files of {folder}"
    else:
        line = f"Larger cases: did NOT run, {folder} is absent (set LEARNHUB_SHARED_DATA)"
    terminalreporter.write_line(line)


def _is_slow(item: pytest.Item) -> bool:
    folders = set(item.path.relative_to(ROOT / "tests").parts[:-1])
    return bool(folders & SLOW_FOLDERS) or item.get_closest_marker("slow") is not None or _is_on_postgres(item)


def _is_on_postgres(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and "postgres" in callspec.params.values()
