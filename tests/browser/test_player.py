"""A real stream of twelve seconds, played in Chromium in real time; what was seen is what the server credits."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from learnhub.catalog.models import Lesson, LessonVersion
from learnhub.kernel import clock
from learnhub.media import actions as media
from learnhub.media.models import Asset
from learnhub.study.models import LedgerEntry, Progress, Viewing
from tests.browser.conftest import LiveServer
from tests.study.conftest import add_course, add_lesson

CAPTIONS = (
    "WEBVTT\n\n00:00.000 --> 00:04.000\n第一句\n\n00:04.000 --> 00:08.000\n第二句\n\n00:08.000 --> 00:12.000\n第三句\n"
)
KEPT = """new Promise((found) => {
  indexedDB.open('learnhub.study').onsuccess = (opened) => {
    const counted = opened.target.result.transaction('reports').objectStore('reports').count();
    counted.onsuccess = () => found(counted.result);
  };
})"""
"""How many viewings this browser keeps reports of."""

PageFor = Callable[..., Page]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of picture and sound."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=12:duration=12"),
            *("-f", "lavfi", "-i", "sine=frequency=300:duration=12", "-c:v", "libx264", "-preset", "ultrafast"),
            *("-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)),
        ],
        check=True,
    )
    return path


@pytest.fixture
def lesson(live: LiveServer, clip: Path) -> Lesson:
    """The clip as a prepared, published video lesson with captions."""
    now: datetime = clock.now()
    asset = media.add_asset(None, clip, "clip.mp4", settings=live.settings, now=now)
    media.prepare_asset(asset.id, settings=live.settings, now=now)
    media.add_captions(asset.id, "zh-CN", CAPTIONS.encode(), settings=live.settings, label="中文")
    course = add_course(live.cast, "clip", "county", now)
    made = add_lesson(course, 1, "video", now, length_s=12)
    LessonVersion.update(asset=asset).where(LessonVersion.lesson == made).execute()
    assert Asset.get_by_id(asset.id).state == "ready"
    return made


def until(page: Page, condition: str, seconds: float = 60) -> None:
    """Waits for a condition in JavaScript; asked from outside, since the page's own policy forbids eval."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"never true: {condition}"
        page.wait_for_timeout(100)


def current_time(page: Page) -> float:
    return float(page.evaluate("document.querySelector('video').currentTime"))


def wait_for_time(page: Page, seconds: float) -> None:
    until(page, f"document.querySelector('video').currentTime >= {seconds}")


def test_watching_ninety_percent_in_real_time_earns_the_hours(page_for: PageFor, lesson: Lesson) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    expect(page.locator("#lesson-progress")).to_contain_text("11 秒")  # 90 % of 12 s, rounded up
    page.click('[data-control="play"]')
    wait_for_time(page, 4)
    assert LedgerEntry.select().count() == 0
    until(page, "document.querySelector('video').ended")
    expect(page.locator("#lesson-done")).to_be_visible(timeout=15_000)
    expect(page.locator("#lesson-done")).to_contain_text("0.25 学时")
    entry = LedgerEntry.get()
    assert entry.source == "online"
    assert entry.evidence["seen_ms"] >= entry.evidence["needed_ms"]
    page.goto("/my-year")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.click("tbody a")
    expect(page.locator(".seen-strip").first).to_be_visible()


def test_jumping_to_the_end_earns_nothing_and_is_never_prevented(page_for: PageFor, lesson: Lesson) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}?t=10")
    page.click('[data-control="play"]')
    until(page, "document.querySelector('video').ended")
    page.wait_for_timeout(2_500)
    assert LedgerEntry.select().count() == 0
    assert 0 < Progress.get().seen_ms <= 2_600


def test_a_lesson_resumes_where_it_was_left_on_another_machine(page_for: PageFor, lesson: Lesson) -> None:
    first = page_for("learner")
    first.goto(f"/lessons/{lesson.id}")
    first.click('[data-control="play"]')
    wait_for_time(first, 5)
    first.click('[data-control="play"]')
    left_at = current_time(first)
    first.wait_for_timeout(1_000)
    other = page_for("learner", width=390, height=844)
    other.goto(f"/lessons/{lesson.id}")
    until(other, f"Math.abs(document.querySelector('video').currentTime - {left_at}) < 0.6")
    other.click('[data-control="play"]')
    wait_for_time(other, left_at + 1)
    first.click('[data-control="play"]')  # and back again: the other one is told politely
    expect(other.locator("#lesson-notice")).to_contain_text("别处", timeout=15_000)
    assert other.evaluate("document.querySelector('video').paused")
    assert Viewing.select().where(Viewing.ended_at.is_null()).count() == 1


def test_captions_and_the_words_follow_and_lead(page_for: PageFor, lesson: Lesson) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    until(page, "document.querySelector('video').readyState > 0")
    assert page.evaluate("document.querySelector('video').textTracks[0].mode") == "showing"
    page.click('[data-control="captions"]')
    assert page.evaluate("document.querySelector('video').textTracks[0].mode") == "hidden"
    page.click("text=第三句")
    wait_for_time(page, 8.3)
    expect(page.locator('.transcript [aria-current="true"]')).to_contain_text("第三句")


def test_the_keyboard_does_everything(page_for: PageFor, lesson: Lesson) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    until(page, "document.querySelector('video').readyState > 0")
    page.keyboard.press("5")
    until(page, "Math.abs(document.querySelector('video').currentTime - 6) < 0.2")
    page.keyboard.press("ArrowLeft")
    until(page, "Math.abs(document.querySelector('video').currentTime - 1) < 0.2")
    page.keyboard.press("l")
    until(page, "Math.abs(document.querySelector('video').currentTime - 11) < 0.2")
    page.keyboard.press("j")
    page.keyboard.press("Shift+Period")
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.25
    page.keyboard.press("m")
    assert page.evaluate("document.querySelector('video').muted")
    page.keyboard.press("Space")
    until(page, "!document.querySelector('video').paused")
    page.keyboard.press("k")
    until(page, "document.querySelector('video').paused")


def test_what_was_seen_while_the_server_was_away_is_handed_in_later(
    page_for: PageFor, lesson: Lesson, live: LiveServer
) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    page.click('[data-control="play"]')
    until(page, "(b => b.length && b.end(0) > 11)(document.querySelector('video').buffered)")
    wait_for_time(page, 3)
    live.kill()
    wait_for_time(page, 7)
    page.keyboard.press("k")
    expect(page.locator("#lesson-notice")).to_contain_text("网络", timeout=15_000)
    seen_before = Progress.get().seen_ms
    live.start()
    expect(page.locator("#lesson-notice")).to_be_hidden(timeout=20_000)
    page.wait_for_timeout(3_000)  # what was answered is written a moment later
    assert Progress.get().seen_ms >= 6_500 > seen_before


def test_a_page_that_vanished_without_a_line_is_handed_in_by_the_next_one(
    page_for: PageFor, lesson: Lesson, live: LiveServer
) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    page.evaluate("document.querySelector('video').play()")
    until(page, "(b => b.length && b.end(0) > 11)(document.querySelector('video').buffered)")
    wait_for_time(page, 3)
    live.kill()
    wait_for_time(page, 7)
    context = page.context
    page.close(run_before_unload=False)  # its good-bye finds nobody
    seen_before = Progress.get().seen_ms
    live.start()
    later = context.new_page()  # the same browser, any page that reports
    later.goto(f"{live.url}/lessons/{lesson.id}")
    deadline = time.monotonic() + 20
    while Progress.get().seen_ms < 6_500:
        assert time.monotonic() < deadline, Progress.get().seen
        later.wait_for_timeout(100)
    assert seen_before < 6_500
    deadline = time.monotonic() + 20
    while later.evaluate(KEPT):
        assert time.monotonic() < deadline, "still kept"
        later.wait_for_timeout(100)


def test_the_same_part_twice_and_at_double_speed_counts_once(page_for: PageFor, lesson: Lesson) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    until(page, "document.querySelector('video').readyState > 0")
    page.evaluate("document.querySelector('video').playbackRate = 2")
    page.evaluate("document.querySelector('video').play()")
    wait_for_time(page, 6)
    page.evaluate("document.querySelector('video').currentTime = 0")
    page.wait_for_timeout(500)
    wait_for_time(page, 6)
    page.evaluate("document.querySelector('video').pause()")
    seen_to = current_time(page)
    page.wait_for_timeout(2_000)
    page.goto("/my-year")  # the page is left with a good-bye
    page.wait_for_timeout(1_500)
    assert LedgerEntry.select().count() == 0
    assert 5_500 <= Progress.get().seen_ms <= seen_to * 1000 + 700
