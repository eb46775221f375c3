"""A course is seen by the people below its audience and by nobody else; lists cost the same whatever their length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from learnhub.catalog import actions, queries
from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.catalog.queries import CourseFilters
from learnhub.catalog.search_documents import list_course_ids, search_documents
from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.errors import NotFound
from learnhub.media import tasks as media_tasks
from tests.cast import Cast
from tests.catalog.folders import edit, write_course


@pytest.fixture
def publish(cast: Cast, settings: Settings) -> Callable[..., int]:
    """Publishes a small course with some changes and returns its id."""

    def make(code: str = "fire-safety", **changes: object) -> int:
        settings.courses_dir.mkdir(parents=True, exist_ok=True)
        path = write_course(settings.courses_dir, code, **changes)  # type: ignore[arg-type]
        return actions.publish_folder(None, path, now=cast.now, settings=settings).course_id

    return make


# who sees a course of … that is offered to …
SEEN = [
    ("530402", (), {"learner", "sibling_learner", "township_learner", "department", "editor"}),
    ("530402004", (), {"learner", "sibling_learner", "township_learner"}),
    ("530402004013", (), {"learner"}),
    (
        "5304",
        (),
        {"learner", "sibling_learner", "township_learner", "department", "editor", "neighbour", "other_learner"},
    ),
    ("530402", ("530403101",), {"other_learner"}),
    ("530402", ("530402004011", "530403"), {"sibling_learner", "neighbour", "other_learner"}),
]
ASKED = ("learner", "sibling_learner", "township_learner", "department", "editor", "neighbour", "other_learner")


@pytest.mark.parametrize(("unit", "audience", "seen_by"), SEEN)
def test_a_course_is_listed_for_the_people_below_its_audience_only(
    cast: Cast, publish: Callable[..., int], unit: str, audience: tuple[str, ...], seen_by: set[str]
) -> None:
    course_id = publish(unit=unit, audience=audience)
    listed = {name for name in ASKED if queries.list_courses(cast.actor(name), CourseFilters()).total}
    assert listed == seen_by
    for name in ASKED:
        if name in seen_by:
            assert queries.course_for(cast.actor(name), course_id).id == course_id


def test_the_neighbour_county_opens_neither_course_nor_lesson(cast: Cast, publish: Callable[..., int]) -> None:
    course_id = publish(unit="530402")
    lesson_id = Lesson.get().id
    assert queries.lesson_for(cast.learner, lesson_id).lesson.course_id == course_id
    for name in ("neighbour", "other_learner"):
        with pytest.raises(NotFound):
            queries.course_for(cast.actor(name), course_id)
        with pytest.raises(NotFound):
            queries.lesson_for(cast.actor(name), lesson_id)
        assert queries.list_cards(cast.actor(name), [course_id]) == []
        assert queries.list_categories(cast.actor(name)) == []
    with pytest.raises(NotFound):
        queries.edited_course_for(cast.neighbour, course_id)
    assert queries.list_edited_courses(cast.neighbour).total == 0


def test_an_editor_opens_what_is_published_to_others_in_the_own_area(cast: Cast, publish: Callable[..., int]) -> None:
    course_id = publish(unit="530402004013")
    assert queries.list_courses(cast.editor, CourseFilters()).total == 0
    assert queries.course_for(cast.editor, course_id).id == course_id
    with pytest.raises(NotFound):
        queries.course_for(cast.department, course_id)


def test_a_withdrawn_course_is_seen_by_its_editor_only(
    cast: Cast, publish: Callable[..., int], settings: Settings
) -> None:
    course_id = publish()
    actions.withdraw_course(cast.editor, course_id, "过时", now=cast.now)
    assert queries.list_courses(cast.learner, CourseFilters()).total == 0
    for name in ("learner", "editor"):
        with pytest.raises(NotFound):
            queries.lesson_for(cast.actor(name), Lesson.get().id)
    assert queries.edited_course_for(cast.editor, course_id).state == "withdrawn"
    assert search_documents(course_id, settings=settings, now=clock.now()) == []
    assert list_course_ids() == []


def test_a_retired_lesson_is_not_opened(cast: Cast, publish: Callable[..., int], settings: Settings) -> None:
    publish()
    lesson = Lesson.get(Lesson.key == "know-fire")
    (settings.courses_dir / "fire-safety/lessons/01-know-fire.md").unlink()
    actions.publish_folder(None, settings.courses_dir / "fire-safety", now=cast.now, settings=settings)
    with pytest.raises(NotFound):
        queries.lesson_for(cast.learner, lesson.id)


FILTERS = [
    ({"category": "law"}, {"fire-safety", "village-fire"}),
    ({"category": "farming"}, {"maize"}),
    ({"level": "county"}, {"fire-safety", "maize"}),
    ({"level": "village"}, {"village-fire"}),
    ({"kind": "video"}, {"maize"}),
    ({"kind": "test"}, {"fire-safety", "village-fire", "maize"}),
    ({"kind": "document"}, set()),
    ({"required": "elective"}, {"maize"}),
    ({"required": "required"}, {"fire-safety", "village-fire"}),
    ({"band": "short"}, {"fire-safety", "village-fire"}),
    ({"band": "medium"}, {"maize"}),
    ({"band": "long"}, set()),
    ({"text": "玉米"}, {"maize"}),
    ({"text": "消防 社区"}, {"village-fire"}),
    ({"text": "灭火器"}, {"maize"}),
    ({"text": "100%"}, set()),
    ({"text": "fire"}, {"fire-safety", "village-fire", "maize"}),
    ({"category": "law", "level": "village"}, {"village-fire"}),
]


@pytest.mark.parametrize(("chosen", "expected"), FILTERS)
def test_filters_narrow_the_catalogue(
    cast: Cast, publish: Callable[..., int], chosen: dict[str, str], expected: set[str]
) -> None:
    publish("fire-safety")
    publish("village-fire", unit="530402004013", title="社区消防")
    maize = publish("maize", category="farming", kind="elective", title="玉米栽培", with_video=True)
    Course.update(length_s=1800).where(Course.id == maize).execute()
    found = queries.list_courses(cast.learner, CourseFilters(**chosen))
    assert {card.code for card in found.items} == expected


def test_cards_say_what_a_course_holds(cast: Cast, publish: Callable[..., int]) -> None:
    publish(with_video=True)
    (card,) = queries.list_courses(cast.learner, CourseFilters()).items
    assert card.lessons == (("text", 60), ("video", 0), ("test", 135))
    assert card.kinds == ["text", "video", "test"]
    assert (card.unit_name, card.category_name, card.category_name_en) == ("红塔区", "法律法规", "Laws")


def test_courses_are_sorted_as_asked(cast: Cast, publish: Callable[..., int]) -> None:
    for code, title, length in (("aa", "乙", 50), ("bb", "甲", 500), ("cc", "丙", 5)):
        Course.update(length_s=length).where(Course.id == publish(code, title=title)).execute()
    order = {
        sort: [card.code for card in queries.list_courses(cast.learner, CourseFilters(sort=sort)).items]
        for sort in ("short", "long")
    }
    assert order == {"short": ["cc", "aa", "bb"], "long": ["bb", "aa", "cc"]}


def test_the_outline_has_the_lessons_in_their_chapters(cast: Cast, publish: Callable[..., int]) -> None:
    parts = queries.outline(publish(with_video=True))
    assert [(part.title, [line.key for line in part.lessons]) for part in parts] == [
        ("基础", ["know-fire"]),
        ("", ["extinguisher", "test"]),
    ]
    assert parts[1].lessons[1].questions == 3


def test_the_number_of_queries_does_not_grow_with_the_courses(
    cast: Cast, publish: Callable[..., int], queries_counted: Callable[[], int]
) -> None:
    counts = []
    for round_ in range(3):
        for number in range(round_ * 4 + 1):
            publish(f"course-{round_}-{number}")
        learner, editor = cast.learner, cast.editor
        queries_counted()
        queries.list_courses(learner, CourseFilters(text="消防", kind="text", band="short"))
        catalogue = queries_counted()
        queries.list_edited_courses(editor)
        editing = queries_counted()
        queries.lesson_for(learner, Lesson.get().id)
        queries_counted()
        counts.append((catalogue, editing))
    assert counts == [(3, 4)] * 3


@pytest.fixture
def queries_counted(request: pytest.FixtureRequest) -> Callable[[], int]:
    """The counter of statements, under a name that leaves ``queries`` to the module."""
    counter: Callable[[], int] = request.getfixturevalue("queries")
    return counter


def test_search_gets_the_course_its_sections_and_its_captions(
    cast: Cast, publish: Callable[..., int], settings: Settings
) -> None:
    course_id = publish(with_video=True, audience=("530402004", "530403"))
    documents = search_documents(str(course_id), settings=settings, now=clock.now())
    lessons = {row.key: row.id for row in Lesson.select()}
    assert list_course_ids() == [str(course_id)]
    assert {one.unit_ids for one in documents} == {tuple(sorted((cast.township.id, cast.other_county.id)))}
    by_part = {one.part: one for one in documents}
    assert len(by_part) == len(documents), "parts are unique"
    assert "消防 安全" in by_part["course"].body
    oil = by_part[f"lesson-{lessons['know-fire']}-2"]
    assert (oil.kind, oil.title, oil.url) == ("lesson", "油类火灾", f"/lessons/{lessons['know-fire']}#s-2")
    assert oil.parents == (("村级消防常识", f"/courses/{course_id}"), ("认识火灾", f"/lessons/{lessons['know-fire']}"))
    spoken = by_part[f"caption-{lessons['extinguisher']}-zh-CN"]
    assert [(cue.start_ms, cue.text) for cue in spoken.cues] == [(200, "提起灭火器，"), (1000, "对准火焰根部。")]


def test_search_never_gets_the_answers_of_a_test(cast: Cast, publish: Callable[..., int], settings: Settings) -> None:
    documents = search_documents(publish(), settings=settings, now=clock.now())
    assert not any("盖锅盖" in one.body or "隔绝空气" in one.body for one in documents)


def test_pages_of_a_document_are_found_once_it_is_prepared(
    app: object, cast: Cast, publish: Callable[..., int], settings: Settings
) -> None:
    media_tasks.register(settings)
    course_id = publish()
    folder = settings.courses_dir / "fire-safety"
    slides = Path(__file__).parents[2] / "courses/fall-armyworm/media/slides.pptx"
    (folder / "media/slides.pptx").write_bytes(slides.read_bytes())
    (folder / "lessons/04-slides.md").write_text(
        '+++\ntitle = "课件"\nkind = "document"\nmedia = "media/slides.pptx"\n+++\n', "utf-8"
    )
    actions.publish_folder(None, folder, now=cast.now, settings=settings)
    while jobs.run_next(cast.now, ["media.prepare"]):
        pass
    pages = [one for one in search_documents(course_id, settings=settings, now=clock.now()) if one.kind == "document"]
    lesson_id = Lesson.get(Lesson.key == "slides").id
    assert "草地贪夜蛾" in pages[0].body
    assert pages[0].url == f"/lessons/{lesson_id}#page-1"
    assert LessonVersion.get(LessonVersion.title == "课件").characters > 100


def test_a_long_section_is_cut_between_lines(cast: Cast, publish: Callable[..., int], settings: Settings) -> None:
    course_id = publish()
    path = settings.courses_dir / "fire-safety"
    edit(path / "lessons/01-know-fire.md", "木柴、布料起火", "\n\n".join(["长" * 900] * 10) + "\n\n木柴、布料起火")
    actions.publish_folder(None, path, now=cast.now, settings=settings)
    bodies = [
        one.body for one in search_documents(course_id, settings=settings, now=clock.now()) if one.title == "固体火灾"
    ]
    assert len(bodies) == 3
    assert all(len(body) < 5000 for body in bodies)
