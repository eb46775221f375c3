"""``learnhub search``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from learnhub.cli import main
from learnhub.kernel.db import db as kernel_db


@pytest.fixture
def environ(db: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a command on an empty database."""
    return {"LEARNHUB_HOME": str(tmp_path), "LEARNHUB_DATABASE_URL": db, "LEARNHUB_LOG_LEVEL": "error"}


def test_an_index_is_rebuilt_and_found_sound(environ: dict[str, str]) -> None:
    kernel_db.close()  # the commands connect by themselves
    runner = CliRunner(env=environ)
    missing = runner.invoke(main, ["search", "check"])
    assert (missing.exit_code, missing.output) == (1, "missing\n")
    assert "texts are indexed" in runner.invoke(main, ["search", "rebuild"]).output
    sound = runner.invoke(main, ["search", "check"])
    assert (sound.exit_code, sound.output) == (0, "the index is sound\n")
