"""Take the pictures of the README from the demo: `make screenshots`.

Uses the server that answers at LEARNHUB_PORT (default 8000); when none does, starts one for the time of the pictures
(load the demo first: `make run`). Each line of PICTURES is one page as one person of the demo sees it. The pictures go
to docs/images as PNGs of at most 256 colours and 200 kB. Nothing is written to the demo.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

import look
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as NotThere

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images"
BASE = f"http://127.0.0.1:{os.environ.get('LEARNHUB_PORT', '8000')}"
PASSWORD = "Yuxi-2026-demo"
LIMIT = 200_000


class Picture(NamedTuple):
    """A page of the demo; ``clicks`` are made one after the other before the picture: CSS, alternatives between bars.

    ``account``: who looks (empty: signed out). ``size``: pc or phone. ``lang``: zh or en.
    """

    name: str
    account: str
    path: str
    clicks: tuple[str, ...] = ()
    size: str = "pc"
    lang: str = "zh"
    wait_ms: int = 400


FIRST_LESSON = "main a[href^='/lessons/']"
VIDEO_COURSE = "/courses?kind=video&text=%E4%B9%A1%E6%9D%91%E6%8C%AF%E5%85%B4"

PICTURES = (
    Picture("home", "ganbu", "/"),
    Picture("courses", "ganbu", "/courses"),
    Picture("player", "ganbu", VIDEO_COURSE, (".course-card .card-title a", FIRST_LESSON), wait_ms=4000),
    Picture("my-year", "ganbu", "/my-year"),
    Picture("search", "ganbu", "/search?q=%E7%B2%AE%E9%A3%9F%E5%AE%89%E5%85%A8"),
    Picture("sessions", "zhandian", "/sessions"),
    Picture("roll", "zhandian", "/sessions", (".entry:has-text('点名中') a | .entry.held a", "main a[href$='/roll']")),
    Picture("department", "bumen", "/#department"),
    Picture("records", "bumen", "/records"),
    Picture("home-en", "zhandian", "/", lang="en"),
    Picture("records-en", "shibumen", "/records", lang="en"),
    Picture("home-phone", "ganbu", "/", size="phone"),
    Picture("player-phone", "ganbu", VIDEO_COURSE, (".course-card .card-title a", FIRST_LESSON), "phone", wait_ms=4000),
)


def main(names: list[str]) -> int:
    """Take all pictures, or those named; the number of pages that could not be taken."""
    TARGET.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in PICTURES if not names or one.name in names]
    with serving(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=look.CHROMIUM, args=look.ARGUMENTS)
        bad = sum(not take(browser, picture) for picture in wanted)
        browser.close()
    return bad


@contextmanager
def serving() -> Iterator[None]:
    """A server at BASE: the one that runs, or one for the time being."""
    try:
        urlopen(f"{BASE}/healthz", timeout=5).close()
    except (URLError, TimeoutError, ConnectionError):
        with subprocess.Popen([sys.executable, "-m", "learnhub.cli", "serve"], cwd=ROOT) as process:
            try:
                look.wait_for(f"{BASE}/healthz", process)
                yield
            finally:
                process.terminate()
    else:
        yield


def take(browser: Browser, picture: Picture) -> bool:
    """Take one picture and say how it went; True when it was written."""
    width, height = look.SIZES[picture.size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=look.LANGUAGES[picture.lang],
        is_mobile=picture.size == "phone", has_touch=picture.size == "phone", timezone_id="Asia/Shanghai",
    )  # fmt: skip
    context.add_cookies([{"name": "lang", "value": {"zh": "zh_CN", "en": "en"}[picture.lang], "url": BASE}])
    try:
        if picture.account:
            look.sign_in(context, f"{BASE}/login", f"{picture.account}:{PASSWORD}")
        size = write(arrive(context.new_page(), picture), picture.name)
    except NotThere as error:
        print(f"{picture.name}: not taken: {str(error).splitlines()[0]}")
        return False
    finally:
        context.close()
    print(f"{picture.name}: {size / 1000:.0f} kB")
    return size <= LIMIT


def arrive(page: Page, picture: Picture) -> bytes:
    """Open the page, make the clicks, wait until it stands still; the picture as PNG."""
    page.goto(BASE + picture.path)
    for selector in picture.clicks:
        found = [page.locator(one).locator("visible=true") for one in selector.split(" | ")]
        next((one for one in found if one.count()), found[-1]).first.click(timeout=8000)
        page.wait_for_load_state("load")
    page.wait_for_timeout(picture.wait_ms)
    return page.screenshot()


def write(png: bytes, name: str) -> int:
    """Reduce the picture to a palette, write it, and return its size in bytes."""
    path = TARGET / f"{name}.png"
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
