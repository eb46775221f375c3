"""The player on lines that are slow, break or end in an expired address: it says so, and goes on by itself."""

from __future__ import annotations

from playwright.sync_api import CDPSession, Page, Route, expect

from learnhub.catalog.models import Lesson
from learnhub.media import actions as media
from learnhub.study.models import Progress
from tests.browser.conftest import LiveServer
from tests.browser.test_player import PageFor, clip, current_time, lesson, until, wait_for_time  # noqa: F401 (fixtures)

PIECES = "**/*.m4s"


def line_of(page: Page) -> CDPSession:
    """The browser's own throttling of one page."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    return session


def set_line(session: CDPSession, *, kbit: int = -1, is_off: bool = False, latency_ms: int = 0) -> None:
    speed = kbit * 125 if kbit > 0 else -1
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": is_off, "latency": latency_ms, "downloadThroughput": speed, "uploadThroughput": speed},
    )


def test_a_cut_line_is_told_and_playing_goes_on_by_itself_at_the_same_second(
    page_for: PageFor,
    lesson: Lesson,  # noqa: F811
) -> None:
    page = page_for("learner")
    line = line_of(page)
    served: list[str] = []

    def only_the_beginning(route: Route) -> None:
        served.append(route.request.headers.get("range", ""))
        route.continue_()

    page.route(PIECES, only_the_beginning)
    page.goto(f"/lessons/{lesson.id}")
    until(page, "document.querySelector('video').readyState > 0")
    set_line(line, is_off=True)
    page.click('[data-control="play"]')
    page.evaluate("document.querySelector('video').currentTime = 9")  # what is not loaded has to be fetched
    if page.evaluate("(b => b.length && b.end(b.length - 1) < 11)(document.querySelector('video').buffered)"):
        expect(page.locator(".player-line")).to_contain_text("网络断了", timeout=15_000)
    set_line(line)
    wait_for_time(page, 9.5)
    expect(page.locator(".player-line")).to_be_hidden(timeout=15_000)
    assert served


def test_a_server_that_fails_is_told_and_tried_again(page_for: PageFor, lesson: Lesson) -> None:  # noqa: F811
    page = page_for("learner")
    failing = [True]

    def answer(route: Route) -> None:
        route.fulfill(status=503, body="") if failing[0] else route.continue_()

    page.route(PIECES, answer)
    page.goto(f"/lessons/{lesson.id}")
    expect(page.locator(".player-line")).to_contain_text("服务器", timeout=30_000)
    failing[0] = False
    page.click('[data-control="play"]')
    wait_for_time(page, 1)
    expect(page.locator(".player-line")).to_be_hidden()


def test_an_expired_address_is_renewed_without_a_word_at_the_same_second(
    page_for: PageFor,
    lesson: Lesson,  # noqa: F811
) -> None:
    page = page_for("learner")
    expired, asked = [True], []

    def answer(route: Route) -> None:
        route.fulfill(status=403, body="") if expired[0] else route.continue_()

    def fresh(route: Route) -> None:
        asked.append(route.request.url)
        expired[0] = False
        route.continue_()

    page.route("**/m/**/*.m4s", answer)
    page.route("**/sources", fresh)
    page.goto(f"/lessons/{lesson.id}?t=6")
    page.click('[data-control="play"]')
    wait_for_time(page, 7)
    assert len(asked) == 1
    expect(page.locator(".player-line")).to_be_hidden()
    page.click('[data-control="play"]')
    page.wait_for_timeout(1500)
    assert Progress.get().seen_ms < 3_000  # nothing was counted that did not play


def test_who_may_no_longer_watch_is_told_so(page_for: PageFor, lesson: Lesson) -> None:  # noqa: F811
    page = page_for("learner")
    page.route("**/m/**/*.m4s", lambda route: route.fulfill(status=403, body=""))
    page.goto(f"/lessons/{lesson.id}")
    page.context.clear_cookies()
    page.click('[data-control="play"]')
    expect(page.locator(".player-line")).to_contain_text("重新登录", timeout=15_000)


def test_listening_and_a_second_language_of_captions_and_the_search_in_the_words(
    page_for: PageFor,
    lesson: Lesson,  # noqa: F811
    live: LiveServer,
) -> None:
    english = "WEBVTT\n\n00:00.000 --> 00:04.000\nfirst one\n\n00:04.000 --> 00:12.000\nsecond one\n"
    media.add_captions(1, "en", english.encode(), settings=live.settings)
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    until(page, "document.querySelector('video').readyState > 0")
    page.click('[data-control="settings"]')
    page.select_option('[data-control="size"]', "huge")
    page.select_option('[data-control="caption-language"]', "en")
    expect(page.locator(".transcript ol")).to_contain_text("second one")
    page.fill("#transcript-search", "ONE")
    expect(page.locator("[data-found]")).to_have_text("第 1 处，共 2 处")
    page.press("#transcript-search", "Enter")
    expect(page.locator(".transcript .is-found")).to_contain_text("second")
    page.click('[data-control="listen"]')
    until(page, "document.querySelector('.player').classList.contains('is-sound')")
    page.click('[data-control="play"]')
    wait_for_time(page, 1)
    page.reload()  # the choices are remembered
    until(page, "document.querySelector('.player').classList.contains('is-sound')")
    assert page.evaluate("document.querySelector('.player').classList.contains('captions-huge')")
    expect(page.locator(".transcript ol")).to_contain_text("first one")


def test_two_taps_move_ten_seconds_and_without_scripts_there_is_a_plain_video(
    page_for: PageFor,
    lesson: Lesson,  # noqa: F811
) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    until(page, "document.querySelector('video').readyState > 0")
    tap = """side => { const v = document.querySelector('video'); const b = v.getBoundingClientRect();
        for (let n = 0; n < 2; n += 1) v.dispatchEvent(new PointerEvent('pointerup', {bubbles: true, pointerType: 'touch',
        button: 0, clientX: b.left + b.width * side})); }"""
    page.evaluate(tap, 0.8)
    until(page, "Math.abs(document.querySelector('video').currentTime - 10) < 0.2")
    page.evaluate(tap, 0.2)
    until(page, "document.querySelector('video').currentTime < 0.2")
    assert current_time(page) < 0.2
    plain = page.context.browser.new_context(
        base_url=page.url.partition("/lessons")[0],
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
    )
    bare = plain.new_page()
    bare.goto(f"/lessons/{lesson.id}")
    expect(bare.locator("noscript video[controls]")).to_have_count(1)
    plain.close()
