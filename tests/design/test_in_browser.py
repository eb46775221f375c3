"""The gallery in Chromium: nothing sticks out, targets are large, menus and jobs work, nothing is complained about."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

pytestmark = pytest.mark.slow
SMALL = """
() => [...document.querySelectorAll('button, a.button, input:not([type=hidden]), select, summary, .pager a, nav li a')]
  .filter(e => e.offsetParent && !e.closest('.breadcrumb') && !['radio', 'checkbox'].includes(e.type))
  .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 100))
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def address(app: Flask, account: object) -> Iterator[str]:
    """The small application served on a free port, with somebody signed in."""
    account.name = "李㛃"  # type: ignore[attr-defined]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails the test when its console complains; it closes before the server does."""
    context = browser.new_context()
    made = context.new_page()
    said: list[str] = []
    made.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    made.on("pageerror", lambda error: said.append(str(error)))
    yield made
    context.close()
    assert said == []


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("size", ["normal", "large"])
def test_gallery_fits_every_screen_with_large_targets(page: Page, address: str, language: str, size: str) -> None:
    page.context.add_cookies(
        [{"name": "lang", "value": language, "url": address}, {"name": "type", "value": size, "url": address}]
    )
    page.goto(f"{address}/gallery")
    for width in (320, 390, 820, 821, 1024, 1366):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate(OVERFLOW) == 0, f"sticks out at {width} px"
        assert page.evaluate(SMALL) == [], f"small targets at {width} px"


def test_language_is_changed_by_one_press(page: Page, address: str) -> None:
    page.context.add_cookies([{"name": "lang", "value": "zh_CN", "url": address}])
    page.goto(f"{address}/gallery")
    page.locator("button[name=lang]:visible").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.url == f"{address}/gallery"


def test_person_menu_closes_with_escape_and_gives_the_focus_back(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery")
    page.locator(".person-menu summary").click()
    assert page.locator(".person-panel").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".person-panel").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_job_is_followed_to_its_end(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery")
    page.locator('.job[data-state="done"]').wait_for()
    assert page.locator(".job progress").evaluate("bar => bar.value / bar.max") == 1


def test_roll_call_is_made_by_arrow_keys(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery")
    page.locator("#f-person-1-1").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#f-person-1-2").is_checked()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "person-2"


def test_first_press_of_tab_offers_the_way_past_the_menu(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
