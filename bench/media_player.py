"""Measures the first frame and the errors of the player in Chromium, on loopback and on a poor line.

    python bench/media_player.py

A lecture of 30 seconds is prepared, the site is served by granian, and a learner opens the lesson: on loopback, and at
400 kbit/s with 200 ms delay by the browser's own throttling. The scripts are in the browser's cache, as they are from the
second lesson on; the first visit of all is told apart: by the lesson's own address with nothing kept, and for somebody
who has just typed a password or read the course's page, where they are fetched meanwhile. Seconds count from pressing
play to the first frame that moves, and from opening the page (the player loads meanwhile) to being ready to play. The
last line is JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.verdict import at_most, last_line  # noqa: E402
from learnhub.catalog.models import LessonVersion  # noqa: E402
from learnhub.config import read_settings  # noqa: E402
from learnhub.kernel import clock  # noqa: E402
from learnhub.kernel.db import connect  # noqa: E402
from learnhub.kernel.db import db as database  # noqa: E402
from learnhub.media import actions as media  # noqa: E402
from learnhub.migrations import migrate  # noqa: E402
from tests.browser.conftest import LiveServer  # noqa: E402
from tests.cast import PASSWORD, build_cast  # noqa: E402
from tests.conftest import CHROMIUM, CHROMIUM_WORDS  # noqa: E402
from tests.study.conftest import add_course, add_lesson  # noqa: E402

BARS = {"loopback": 1.5, "poor": 5.0}
FIRST_VISIT_READY_S = 7.5
"""On the poor line, with nothing of the site's player kept by the browser; it was 8.4 s."""
POOR = {"offline": False, "latency": 200, "downloadThroughput": 400 * 125, "uploadThroughput": 400 * 125}
MEANWHILE_S = 6.0
"""How long the course's page is looked at before its lesson is opened, or a password typed."""
READY = "(document.querySelector('video') || {}).readyState >= 3"
PLAYED = "document.querySelector('video').currentTime > 0.05"
LONGEST_S = 60.0


def main() -> int:
    """Prepare, serve, measure; 1 when a bar is missed."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = prepare(Path(folder))
        server.start()
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_WORDS)
            found = measure(browser, server.url)
            browser.close()
        finally:
            server.kill()
            database.close()
    bars = [at_most("player_errors", found["problems"], 0)]
    bars += [at_most(f"first_frame_{name}_s", found[f"{name}_s"], most) for name, most in BARS.items()]
    bars += [at_most("first_visit_poor_ready_s", found["poor_first_visit_ready_s"], FIRST_VISIT_READY_S)]
    for name in ("from_course", "from_sign_in"):
        bars += [at_most(f"{name}_poor_ready_s", found[f"poor_{name}_ready_s"], BARS["poor"])]
    print(last_line("media_player", bars, measured=found))
    return 0 if all(one["holds"] for one in bars) else 1


def prepare(home: Path) -> LiveServer:
    """A site with one prepared lecture."""
    port = 18_790 + os.getpid() % 1000
    url = f"sqlite:///{home}/bench.sqlite3"
    settings = read_settings({"LEARNHUB_PORT": str(port), "LEARNHUB_DATABASE_URL": url}, home=home)
    connect(url)
    migrate(database.obj)
    now = clock.now()
    cast = build_cast(now)
    clip = home / "lecture.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc=size=854x480:rate=25:duration=30")
    sound = ("-f", "lavfi", "-i", "sine=frequency=220:duration=30")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest")
    subprocess.run(["ffmpeg", "-v", "error", *picture, *sound, *coded, str(clip)], check=True)
    asset = media.add_asset(None, clip, clip.name, settings=settings, now=now)
    media.prepare_asset(asset.id, settings=settings, now=now)
    lesson = add_lesson(add_course(cast, "bench", "county", now), 1, "video", now, length_s=30)
    LessonVersion.update(asset=asset).where(LessonVersion.lesson == lesson).execute()
    return LiveServer(f"http://127.0.0.1:{port}", settings, cast)


def measure(browser: Browser, base: str) -> dict[str, float]:
    """Seconds by line; ``problems`` counts what the player had to tell."""
    found: dict[str, float] = {"problems": 0}
    for name, line in (("loopback", None), ("poor", POOR)):
        context = browser.new_context(base_url=base, viewport={"width": 1366, "height": 768})
        page = opened(context, line)
        for visit in ("_first_visit", ""):
            ready, frame, problems = watch(page)
            found |= {f"{name}{visit}_s": frame, f"{name}{visit}_ready_s": ready}
            found["problems"] += problems
        context.close()
    for name, visit in (("poor_from_course", from_course), ("poor_from_sign_in", from_sign_in)):
        ready, frame, problems = visit(browser, base)
        found |= {f"{name}_s": frame, f"{name}_ready_s": ready, "problems": found["problems"] + problems}
    return found


def from_course(browser: Browser, base: str) -> tuple[float, float, int]:
    """The first visit of all on the poor line, for somebody who reads the course's page before."""
    context = browser.new_context(base_url=base, viewport={"width": 1366, "height": 768})
    page = opened(context, POOR)
    page.goto("/courses/1")
    time.sleep(MEANWHILE_S)
    found = watch(page)
    context.close()
    return found


def from_sign_in(browser: Browser, base: str) -> tuple[float, float, int]:
    """The first visit of all on the poor line, for somebody who signs in to it."""
    context = browser.new_context(base_url=base, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", POOR)
    sign_in(page, MEANWHILE_S)
    found = watch(page)
    context.close()
    return found


def opened(context: BrowserContext, line: dict[str, Any] | None) -> Page:
    """A page on this line in which the learner has signed in, with nothing of the site kept by the browser."""
    page = context.new_page()
    sign_in(page)
    wire = context.new_cdp_session(page)
    wire.send("Network.clearBrowserCache")
    if line:
        wire.send("Network.emulateNetworkConditions", line)
    return page


def sign_in(page: Page, typing_s: float = 0) -> None:
    """The learner signs in, slowly or at once."""
    page.goto("/login")
    page.fill('input[name="username"]', "learner")
    time.sleep(typing_s)
    page.fill('input[name="password"]', PASSWORD)
    page.click('main button[type="submit"]')
    page.wait_for_url(lambda address: "/login" not in address)


def watch(page: Page) -> tuple[float, float, int]:
    """Opens the lesson and plays it: seconds until it could play, from play to the first frame, problems told."""
    begun = time.monotonic()
    page.goto("/lessons/1", wait_until="commit")
    until(page, READY)
    ready = time.monotonic() - begun
    pressed = time.monotonic()
    page.click('[data-control="play"]')
    until(page, PLAYED)
    frame = time.monotonic() - pressed
    problems = int(page.evaluate("Number(document.getElementById('player').dataset.problems || 0)"))
    return round(ready, 2), round(frame, 2), problems


def until(page: Page, condition: str) -> None:
    """Waits for a condition asked from outside."""
    deadline = time.monotonic() + LONGEST_S
    while not page.evaluate(condition):
        if time.monotonic() > deadline:
            raise RuntimeError(f"never true: {condition}")
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
