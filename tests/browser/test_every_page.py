"""Every page of the table of routes, on a phone in English and at twice the usual type size: axe-core and the width."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from flask import Flask, url_for
from playwright.sync_api import Browser, Page
from werkzeug.routing import Rule

from learnhub.app import create_app
from learnhub.kernel.db import transaction
from tests.browser.conftest import LiveServer
from tests.browser.test_accessibility import AXE, LOOK, sign_in
from tests.checks.objects import FIXED, MAKERS, record_of
from tests.checks.test_route_matrix import OPENS, ROWS, Row
from tests.conftest import CHROMIUM, CHROMIUM_WORDS

PHONE = {"width": 390, "height": 844}
READERS = ("learner", "system_admin", "station_manager", "editor", "department", "auditor", "unit_admin")
"""Who looks at a page: the first of these to whom it opens."""
NOT_PAGES = {"healthz", "readyz", "design.gallery_job"}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def reader_of(row: Row) -> str | None:
    """The role that looks at this route, if it is one to look at."""
    if row.method != "GET" or row.query or row.endpoint in NOT_PAGES:
        return None
    return next((role for role in READERS if row.cell(role)[0] == OPENS), None)


def addresses(app: Flask, live: LiveServer) -> Iterator[tuple[str, str]]:
    """Role and address of each page, for objects in the learner's own village, and everybody's home page."""
    unit = live.cast.units["village"]
    rules: dict[str, Rule] = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    with transaction():
        made = {name: make(unit) for name, make in MAKERS.items()}
        record_of(unit)
    with app.test_request_context():
        for row in ROWS:
            who = reader_of(row)
            if who:
                yield (
                    who,
                    url_for(row.endpoint, **{name: {**FIXED, **made}[name] for name in rules[row.endpoint].arguments}),
                )
    yield from ((who, "/") for who in READERS)


@pytest.fixture
def pages(live: LiveServer) -> list[tuple[str, str]]:
    """The pages in the order of who looks, so that everybody signs in once."""
    return sorted(set(addresses(create_app(live.settings), live)))


def looked_at(page: Page, pages: list[tuple[str, str]]) -> Iterator[str]:
    """Opens one page after the other; files and JSON are passed over. Nobody asks how far a job is: it would lead away."""
    page.route(re.compile("/(progress|state|preparing)$"), lambda route: route.fulfill(status=404))
    signed_in = ""
    for who, address in pages:
        if who != signed_in:
            sign_in(page, who)
            signed_in = who
            page.context.add_cookies([{"name": "lang", "value": "en", "url": page.url}])
        answer = page.context.request.get(address, max_redirects=0)
        if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
            page.goto(address, wait_until="load")
            yield address


def test_axe_finds_nothing_on_any_page_and_none_scrolls_sideways_on_a_phone(
    browser: Browser, live: LiveServer, pages: list[tuple[str, str]]
) -> None:
    context = browser.new_context(viewport=PHONE, base_url=live.url, bypass_csp=True, locale="en-GB")
    page, script, found, seen = context.new_page(), AXE.read_text("utf-8"), [], 0
    for address in looked_at(page, pages):
        seen += 1
        page.evaluate(script)
        found += [(address, one["id"], one["nodes"][0]["target"]) for one in page.evaluate(LOOK)["violations"]]
        if page.evaluate(OVERFLOW) > 0:
            found.append((address, "wider than the screen", page.evaluate(OVERFLOW)))
    context.close()
    assert found == []
    assert seen > 60


def test_no_page_scrolls_sideways_where_the_browser_shows_type_at_twice_its_size(
    browser: Browser, live: LiveServer, pages: list[tuple[str, str]]
) -> None:
    words = [*CHROMIUM_WORDS, "--blink-settings=defaultFontSize=32"]
    large = browser.browser_type.launch(executable_path=os.environ.get("CHROMIUM", CHROMIUM), args=words)
    page = large.new_context(viewport=PHONE, base_url=live.url).new_page()
    wide = [address for address in looked_at(page, pages) if page.evaluate(OVERFLOW) > 0]
    size = page.evaluate("getComputedStyle(document.documentElement).fontSize")
    large.close()
    assert (wide, size) == ([], "34px")
