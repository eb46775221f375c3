"""The pages tell how far files are; editors and the system's administrator stop one and take it up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from learnhub.catalog import actions
from learnhub.config import Settings
from learnhub.kernel.models import Job
from tests.cast import Cast
from tests.catalog.folders import write_course
from tests.client import CheckingClient

ClientFor = Callable[[str], CheckingClient]
SLIDES = Path(__file__).parents[2] / "courses/fall-armyworm/media/slides.pptx"


@pytest.fixture
def course_id(cast: Cast, settings: Settings) -> int:
    """A published county course with a document that waits to be prepared."""
    settings.courses_dir.mkdir(parents=True, exist_ok=True)
    folder = write_course(settings.courses_dir)
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media/slides.pptx").write_bytes(SLIDES.read_bytes())
    lesson = '+++\ntitle = "课件"\nkind = "document"\nmedia = "media/slides.pptx"\n+++\n'
    (folder / "lessons/90-slides.md").write_text(lesson, "utf-8")
    return actions.publish_folder(None, folder, now=cast.now, settings=settings).course_id


def the_job() -> Job:
    """The job that prepares the slides."""
    return Job.get(Job.kind == "media.prepare")


def test_an_editor_sees_how_far_a_file_is_stops_it_and_takes_it_up_again(
    course_id: int, cast: Cast, client_for: ClientFor
) -> None:
    browser, page = client_for("editor"), f"/editing/courses/{course_id}"
    assert "slides.pptx" in browser.get(page).get_data(as_text=True)
    Job.update(state="running", share=0.42, left_s=185, beat_at=cast.now).where(Job.id == the_job().id).execute()
    text = browser.get(page).get_data(as_text=True)
    assert "42%" in text and "3 分" in text
    told = browser.get(f"{page}/preparing").get_json()
    assert (told["state"], told["done"]) == ("running", 42)
    assert "还有 1 个文件" in told["message"] and "3 分" in told["message"]
    asset = the_job().payload["asset"]
    Job.update(state="waiting").where(Job.id == the_job().id).execute()
    browser.get(page)
    assert "已停止" in browser.send(
        f"{page}/preparing", {"asset": asset, "act": "stop"}, follow_redirects=True
    ).get_data(as_text=True)
    assert the_job().state == "cancelled"
    assert browser.get(f"{page}/preparing").get_json()["state"] == "done"
    browser.get(page)
    browser.send(f"{page}/preparing", {"asset": asset, "act": "again"})
    assert [job.state for job in Job.select().where(Job.kind == "media.prepare")] == ["cancelled", "waiting"]


def test_a_file_of_another_course_is_not_steered_from_this_page(course_id: int, client_for: ClientFor) -> None:
    browser = client_for("editor")
    browser.get(f"/editing/courses/{course_id}")
    for asset in ("999", "", "x"):
        assert (
            browser.send(f"/editing/courses/{course_id}/preparing", {"asset": asset, "act": "stop"}).status_code == 422
        )
    assert the_job().state == "waiting"


def test_the_administrator_calls_a_job_off_and_sees_the_time_that_others_need(
    course_id: int, cast: Cast, client_for: ClientFor
) -> None:
    browser, job = client_for("system_admin"), the_job()
    other = Job.create(
        kind="media.prepare", payload={}, state="running", share=0.5, left_s=125, beat_at=cast.now + timedelta(days=9),
        run_at=cast.now, created_at=cast.now,
    )  # fmt: skip
    text = browser.get("/system").get_data(as_text=True)
    assert "约剩 2 分" in text and "50%" in text
    browser.send("/system/jobs/cancel", {"job": job.id})
    browser.get("/system")
    browser.send("/system/jobs/cancel", {"job": other.id})
    assert (Job.get_by_id(job.id).state, Job.get_by_id(other.id).is_cancelled) == ("cancelled", True)
    browser.get("/system?state=cancelled")
    assert browser.send("/system/jobs/cancel", {"job": job.id}).status_code == 409
    browser.get("/system?state=cancelled")
    browser.send("/system/jobs/retry", {"job": job.id})
    assert Job.get_by_id(job.id).state == "waiting"
