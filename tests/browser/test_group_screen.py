"""The screen of a room in Chromium: what it says when the line is the trouble, and when the medium is not there."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Route, expect

from learnhub.catalog.models import Lesson
from learnhub.kernel import clock
from learnhub.media.models import Asset
from learnhub.media.uploads import life
from learnhub.sessions.models import SessionLesson, StationSession
from tests.browser.conftest import LiveServer
from tests.browser.test_player import PageFor, clip, lesson, until, wait_for_time  # noqa: F401 (fixtures)

PIECES = "**/*.m4s"


def _screen(live: LiveServer, lesson: Lesson) -> str:  # noqa: F811
    """The path of the screen of a session that shows the lesson."""
    now, cast = clock.now(), live.cast
    session = StationSession.create(
        station=cast.station, title="集中学习", starts_at=now, ends_at=now + timedelta(hours=1), state="held",
        host=cast.people["station_manager"],
    )  # fmt: skip
    SessionLesson.create(session=session, lesson=lesson, number=1)
    return f"/sessions/{session.id}/play/{lesson.id}"


def test_a_room_is_told_when_the_line_is_the_trouble_and_it_goes_on_by_itself(
    page_for: PageFor,
    live: LiveServer,
    lesson: Lesson,  # noqa: F811
) -> None:
    page, failing = page_for("station_manager"), [True]

    def answer(route: Route) -> None:
        route.fulfill(status=503, body="") if failing[0] else route.continue_()

    page.route(PIECES, answer)
    page.goto(_screen(live, lesson))
    expect(page.locator(".player-line")).to_contain_text("服务器暂时没有应答", timeout=30_000)
    failing[0] = False
    page.click('[data-control="play"]')
    wait_for_time(page, 1)
    expect(page.locator(".player-line")).to_be_hidden()


def test_a_room_is_told_when_the_medium_was_taken_away(
    page_for: PageFor,
    live: LiveServer,
    lesson: Lesson,  # noqa: F811
) -> None:
    Asset.update(unit=live.cast.county).execute()
    page, path = page_for("station_manager"), _screen(live, lesson)
    page.goto(path)
    until(page, "document.querySelector('video').readyState > 0")
    life.withdraw(live.cast.system_admin, Asset.get().id, "有错", settings=live.settings, now=clock.now())
    page.reload()
    expect(page.locator("main .notice")).to_contain_text("本课内容暂时无法播放")
    assert page.locator("video").count() == 0
    life.restore(live.cast.system_admin, Asset.get().id, settings=live.settings, now=clock.now())
    page.reload()
    until(page, "document.querySelector('video').readyState > 0")
