"""The caption editor in Chromium: what is typed is kept when the page closes, and saved as a version."""

from __future__ import annotations

from playwright.sync_api import expect

from learnhub.catalog.models import Lesson
from learnhub.media.models import Caption
from tests.browser.test_player import PageFor, clip, lesson, until  # noqa: F401 (fixtures)


def test_captions_are_edited_kept_and_saved(page_for: PageFor, lesson: Lesson) -> None:  # noqa: F811
    page = page_for("editor")
    page.goto(f"/editing/lessons/{lesson.id}/captions/zh-CN")
    lines = page.locator(".caption-line")
    expect(lines).to_have_count(3)
    lines.nth(1).locator("textarea").fill("改过的一句")
    page.click('[data-do="merge"]')
    expect(lines).to_have_count(2)
    page.click('[data-do="undo"]')
    expect(lines).to_have_count(3)
    page.reload()
    expect(page.locator("#caption-notice")).to_contain_text("未保存的修改")
    expect(lines.nth(1).locator("textarea")).to_have_value("改过的一句")
    page.keyboard.press("Control+s")
    expect(page.locator("#caption-state")).to_contain_text("第 2 版")
    assert Caption.get().version == 2
    lines.nth(1).locator("button").click()
    until(page, "document.querySelector('video').currentTime > 4")
