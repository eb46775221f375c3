"""The whole story over HTTP: publish, study, hold a session, export, find; each person through the pages they use."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.sessions.models import StationSession
from learnhub.study.ledger import list_faults
from learnhub.study.models import Completion, LedgerEntry
from tests.cast import Cast
from tests.client import CheckingClient

COURSES = Path(__file__).resolve().parents[2] / "courses"
CODE = "party-education"
ClientFor = Callable[[str], CheckingClient]


class Watch:
    """The clock of a story: it stands until somebody moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def pass_by(self, **time: float) -> None:
        """Lets time pass: ``pass_by(minutes=5)``."""
        self.at += timedelta(**time)


@pytest.fixture
def watch(now: datetime) -> Iterator[Watch]:
    """The clock of the application, in the hands of the test."""
    held = Watch(now)
    with clock.told_by(lambda: held.at):
        yield held


@pytest.fixture
def course(settings: Settings, client_for: ClientFor, watch: Watch) -> Course:
    """A shipped course, published by the administrator through the editing pages."""
    settings.courses_dir.mkdir()
    shutil.copy(COURSES / "categories.toml", settings.courses_dir)
    shutil.copytree(COURSES / CODE, settings.courses_dir / CODE)
    admin = client_for("system_admin")
    assert CODE in admin.get("/editing").get_data(as_text=True)
    assert admin.get(f"/editing/folders/{CODE}").status_code == 200
    assert admin.send(f"/editing/folders/{CODE}/publish").status_code == 302
    watch.pass_by(seconds=5)
    jobs.run_all()
    return Course.get(Course.code == CODE)


def lessons_of(course: Course, *, test: bool) -> list[Lesson]:
    """The lessons to read, or the tests, in order."""
    kind = (Lesson.kind == "test") if test else (Lesson.kind != "test")
    return list(Lesson.select().where((Lesson.course == course) & kind).order_by(Lesson.number))


def read_lesson(learner: CheckingClient, lesson: Lesson, watch: Watch) -> dict[str, Any]:
    """Opens a text and reports it bit by bit while the clock runs; returns the last answer."""
    page = learner.get(f"/lessons/{lesson.id}")
    assert page.status_code == 200
    opened = learner.post(f"/lessons/{lesson.id}/viewings", headers={"X-CSRFToken": learner.csrf_token}).get_json()
    answer: dict[str, Any] = {}
    for number, start in enumerate(range(0, opened["length_ms"], 10_000), 1):
        watch.pass_by(seconds=10)
        end = min(start + 10_000, opened["length_ms"])
        report = {"token": opened["token"], "seq": number, "seen": [[start, end]], "position_ms": end}
        answer = learner.post("/beat", data=json.dumps(report), content_type="application/json").get_json()
        assert answer["durable"] in (None, *range(1, number + 1)), answer  # written a moment later
    return answer


def take_test(learner: CheckingClient, lesson: Lesson) -> str:
    """Answers every question rightly and returns the review."""
    learner.get(f"/lessons/{lesson.id}")
    questions = LessonVersion.get((LessonVersion.lesson == lesson) & LessonVersion.is_current).questions
    fields = {f"q{number}": [str(one) for one in question["answer"]] for number, question in enumerate(questions)}
    page = learner.send(f"/lessons/{lesson.id}/attempts", fields, follow_redirects=True)
    return page.get_data(as_text=True)


@contextmanager
def without_credit_for(person_id: int) -> Iterator[None]:
    """The block must not change the person's ledger."""
    mine = LedgerEntry.person == person_id
    before = sum(entry.centihours for entry in LedgerEntry.select().where(mine))
    yield
    assert sum(entry.centihours for entry in LedgerEntry.select().where(mine)) == before


def test_cadre_finds_studies_and_completes_a_course(
    course: Course, client_for: ClientFor, cast: Cast, watch: Watch
) -> None:
    learner = client_for("learner")
    assert course.title in learner.get("/courses").get_data(as_text=True)
    assert course.title in learner.get(f"/courses/{course.id}").get_data(as_text=True)
    for lesson in lessons_of(course, test=False):
        assert read_lesson(learner, lesson, watch)["done"] is True
    for lesson in lessons_of(course, test=True):
        assert "✓" in take_test(learner, lesson) or LedgerEntry.select().where(LedgerEntry.lesson == lesson).exists()
    person_id = cast.people["learner"].id
    entries = list(LedgerEntry.select().where(LedgerEntry.person == person_id))
    assert len(entries) == Lesson.select().where((Lesson.course == course) & ~Lesson.is_retired).count()
    assert Completion.select().where((Completion.person == person_id) & (Completion.course == course)).exists()
    year = learner.get("/my-year").get_data(as_text=True)
    assert course.title in year
    for entry in entries:
        assert learner.get(f"/my-year/entries/{entry.id}").status_code == 200
    assert list(list_faults()) == []
    with without_credit_for(person_id):
        read_lesson(learner, lessons_of(course, test=False)[0], watch)


def test_home_page_continues_where_the_learner_stopped(course: Course, client_for: ClientFor, watch: Watch) -> None:
    learner = client_for("learner")
    lesson = lessons_of(course, test=False)[0]
    learner.get(f"/lessons/{lesson.id}")
    opened = learner.post(f"/lessons/{lesson.id}/viewings", headers={"X-CSRFToken": learner.csrf_token}).get_json()
    watch.pass_by(seconds=10)
    report = {"token": opened["token"], "seq": 1, "seen": [[0, 9000]], "position_ms": 9000}
    assert learner.post("/beat", data=json.dumps(report), content_type="application/json").status_code == 200
    home = learner.get("/").get_data(as_text=True)
    assert f"/lessons/{lesson.id}" in home


def test_manager_holds_a_session_and_the_present_are_credited(
    course: Course, client_for: ClientFor, cast: Cast, watch: Watch
) -> None:
    manager, lesson = client_for("station_manager"), lessons_of(course, test=False)[0]
    begin = clock.local(watch.at) + timedelta(minutes=30)
    plan = {
        "station": cast.stations["station"].id, "date": f"{begin:%Y-%m-%d}", "start": f"{begin:%H:%M}",
        "end": f"{begin + timedelta(hours=1):%H:%M}", "title": "集中学习", "host": cast.people["station_manager"].id,
        "lessons": [lesson.id],
    }  # fmt: skip
    manager.get("/sessions/new")
    assert manager.send("/sessions/new", plan).status_code == 302
    clash = manager.send("/sessions/new", {**plan, "title": "又一场"})
    assert clash.status_code == 409 and "集中学习" in clash.get_data(as_text=True)
    session = StationSession.get()
    assert manager.get(f"/sessions/{session.id}").status_code == 200
    assert manager.send(f"/sessions/{session.id}/hold").status_code == 302
    manager.get(f"/sessions/{session.id}/roll")
    present, absent = cast.people["learner"].id, cast.people["colleague"].id
    marks = {
        "marks": [
            {"person": present, "status": "present", "version": 0},
            {"person": absent, "status": "absent", "version": 0},
        ]
    }
    saved = manager.post(f"/sessions/{session.id}/roll/marks", json=marks, headers={"X-CSRFToken": manager.csrf_token})
    assert saved.status_code == 200, saved.get_data(as_text=True)
    manager.get(f"/sessions/{session.id}/roll")
    manager.send(f"/sessions/{session.id}/roll", {"rest": "leave"})
    watch.pass_by(minutes=95)
    assert manager.send(f"/sessions/{session.id}/close").status_code == 302
    assert manager.send(f"/sessions/{session.id}/close").status_code == 409, "closing twice credits nobody twice"
    credited = {entry.person_id: entry.source for entry in LedgerEntry.select()}
    assert credited == {present: "group"}
    with without_credit_for(present):
        read_lesson(client_for("learner"), lesson, watch)
    assert list(list_faults()) == []


def test_department_exports_the_records_of_its_part(
    course: Course, client_for: ClientFor, cast: Cast, watch: Watch
) -> None:
    for who in ("learner", "other_learner"):
        learner = client_for(who)
        for lesson in lessons_of(course, test=False):
            read_lesson(learner, lesson, watch)
        for lesson in lessons_of(course, test=True):
            take_test(learner, lesson)
    department = client_for("department")
    name, foreign = cast.people["learner"].name, cast.people["other_learner"].name
    page = department.get("/records").get_data(as_text=True)
    assert name in page and foreign not in page
    raw = department.get("/records.csv").get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [name] == [cell for row in rows[1:] for cell in row if cell == name]
    assert not any(foreign in row for row in rows)
    book = openpyxl.load_workbook(io.BytesIO(department.get("/records.xlsx").get_data()))
    cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row]
    assert name in cells and foreign not in cells
    neighbour = client_for("neighbour").get("/records.csv").get_data().decode("utf-8-sig")
    assert name not in neighbour and foreign in neighbour


def test_everybody_finds_the_text_and_nobody_finds_what_is_withdrawn(
    course: Course, client_for: ClientFor, watch: Watch
) -> None:
    learner, words = client_for("learner"), "党员教育管理"
    found = learner.get("/search", query_string={"q": words}).get_data(as_text=True)
    assert "<mark>" in found and re.search(r'href="/(lessons|courses)/\d+', found)
    admin = client_for("system_admin")
    admin.get(f"/editing/courses/{course.id}")
    assert admin.send(f"/editing/courses/{course.id}/withdraw", {"reason": "内容更新"}).status_code == 302
    gone = learner.get("/search", query_string={"q": words}).get_data(as_text=True)
    assert "<mark>" not in gone, "a withdrawn course is gone at once, before the index is written"
    watch.pass_by(seconds=5)
    jobs.run_all()
    assert learner.get(f"/courses/{course.id}").status_code == 404


def test_nothing_works_signed_out(app: Flask, client: CheckingClient, course: Course) -> None:
    for path in ("/", "/courses", f"/courses/{course.id}", "/my-year", "/sessions", "/records", "/search?q=法"):
        answer = client.get(path)
        assert answer.status_code == 302 and "/login" in answer.location, path
