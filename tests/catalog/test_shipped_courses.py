"""The courses that come with LearnHub are whole: valid, sourced, in both languages, at every level."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

import learnhub
from learnhub.catalog.course_folder import CourseFolder, find_course_folders, read_categories, read_course_folder

ROOT = Path(__file__).parents[2]
COURSES = ROOT / "courses"
LEVELS = {4: "city", 6: "county", 9: "township", 12: "village"}


@cache
def shipped() -> dict[str, CourseFolder]:
    """All shipped courses, read once."""
    known = [line.code for line in read_categories(COURSES)]
    return {path.name: read_course_folder(path, known) for path in find_course_folders(COURSES)}


def test_every_shipped_course_is_valid() -> None:
    assert len(shipped()) >= 13


def test_there_is_a_course_of_every_level_and_every_kind_of_lesson() -> None:
    assert {LEVELS[len(course.unit)] for course in shipped().values()} == set(LEVELS.values())
    kinds = {part.kind for course in shipped().values() for part in course.lessons}
    assert kinds == {"video", "audio", "text", "document", "test"}


@pytest.mark.parametrize("kind", ["required", "elective"])
def test_there_are_required_and_elective_courses(kind: str) -> None:
    assert [course for course in shipped().values() if course.kind == kind]


def test_every_category_has_a_course() -> None:
    assert {course.category for course in shipped().values()} == {line.code for line in read_categories(COURSES)}


def test_units_of_the_courses_are_real_units_of_yuxi() -> None:
    with (Path(learnhub.__file__).parent / "org/demo/yuxi-divisions.csv").open(encoding="utf-8-sig") as lines:
        known = {line["code"] for line in csv.DictReader(lines)}
    named = {code for course in shipped().values() for code in (course.unit, *course.audience)}
    assert named <= known


def test_everything_shown_has_an_english_title_and_its_source_is_named() -> None:
    for course in shipped().values():
        assert course.title_en and course.summary_en and course.source and course.licence, course.code
        assert all(part.title_en for part in course.lessons), course.code
        assert all(chapter.title_en for chapter in course.chapters), course.code


def test_every_recording_has_captions() -> None:
    for course in shipped().values():
        for part in course.lessons:
            assert part.kind not in ("video", "audio") or "zh-CN" in part.captions, part.file


def test_every_test_has_at_least_five_explained_questions() -> None:
    tests = [part for course in shipped().values() for part in course.lessons if part.kind == "test"]
    assert len(tests) >= 8
    for part in tests:
        assert len(part.questions) >= 5, part.file
        assert all(question.explanation for question in part.questions), part.file


def test_the_law_of_revitalisation_is_there_word_for_word_in_ten_chapters() -> None:
    course = shipped()["revitalisation-law"]
    texts = [part for part in course.lessons if part.kind == "text"]
    assert len(texts) == 10
    articles = sum(part.body_html.count("<strong>第") for part in texts)
    assert articles == 74


def test_sixty_laws_can_be_read(settings: object) -> None:
    laws = [part for code, course in shipped().items() if code.startswith("law-") for part in course.lessons]
    assert len({part.title for part in laws}) == 60
    assert all("第一条" in part.body_text for part in laws)


def test_the_whole_folder_stays_small_enough_for_git() -> None:
    size = sum(path.stat().st_size for path in COURSES.rglob("*") if path.is_file())
    assert size < 12_000_000
