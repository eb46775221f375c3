"""The site in a browser of six years ago: a lesson is played and credited there, and the pages look as they should."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from learnhub.catalog.models import Lesson
from learnhub.study.models import LedgerEntry, Progress
from tests.browser.chromium_2020 import VERSION, chromium_2020, press, write
from tests.browser.conftest import LiveServer
from tests.browser.test_player import clip, lesson, until  # noqa: F401 (fixtures)
from tests.cast import PASSWORD
from tests.conftest import CHROMIUM_WORDS

PLAYS = """MediaSource.isTypeSupported('video/mp4; codecs="avc1.4d401f,mp4a.40.2"')"""
VIDEO = "document.querySelector('video')"
FLOWS_OUT = """[...document.querySelectorAll('main *, header *')].filter((part) => {
  const { right, width } = part.getBoundingClientRect();
  return width && right > document.documentElement.clientWidth + 1 && !part.closest('.table-scroll, .unseen, [hidden]');
}).map((part) => part.outerHTML.slice(0, 90))"""
UNSTYLED = "[...document.styleSheets].filter((sheet) => !sheet.cssRules.length).map((sheet) => sheet.href)"

PageFor = Callable[..., Page]


@pytest.fixture(scope="session")
def old_browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium 88 of November 2020."""
    started = playwright.chromium.launch(executable_path=chromium_2020(), args=CHROMIUM_WORDS)
    yield started
    started.close()


@pytest.fixture
def old_page_for(old_browser: Browser, live: LiveServer) -> Iterator[PageFor]:
    """``old_page_for("learner")``: a page of the old browser with that person signed in; every error told fails the test."""
    contexts, problems = [], []

    def listen(said: ConsoleMessage) -> None:
        if said.type == "error":
            problems.append(said.text)

    def open_page(who: str, *, width: int = 1366, height: int = 768) -> Page:
        context = old_browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", base_url=live.url
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", listen)
        page.goto("/login")
        write(page, 'input[name="username"]', live.cast.username(who))
        write(page, 'input[name="password"]', PASSWORD)
        press(page, 'main button[type="submit"]')
        page.wait_for_url(lambda address: "/login" not in address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def test_a_lesson_is_watched_and_credited_in_a_browser_of_2020(
    old_browser: Browser,
    old_page_for: PageFor,
    lesson: Lesson,  # noqa: F811
) -> None:
    assert old_browser.version.startswith(VERSION)
    page = old_page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    assert page.evaluate(PLAYS)
    until(page, f"{VIDEO}.readyState > 0")
    press(page, '[data-control="play"]')
    until(page, f"{VIDEO}.currentTime > 0.5")
    assert page.evaluate(f"{VIDEO}.textTracks[0].mode") == "showing"
    assert page.evaluate(f"{VIDEO}.textTracks[0].activeCues[0].text") == "第一句"
    assert page.evaluate("document.querySelector('.transcript [aria-current]').textContent").endswith("第一句")
    press(page, '[data-control="settings"]')
    assert page.evaluate("document.querySelector('#player-settings').offsetHeight") > 40
    heights = page.evaluate(
        """[...document.querySelector('[data-control="quality"]').options].map((one) => one.value)"""
    )
    assert {"auto", "saver", "240", "360"} <= set(heights)
    page.evaluate("""document.querySelector('[data-control="quality"]').focus()""")
    page.keyboard.press("ArrowDown")
    until(page, """document.querySelector('[data-control="quality"]').value === 'saver'""")
    until(page, f"{VIDEO}.ended")
    until(page, "!document.querySelector('#lesson-done').hidden", 20)
    assert Progress.get().seen_ms >= 10_800  # 90 % of 12 s
    assert LedgerEntry.get().source == "online"
    page.goto("/my-year")
    assert page.evaluate("document.querySelectorAll('tbody tr').length") == 1


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["pc", "phone"])
def test_the_main_pages_stand_in_a_browser_of_2020(
    old_page_for: PageFor,
    lesson: Lesson,  # noqa: F811
    size: tuple[int, int],
) -> None:
    page = old_page_for("learner", width=size[0], height=size[1])
    for address in ("/", "/courses", "/search?q=clip", "/my-year", f"/lessons/{lesson.id}"):
        answer = page.goto(address)
        assert answer is not None and answer.ok, address
        assert page.evaluate("document.querySelector('h1').offsetHeight") > 20, address
        assert page.evaluate(UNSTYLED) == [], address
        assert page.evaluate(FLOWS_OUT) == [], address
