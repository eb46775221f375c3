"""Take the pictures of the README from a running demo: `make screenshots` (start `make run` first).

Each line of PICTURES is one page as one person sees it; the pictures go to docs/pictures, in Chinese and English.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "pictures"
BASE = f"http://127.0.0.1:{os.environ.get('LEARNHUB_PORT', '8000')}"


class Picture(NamedTuple):
    """A page, the demo account `user:password` that looks at it (none: signed out), and the screen, pc or phone."""

    path: str
    account: str | None
    size: str


PICTURES = [
    Picture("/login", None, "pc"),
    Picture("/gallery", None, "pc"),
]


def take_pictures() -> int:
    """Take them all; the number of pages that answered with an error, overflowed or complained."""
    bad = 0
    for picture in PICTURES:
        command = [sys.executable, ROOT / "scripts" / "look.py", picture.path, "--base", BASE, "--out", TARGET]
        command += ["--size", picture.size]
        command += ["--as", picture.account] if picture.account else []
        bad += subprocess.run(command, check=False).returncode != 0
    return bad


if __name__ == "__main__":
    sys.exit(take_pictures())
