"""Where two people are needed, in Chromium: one puts a film up, the other watches it first and approves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from learnhub.catalog.models import Course, Lesson
from learnhub.kernel import clock
from learnhub.media import actions as media
from learnhub.media.models import Asset
from learnhub.media.uploads.models import Upload
from learnhub.org.models import RoleGrant
from tests.browser.conftest import LiveServer
from tests.browser.test_player import PageFor, clip, until  # noqa: F401 (fixtures)
from tests.study.conftest import add_course


@pytest.fixture(autouse=True)
def two_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting of the server, before it starts."""
    monkeypatch.setenv("LEARNHUB_TWO_PERSON_PUBLISHING", "yes")


@pytest.fixture
def film(two_people: None, live: LiveServer, clip: Path) -> Asset:  # noqa: F811
    """The clip, prepared and on the list of the editor's county."""
    now, cast = clock.now(), live.cast
    asset = media.add_asset(None, clip, "春耕.mp4", settings=live.settings, now=now)
    media.prepare_asset(asset.id, settings=live.settings, now=now)
    Upload.create(
        person=cast.people["editor"], unit=cast.county, file_name="春耕.mp4", size=asset.size, received=asset.size,
        state="done", asset=asset, created_at=now, changed_at=now, expires_at=now,
    )  # fmt: skip
    RoleGrant.create(person=cast.people["auditor"], role="reviewer", unit=cast.county, starts_at=cast.now)
    return asset


def test_a_film_is_put_up_watched_and_published(page_for: PageFor, film: Asset, live: LiveServer) -> None:
    course: Course = add_course(live.cast, "spring", "county", clock.now())
    editor = page_for("editor")
    editor.goto(f"/editing/media/{film.id}")
    editor.fill('input[name="title"]', "春耕技术")
    editor.click("text=将课时送审")
    expect(editor.locator("main")).to_contain_text("等待审核")
    assert Lesson.select().count() == 0
    reviewer = page_for("auditor")
    reviewer.goto("/reviewing")
    reviewer.click("text=春耕技术")
    until(reviewer, "document.querySelector('video').readyState > 0")
    reviewer.click('[data-control="play"]')
    until(reviewer, "document.querySelector('video').currentTime > 0.5")
    reviewer.check('input[value="approve"]')
    reviewer.click("text=提交审核意见")
    reviewer.wait_for_url("**/reviewing")
    lesson = Lesson.get(Lesson.course == course)
    learner = page_for("learner")
    learner.goto(f"/lessons/{lesson.id}")
    expect(learner.locator("h1")).to_contain_text("春耕技术")
    until(learner, "document.querySelector('video').readyState > 0")
