"""axe-core finds nothing serious on the main pages, each seen by the member of the cast who works with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from learnhub.catalog.models import Lesson
from learnhub.kernel import clock
from learnhub.sessions import actions
from learnhub.sessions.models import StationSession
from learnhub.sessions.rules import SessionPlan
from tests.browser.conftest import LiveServer
from tests.browser.test_player import clip, lesson  # noqa: F401 (fixtures)
from tests.cast import PASSWORD

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}
SIZES = {"pc": (1366, 768), "phone": (390, 844)}
PAGES = {
    None: ["/login", "/gallery", "/nowhere"],
    "learner": ["/", "/courses", "/courses/{course}", "/lessons/{lesson}", "/my-year", "/search?q=学习", "/account"],
    "station_manager": ["/sessions", "/sessions/new", "/sessions/{session}", "/sessions/{session}/roll"],
    "editor": ["/editing", "/editing/courses/{course}"],
    "department": ["/records"],
    "auditor": ["/audit"],
    "system_admin": ["/system", "/units", "/people"],
}
LOOK = "axe.run(document, {resultTypes: ['violations'], preload: false, elementRef: false})"


@pytest.fixture
def session(live: LiveServer, lesson: Lesson) -> StationSession:  # noqa: F811
    """A session whose roll is open."""
    now = clock.now()
    host = live.cast.actor("station_manager", now)
    plan = SessionPlan(
        station_id=live.cast.stations["station"].id,
        title="集中学习",
        starts_at=now + timedelta(minutes=1),
        ends_at=now + timedelta(minutes=61),
        host_id=host.person_id,
        lesson_ids=(lesson.id,),
    )
    planned = actions.schedule_session(host, plan, now=now)
    return actions.hold_session(host, planned.id, now=now)


@pytest.fixture(params=SIZES)
def open_page(request: pytest.FixtureRequest, browser: Browser, live: LiveServer) -> Iterator[Page]:
    """A page, on the PC and on the phone, into which a script can be put from outside in spite of its policy."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=live.url, bypass_csp=True)
    yield context.new_page()
    context.close()


def sign_in(page: Page, who: str) -> None:
    """Signs in as a member of the cast, whoever was signed in before."""
    page.context.clear_cookies()
    page.goto("/login")
    page.fill('input[name="username"]', who)
    page.fill('input[name="password"]', PASSWORD)
    page.click('main button[type="submit"]')
    page.wait_for_url(lambda address: "/login" not in address)


def test_axe_finds_nothing_serious_on_the_main_pages(
    open_page: Page,
    session: StationSession,
    lesson: Lesson,  # noqa: F811
) -> None:
    known = {"course": lesson.course_id, "lesson": lesson.id, "session": session.id}
    script = AXE.read_text(encoding="utf-8")
    found: list[tuple[str, str, object]] = []
    for who, addresses in PAGES.items():
        if who:
            sign_in(open_page, who)
        for address in addresses:
            open_page.goto(address.format(**known))
            open_page.evaluate(script)
            answer = open_page.evaluate(LOOK)
            grave = [one for one in answer["violations"] if one["impact"] in GRAVE]
            found += [(address, one["id"], one["nodes"][0]["target"]) for one in grave]
            assert answer["passes"]
    assert found == []
