"""Every word of the interface exists in Chinese, and says the same with the same placeholders."""

from __future__ import annotations

import subprocess
import sys

from babel.messages.pofile import read_po

from tests.checks.sources import ROOT, feature_catalogues, name_of


def test_no_translation_is_missing_fuzzy_or_obsolete() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "messages.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_catalogues_keep_the_placeholders() -> None:
    errors = []
    for path in feature_catalogues():
        with path.open("rb") as file:
            catalogue = read_po(file, locale="zh_CN")
        errors += [f"{name_of(path)}: {m.id}: {error}" for m, found in catalogue.check() for error in found]
    assert errors == []
