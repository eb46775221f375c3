"""Find, plan and hand out, by mouse and keyboard in Chromium: what the player and the roll call do not cover."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from learnhub.app import create_app
from learnhub.catalog.models import Lesson
from learnhub.kernel import clock, events, jobs
from learnhub.kernel.events import DocumentChanged
from learnhub.org.scope import load_actor
from learnhub.sessions.models import StationSession
from learnhub.study.actions import open_viewing, record_report
from tests.browser.conftest import LiveServer
from tests.browser.test_player import clip, lesson  # noqa: F401 (fixtures)

PageFor = Callable[..., Page]


@pytest.fixture
def indexed(live: LiveServer, lesson: Lesson) -> Iterator[Lesson]:  # noqa: F811
    """The lesson, findable: what the background worker does after a course was published."""
    with create_app(live.settings).app_context():
        events.publish(DocumentChanged("course", str(lesson.course_id)))
        jobs.run_all(clock.now() + timedelta(seconds=10))
        yield lesson


def test_a_spoken_word_is_found_and_opens_the_player_at_its_second(page_for: PageFor, indexed: Lesson) -> None:
    page = page_for("learner")
    page.fill('.site-header input[name="q"]', "第二句")
    page.keyboard.press("Enter")
    hit = page.locator(".search-results li").filter(has=page.locator("mark", has_text="第二句")).first
    expect(hit).to_be_visible()
    hit.locator("h2 a").click()
    page.wait_for_url(f"**/lessons/{indexed.id}?t=*")
    video = page.locator("video")
    expect(video).to_be_visible()
    for _attempt in range(100):
        if page.evaluate("document.querySelector('video').currentTime") >= 3.5:
            break
        page.wait_for_timeout(100)
    assert 3.5 <= page.evaluate("document.querySelector('video').currentTime") <= 8


def test_a_manager_plans_a_session_with_the_station_found_by_name(
    page_for: PageFor,
    live: LiveServer,
    lesson: Lesson,  # noqa: F811
) -> None:
    page = page_for("station_manager")
    page.goto("/sessions/new")
    day = clock.local(clock.now()) + timedelta(days=2)
    page.fill('input[name="date"]', f"{day:%Y-%m-%d}")
    page.fill('input[name="start"]', "09:00")
    page.fill('input[name="end"]', "10:00")
    page.fill('input[name="title"]', "集中学习：阿依古丽·主持")
    page.locator("#f-station-text").fill("大石板")
    page.locator(".picker-list button", has_text="大石板").first.click()
    page.locator(f'label[for="f-lesson-{lesson.id}"]').click()
    page.locator('main button[type="submit"]').click()
    page.wait_for_url("**/sessions/*")
    expect(page.locator("h1")).to_contain_text("集中学习：阿依古丽·主持")
    planned = StationSession.get()
    assert planned.station_id == live.cast.stations["station"].id
    page.goto(f"/sessions?month={day:%Y-%m}")
    expect(page.locator("main")).to_contain_text("集中学习：阿依古丽·主持")


def test_a_department_downloads_its_records_as_csv_and_excel(
    page_for: PageFor,
    live: LiveServer,
    lesson: Lesson,  # noqa: F811
    tmp_path: Path,
) -> None:
    now = clock.now() - timedelta(hours=1)
    actor = load_actor(live.cast.people["learner"].id, now)
    opened = open_viewing(actor, lesson.id, device="test", now=now, settings=live.settings)
    report = {"token": opened.token, "seq": 1, "seen": [[0, opened.length_ms]], "position_ms": opened.length_ms}
    record_report(report, now=now + timedelta(seconds=30), settings=live.settings)
    page = page_for("department")
    page.goto("/records")
    name = live.cast.people["learner"].name
    expect(page.locator("main table").last).to_contain_text(name)
    page.locator("summary", has_text="下载").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "records.csv")
    raw = (tmp_path / "records.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert any(name in row for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Excel").click()
    waiting.value.save_as(tmp_path / "records.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "records.xlsx").active.iter_rows(values_only=True)
    assert any(name in row for row in rows)
