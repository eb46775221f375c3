"""The captions of a lesson: upload, editing, versions, and what search knows of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from learnhub.catalog.models import Lesson
from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.media import captioning
from learnhub.media.models import Caption, CaptionVersion
from tests.cast import Cast
from tests.client import CheckingClient
from tests.study.conftest import add_course, add_lesson

ClientFor = Callable[[str], CheckingClient]
FILE = "1\n00:00:01,000 --> 00:00:03,000\n各位农民朋友\n\n2\n00:01:04,000 --> 00:01:08,000\n草地贪夜蛾的识别\n"


@pytest.fixture
def lesson(cast: Cast, now: datetime) -> Lesson:
    """A video lesson of the editor's county."""
    course = add_course(cast, "cap", "county", now)
    return add_lesson(course, 1, "video", now, duration_ms=90_000, length_s=90)


def upload(client: CheckingClient, lesson: Lesson, raw: bytes, language: str = "zh-CN") -> int:
    address = f"/editing/lessons/{lesson.id}/captions"
    client.get(address)
    sent = {"language": language, "file": (io.BytesIO(raw), "a.srt")}
    return client.send(address, sent, content_type="multipart/form-data").status_code


def save(
    client: CheckingClient, lesson: Lesson, base: int, cues: list[list[object]], language: str = "zh-CN"
) -> TestResponse:
    address = f"/editing/lessons/{lesson.id}/captions/{language}"
    client.get(address)
    return client.post(address, json={"base": base, "cues": cues}, headers={"X-CSRFToken": client.csrf_token})


def test_an_uploaded_file_is_a_version_and_can_be_downloaded(client_for: ClientFor, lesson: Lesson) -> None:
    editor = client_for("editor")
    assert upload(editor, lesson, FILE.encode("gb18030")) == 302
    caption = Caption.get()
    assert (caption.cues, caption.version, caption.label) == (2, 1, "中文")
    page = editor.get(f"/editing/lessons/{lesson.id}/captions").get_data(as_text=True)
    assert "中文" in page and "文件" in page
    file = editor.get(f"/editing/lessons/{lesson.id}/captions/zh-CN/1.vtt")
    assert "00:01:04.000 --> 00:01:08.000\n草地贪夜蛾的识别" in file.get_data(as_text=True)


def test_a_wrong_line_is_named_and_nothing_is_kept(client_for: ClientFor, lesson: Lesson) -> None:
    editor = client_for("editor")
    address = f"/editing/lessons/{lesson.id}/captions"
    editor.get(address)
    raw = FILE.replace("00:01:04,000", "00:01:0x,000").encode()
    sent = {"language": "zh-CN", "file": (io.BytesIO(raw), "a.srt")}
    answer = editor.send(address, sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "第 6 行" in answer.get_data(as_text=True)
    assert Caption.select().count() == 0


def test_saving_makes_the_next_version_and_a_lost_update_is_refused(client_for: ClientFor, lesson: Lesson) -> None:
    editor = client_for("editor")
    upload(editor, lesson, FILE.encode())
    assert save(editor, lesson, 1, [[0, 2000, "改过"], [1500, 4000, "第二"]]).get_json() == {"version": 2, "cues": 2}
    late = save(editor, lesson, 1, [[0, 2000, "晚了"]])
    assert late.status_code == 409
    assert "第 2 版" in late.get_json()["error"]["message"]
    assert [(one.number, one.origin) for one in captioning.list_versions(1)] == [(2, "edited"), (1, "file")]
    assert save(editor, lesson, 0, [[0, 1000, "hello"]], "en").get_json()["version"] == 1
    assert save(editor, lesson, 2, []).status_code == 422
    assert save(editor, lesson, 2, [["a", 1, "x"]]).status_code == 400
    assert CaptionVersion.select().count() == 3


def test_a_folder_published_again_does_not_undo_what_was_edited(
    client_for: ClientFor, lesson: Lesson, settings: Settings
) -> None:
    captioning.add_captions(1, "zh-CN", FILE.encode(), settings=settings)
    save(client_for("editor"), lesson, 1, [[0, 2000, "改过"]])
    captioning.add_captions(1, "zh-CN", FILE.encode(), settings=settings)
    assert Caption.get().version == 2
    captioning.add_captions(1, "zh-CN", FILE.replace("各位", "诸位").encode(), settings=settings)
    assert Caption.get().version == 3


def test_people_without_the_power_see_nothing_of_it(client_for: ClientFor, lesson: Lesson) -> None:
    assert client_for("learner").get(f"/editing/lessons/{lesson.id}/captions").status_code == 403


def test_edited_words_are_found_with_their_second(client_for: ClientFor, lesson: Lesson) -> None:
    editor = client_for("editor")
    upload(editor, lesson, FILE.encode())
    save(editor, lesson, 1, [[0, 2000, "开场"], [64_000, 68_000, "秋粘虫会迁飞"]])
    jobs.run_all(clock.now() + timedelta(minutes=5))
    page = client_for("learner").get("/search?q=秋粘虫").get_data(as_text=True)
    assert f"/lessons/{lesson.id}?t=64" in page


def test_editor_and_list_are_whole_pages_in_english_too(client_for: ClientFor, lesson: Lesson) -> None:
    editor = client_for("editor")
    upload(editor, lesson, FILE.encode())
    editor.send("/language", {"lang": "en"})
    assert "Begins now" in editor.get(f"/editing/lessons/{lesson.id}/captions/zh-CN").get_data(as_text=True)
    assert "Upload a file" in editor.get(f"/editing/lessons/{lesson.id}/captions").get_data(as_text=True)
