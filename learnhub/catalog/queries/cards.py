"""The catalogue as cards, filtered and in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import peewee

from learnhub.catalog.models import Category, Course, Lesson, LessonVersion
from learnhub.catalog.queries.single import visible_to
from learnhub.catalog.rules import Band, bounds_of
from learnhub.kernel.paging import Page, page_of
from learnhub.kernel.text import clean
from learnhub.org.models import Unit
from learnhub.org.scope import Actor

PAGE_SIZE = 12
SORTS = ("new", "title", "short", "long")


@dataclass(frozen=True)
class CourseFilters:
    """What the catalogue is narrowed by; an empty text means everything. ``sort`` is one of :data:`SORTS`."""

    category: str = ""
    level: str = ""
    kind: str = ""
    band: str = ""
    required: str = ""
    series: str = ""
    text: str = ""
    sort: str = "new"


@dataclass(frozen=True)
class CourseCard:
    """A course as a card shows it. ``lessons`` holds (kind, seconds) of each, for those who reckon the hours."""

    id: int
    code: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    category: str
    category_name: str
    category_name_en: str
    series: str
    series_en: str
    level: str
    unit_name: str
    is_required: bool
    length_s: int
    lesson_count: int
    poster_id: int | None
    published_at: datetime | None
    lessons: tuple[tuple[str, int], ...]

    @property
    def kinds(self) -> list[str]:
        """The kinds of its lessons, each once, in the order in which they appear."""
        return list(dict.fromkeys(kind for kind, _length in self.lessons))


def list_courses(actor: Actor, filters: CourseFilters, page: int = 1, size: int = PAGE_SIZE) -> Page[CourseCard]:
    """One page of the courses offered to the actor's unit. Three queries, whatever their number."""
    found = page_of(_ordered(_cards(visible_to(actor) & _narrowed(filters)), filters.sort), page, size)
    lessons = _lessons_of([row.id for row in found.items])
    return found.map(lambda row: _card(row, lessons))


def list_cards(actor: Actor, course_ids: Sequence[int]) -> list[CourseCard]:
    """The cards of those of the courses that the actor sees, in the order given. Two queries."""
    rows = {row.id: row for row in _cards(visible_to(actor) & Course.id.in_(list(course_ids)))}
    lessons = _lessons_of(list(rows))
    return [_card(rows[course_id], lessons) for course_id in course_ids if course_id in rows]


def list_categories(actor: Actor) -> list[Category]:
    """The categories in which the actor sees at least one course, in their order. One query."""
    used = Course.select(Course.category).where(visible_to(actor))
    return list(Category.select().where(Category.id.in_(used)).order_by(Category.order))


def _cards(condition: peewee.Expression) -> peewee.ModelSelect:
    return Course.select(Course, Category, Unit).join_from(Course, Category).join_from(Course, Unit).where(condition)


def _narrowed(filters: CourseFilters) -> peewee.Expression:
    condition = Course.id.is_null(False)
    if filters.category:
        condition &= Category.code == filters.category
    if filters.level:
        condition &= Course.level == filters.level
    if filters.series:
        condition &= Course.series == filters.series
    if filters.required:
        condition &= Course.is_required == (filters.required == "required")
    if filters.band:
        above, most = bounds_of(Band(filters.band))
        condition &= Course.length_s > above
        if most is not None:
            condition &= Course.length_s <= most
    if filters.kind:
        of_kind = Lesson.select(Lesson.course).where((Lesson.kind == filters.kind) & ~Lesson.is_retired)
        condition &= Course.id.in_(of_kind)
    for word in clean(filters.text).split(" ")[:8]:
        if word:
            condition &= _says(word)
    return condition


def _says(word: str) -> peewee.Expression:
    """The word is part of the course's names, summary, key words, or of the title of one of its lessons."""
    lessons = Lesson.select(Lesson.course).where(
        ~Lesson.is_retired & (Lesson.title.contains(word) | Lesson.title_en.contains(word))
    )
    own = (Course.title, Course.title_en, Course.summary, Course.summary_en, Course.series, Unit.name)
    condition = Course.id.in_(lessons) | Course.keywords.cast("TEXT").contains(word)
    for field in own:
        condition |= field.contains(word)
    return condition


def _ordered(query: peewee.ModelSelect, sort: str) -> peewee.ModelSelect:
    by_title = (Course.title, Course.id)
    orders = {
        "new": (Course.published_at.desc(), *by_title),
        "title": by_title,
        "short": (Course.length_s, *by_title),
        "long": (Course.length_s.desc(), *by_title),
    }
    return query.order_by(*orders[sort])


def _lessons_of(course_ids: Iterable[int]) -> dict[int, tuple[tuple[str, int], ...]]:
    rows = (
        Lesson.select(Lesson.course, Lesson.kind, LessonVersion.length_s)
        .join(LessonVersion)
        .where(Lesson.course.in_(list(course_ids)) & ~Lesson.is_retired & LessonVersion.is_current)
        .order_by(Lesson.course, Lesson.number)
        .tuples()
    )
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for course_id, kind, length_s in rows:
        found[course_id].append((kind, length_s))
    return {course_id: tuple(lessons) for course_id, lessons in found.items()}


def _card(row: Course, lessons: dict[int, tuple[tuple[str, int], ...]]) -> CourseCard:
    same = ("id", "code", "title", "title_en", "summary", "summary_en", "series", "series_en", "level", "is_required")
    return CourseCard(
        **{name: getattr(row, name) for name in same},
        category=row.category.code,
        category_name=row.category.name,
        category_name_en=row.category.name_en,
        unit_name=row.unit.name,
        length_s=row.length_s,
        lesson_count=row.lesson_count,
        poster_id=row.poster_id,
        published_at=row.published_at,
        lessons=lessons.get(row.id, ()),
    )
