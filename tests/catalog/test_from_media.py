"""An upload becomes a lesson, or replaces what a lesson shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fpdf import FPDF

from learnhub.catalog.models import Lesson, LessonVersion
from learnhub.kernel import clock, jobs
from learnhub.media.models import Asset
from learnhub.media.uploads.models import Upload
from learnhub.study.lessons import lesson_shown
from tests.cast import Cast
from tests.media.uploads.conftest import Sender
from tests.study.conftest import add_course

TEXT = "第一课\n".encode() * 400


@pytest.fixture
def sender(client_for: Callable[[str], Any]) -> Sender:
    """The editor of the county."""
    return Sender(client_for("editor"))


@pytest.fixture
def asset(sender: Sender) -> Asset:
    """A text that the editor uploaded."""
    sender.send(TEXT, "讲稿.txt")
    jobs.run_all()
    return Upload.get().asset  # type: ignore[no-any-return]


def test_an_upload_becomes_a_lesson_that_its_audience_opens(
    sender: Sender, asset: Asset, cast: Cast, client_for: Callable[[str], Any]
) -> None:
    course = add_course(cast, "upload", "county", clock.now())
    page = sender.browser.get(f"/editing/media/{asset.id}").get_data(as_text=True)
    assert course.title in page
    form = {"course": course.id, "title": "乡村振兴讲稿"}
    assert sender.browser.send(f"/editing/media/{asset.id}/add", form).status_code == 302
    lesson = Lesson.get(Lesson.course == course)
    version = LessonVersion.get(LessonVersion.lesson == lesson)
    assert (lesson.kind, lesson.title, version.asset_id) == ("document", "乡村振兴讲稿", asset.id)
    assert version.length_s > 0
    assert client_for("learner").get(f"/lessons/{lesson.id}").status_code == 200
    assert "乡村振兴讲稿" in sender.browser.get(f"/media/{Upload.get().id}").get_data(as_text=True)
    assert sender.browser.send(f"/editing/media/{asset.id}/add", {**form, "title": " "}).status_code == 422


def test_a_scan_without_text_is_as_long_as_it_has_pages(sender: Sender, cast: Cast) -> None:
    course, paper = add_course(cast, "scan", "county", clock.now()), FPDF()
    for _page in range(30):
        paper.add_page()
        paper.rect(20, 20, 100, 100)
    sender.send(bytes(paper.output()), "扫描件.pdf")
    jobs.run_all()
    asset = Upload.get().asset
    sender.browser.get(f"/editing/media/{asset.id}")
    assert (
        sender.browser.send(f"/editing/media/{asset.id}/add", {"course": course.id, "title": "扫描件"}).status_code
        == 302
    )
    shown = lesson_shown(Lesson.get(Lesson.course == course).id)
    assert (shown.length_ms, shown.hours_ms) == (600_000, 600_000)  # twenty seconds a page, and at least ten


def test_a_lesson_gets_a_new_version_and_keeps_the_old_one(sender: Sender, asset: Asset, cast: Cast) -> None:
    course = add_course(cast, "upload", "county", clock.now())
    sender.browser.get(f"/editing/media/{asset.id}")
    sender.browser.send(f"/editing/media/{asset.id}/add", {"course": course.id, "title": "讲稿"})
    lesson = Lesson.get(Lesson.course == course)
    same = sender.browser.send(f"/editing/media/{asset.id}/replace", {"lesson": lesson.id})
    assert same.status_code == 409
    sender.send("第二版\n".encode() * 900, "讲稿二.txt")
    jobs.run_all()
    newer = Upload.select().order_by(Upload.id.desc()).first().asset_id
    assert sender.browser.send(f"/editing/media/{newer}/replace", {"lesson": lesson.id}).status_code == 302
    told = LessonVersion.select().where(LessonVersion.lesson == lesson).order_by(LessonVersion.number)
    assert [(row.number, row.is_current, row.asset_id) for row in told] == [(1, False, asset.id), (2, True, newer)]


def test_media_and_courses_outside_of_ones_care_are_not_found(
    sender: Sender, asset: Asset, cast: Cast, client_for: Callable[[str], Any]
) -> None:
    theirs = add_course(cast, "theirs", "other_county", clock.now())
    sender.browser.get(f"/editing/media/{asset.id}")
    refused = sender.browser.send(f"/editing/media/{asset.id}/add", {"course": theirs.id, "title": "x"})
    assert refused.status_code == 404
    neighbour = client_for("neighbour")
    assert neighbour.get(f"/editing/media/{asset.id}").status_code == 404
    neighbour.get("/media")
    mine = neighbour.send(f"/editing/media/{asset.id}/add", {"course": theirs.id, "title": "x"})
    assert mine.status_code == 404
    assert LessonVersion.select().count() == 0
