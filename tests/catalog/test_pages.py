"""The catalogue and the editor's pages in a browser that checks each page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from learnhub.catalog import actions
from learnhub.catalog.models import Course, LessonVersion
from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.models import Job
from tests.cast import Cast
from tests.catalog.folders import edit, write_course
from tests.client import CheckingClient

ClientFor = Callable[[str], CheckingClient]


@pytest.fixture
def courses(settings: Settings) -> Path:
    """The courses directory."""
    settings.courses_dir.mkdir(parents=True, exist_ok=True)
    return settings.courses_dir


@pytest.fixture
def course_id(cast: Cast, courses: Path, settings: Settings) -> int:
    """A published county course."""
    return actions.publish_folder(None, write_course(courses), now=cast.now, settings=settings).course_id


def test_the_catalogue_shows_what_is_offered_in_both_languages(course_id: int, client_for: ClientFor) -> None:
    browser = client_for("learner")
    page = browser.get("/courses").get_data(as_text=True)
    assert "村级消防常识" in page
    assert "红塔区" in page
    assert f'href="/courses/{course_id}"' in page
    browser.send("/language", {"lang": "en", "next": "/courses"})
    page = browser.get("/courses").get_data(as_text=True)
    assert "Fire safety" in page
    assert "1 course found" in page


def test_the_catalogue_is_filtered_by_its_address(course_id: int, client_for: ClientFor) -> None:
    browser = client_for("learner")
    assert "村级消防常识" in browser.get("/courses?category=law&kind=test&text=消防").get_data(as_text=True)
    for query in ("kind=video", "level=village", "text=玉米", "band=long", "required=elective"):
        page = browser.get(f"/courses?{query}").get_data(as_text=True)
        assert "没有符合条件的课程" in page, query
    page = browser.get("/courses?kind=nonsense&band=nonsense&sort=drop&page=999999999999").get_data(as_text=True)
    assert "村级消防常识" in page


def test_the_neighbour_sees_an_empty_catalogue_and_no_editor_page(course_id: int, client_for: ClientFor) -> None:
    browser = client_for("neighbour")
    assert "村级消防常识" not in browser.get("/courses").get_data(as_text=True)
    page = browser.get("/editing").get_data(as_text=True)
    assert "村级消防常识" not in page
    assert "fire-safety" not in page
    assert browser.get(f"/editing/courses/{course_id}").status_code == 404
    assert browser.get("/editing/folders/fire-safety").status_code == 404
    browser.get("/editing")
    assert browser.send("/editing/folders/fire-safety/publish").status_code == 404
    assert browser.send(f"/editing/courses/{course_id}/withdraw", {"reason": "x"}).status_code == 404


def publish(browser: CheckingClient) -> TestResponse:
    """Presses the button, has the worker do it, and looks again."""
    sent = browser.send("/editing/folders/fire-safety/publish")
    assert sent.location == "/editing/folders/fire-safety/publishing"
    jobs.run_all()
    return browser.get(sent.location)


@pytest.mark.parametrize("role", ["learner", "station_manager", "department"])
def test_only_editors_reach_the_editor_pages(course_id: int, client_for: ClientFor, role: str) -> None:
    browser = client_for(role)
    for path in ("/editing", f"/editing/courses/{course_id}", "/editing/folders/fire-safety"):
        assert browser.get(path).status_code == 403


def test_strangers_are_sent_to_the_log_in(client: CheckingClient) -> None:
    assert client.get("/courses").status_code == 302


def test_an_editor_publishes_a_folder_withdraws_and_restores_it(
    cast: Cast, courses: Path, client_for: ClientFor
) -> None:
    write_course(courses)
    browser = client_for("editor")
    assert "未发布" in browser.get("/editing").get_data(as_text=True)
    assert "立即发布" in browser.get("/editing/folders/fire-safety").get_data(as_text=True)
    done = browser.send("/editing/folders/fire-safety/publish")
    course = Course.get()
    assert done.location == f"/editing/courses/{course.id}"
    page = browser.get(done.location).get_data(as_text=True)
    assert "课程已发布" in page
    assert "认识火灾" in page
    assert "完全一致" in browser.get("/editing/folders/fire-safety").get_data(as_text=True)
    refused = browser.send(f"/editing/courses/{course.id}/withdraw", {"reason": " "})
    assert refused.status_code == 422
    assert "一句话说明原因" in refused.get_data(as_text=True)
    browser.send(f"/editing/courses/{course.id}/withdraw", {"reason": "内容过时"})
    page = browser.get(f"/editing/courses/{course.id}").get_data(as_text=True)
    assert "内容过时" in page
    assert "已撤下" in browser.get("/editing?state=withdrawn").get_data(as_text=True)
    assert "请先恢复" in browser.get("/editing/folders/fire-safety").get_data(as_text=True)
    assert browser.send("/editing/folders/fire-safety/publish").status_code == 409
    browser.send(f"/editing/courses/{course.id}/restore", {"reason": "已修订"})
    assert Course.get().state == "published"


def test_publishing_shows_how_far_it_is_and_a_broken_recording_stops_all_of_it(
    cast: Cast, courses: Path, client_for: ClientFor
) -> None:
    path = write_course(courses, with_video=True)
    whole = (path / "media/clip.mp4").read_bytes()
    (path / "media/clip.mp4").write_bytes(whole[: len(whole) // 2])
    browser = client_for("editor")
    browser.get("/editing/folders/fire-safety")
    browser.send("/editing/folders/fire-safety/publish")
    browser.send("/editing/folders/fire-safety/publish")
    assert Job.select().where(Job.kind == "catalog.publish").count() == 1, "a second press changes nothing"
    Job.update(state="running", share=0.42, left_s=75, beat_at=clock.now()).execute()
    assert "正在检查文件" in browser.get("/editing/folders/fire-safety/publishing").text
    told = browser.get("/editing/folders/fire-safety/publishing.json").get_json()
    assert (told["state"], told["done"]) == ("running", 42) and "1 分" in told["message"]
    Job.update(state="waiting").execute()
    jobs.run_all()
    assert browser.get("/editing/folders/fire-safety/publishing.json").get_json()["state"] == "done"
    page = browser.get("/editing/folders/fire-safety/publishing")
    assert page.status_code == 422 and "lessons/02-" in page.text
    assert Course.select().count() == 0
    (path / "media/clip.mp4").write_bytes(whole)
    assert publish(browser).location == f"/editing/courses/{Course.get().id}"


def test_problems_of_a_folder_are_listed_with_file_and_line(cast: Cast, courses: Path, client_for: ClientFor) -> None:
    path = write_course(courses)
    edit(path / "tests/03-test.toml", 'answer = "B"', 'answer = "D"')
    edit(path / "lessons/01-know-fire.md", '"basics"', '"advanced"')
    browser = client_for("editor")
    page = browser.get("/editing/folders/fire-safety").get_data(as_text=True)
    for expected in ("tests/03-test.toml:10", "lessons/01-know-fire.md:5", "没有选项“D”", "发现 2 个问题"):
        assert expected in page
    refused = browser.send("/editing/folders/fire-safety/publish")
    assert refused.status_code == 422
    assert "tests/03-test.toml:10" in refused.get_data(as_text=True)
    assert Course.select().count() == 0


@pytest.mark.parametrize("name", ["..", "nothing", "%2e%2e", "fire-safety%0a"])
def test_folders_outside_the_courses_directory_are_not_found(courses: Path, client_for: ClientFor, name: str) -> None:
    write_course(courses)
    assert client_for("editor").get(f"/editing/folders/{name}").status_code in (302, 404, 308)


def test_what_authors_write_is_escaped(cast: Cast, courses: Path, settings: Settings, client_for: ClientFor) -> None:
    path = write_course(courses, title="<b>粗体</b>&课程")
    actions.publish_folder(None, path, now=cast.now, settings=settings)
    page = client_for("learner").get("/courses").get_data(as_text=True)
    assert "&lt;b&gt;粗体" in page
    assert "<b>粗体" not in page


def test_a_page_of_the_catalogue_asks_at_most_twelve_queries(
    cast: Cast, courses: Path, settings: Settings, client_for: ClientFor, queries: Callable[[], int]
) -> None:
    browser = client_for("learner")
    for number in range(14):
        path = write_course(courses, f"course-{number}")
        actions.publish_folder(None, path, now=cast.now, settings=settings)
        if number in (0, 13):
            queries()
            browser.get("/courses")
            assert queries() <= 12
    assert LessonVersion.select().count() == 28
