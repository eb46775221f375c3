"""Reads a whole course folder and tells everything that is wrong with it at once."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path

from learnhub.catalog.course_folder.files import LARGEST_TEXT, Folder
from learnhub.catalog.course_folder.lessons import ENDINGS, read_lessons, take_media
from learnhub.catalog.course_folder.shapes import (
    BadCourseFolder,
    CategoryLine,
    ChapterPart,
    CourseFolder,
    LessonPart,
    MediaPart,
    Problem,
)
from learnhub.catalog.course_folder.toml_text import Key, Table, check, parse

COURSE_FILE = "course.toml"
CATEGORIES_FILE = "categories.toml"
_AT_ONCE_BYTES = 4 << 20
_CODE = r"[a-z0-9]+(-[a-z0-9]+)*"
_COURSE_KEYS = {
    "code": Key(is_required=True, longest=80, pattern=_CODE),
    "title": Key(is_required=True),
    "title_en": Key(),
    "summary": Key(is_required=True, longest=2000),
    "summary_en": Key(longest=2000),
    "category": Key(is_required=True, longest=40),
    "unit": Key(is_required=True, longest=40),
    "audience": Key(list, longest=500),
    "kind": Key(is_required=True, allowed=("required", "elective")),
    "required_share": Key(int, least=1, most=100),
    "series": Key(longest=200),
    "series_en": Key(longest=200),
    "keywords": Key(list, longest=30),
    "source": Key(),
    "licence": Key(),
    "poster": Key(longest=200),
    "chapters": Key(list, longest=100),
}
_CHAPTER_KEYS = {
    "key": Key(is_required=True, longest=80, pattern=_CODE),
    "title": Key(is_required=True),
    "title_en": Key(),
}


def takes_time(path: Path) -> bool:
    """Whether looking through a folder's files may take longer than a person should wait for a page: recordings, which
    are decoded from end to end, or many bytes of anything. Reads sizes only."""
    recordings = {*ENDINGS["video"], *ENDINGS["audio"]}
    found = [one for one in path.rglob("*") if one.is_file() and not one.is_symlink()]
    if any(one.suffix.lstrip(".").lower() in recordings for one in found):
        return True
    return sum(one.stat().st_size for one in found) > _AT_ONCE_BYTES


def find_course_folders(courses_dir: Path) -> list[Path]:
    """The folders below ``courses_dir`` that hold a ``course.toml``, by name; links are left out."""
    if not courses_dir.is_dir():
        return []
    return sorted(path for path in courses_dir.iterdir() if not path.is_symlink() and (path / COURSE_FILE).is_file())


def peek_course(path: Path) -> tuple[str, str, str]:
    """Title, English title and unit code of a course folder, unchecked; empty where they cannot be read."""
    folder = path / COURSE_FILE
    if folder.is_symlink() or not folder.is_file() or folder.stat().st_size > LARGEST_TEXT:
        return "", "", ""
    table = parse(COURSE_FILE, folder.read_bytes().decode("utf-8-sig", "replace"))
    if isinstance(table, Problem):
        return "", "", ""
    return table.text("title"), table.text("title_en"), table.text("unit")


def read_categories(courses_dir: Path) -> list[CategoryLine]:
    """The categories in their order; a missing file is an empty list. Raises BadCourseFolder."""
    path = courses_dir / CATEGORIES_FILE
    if not path.is_file():
        return []
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = Problem(CATEGORIES_FILE, 0, "catalog.toml_broken", {"why": str(error)})
        raise BadCourseFolder(courses_dir.name, [problem]) from error
    lines = [
        CategoryLine(code, str(one.get("title", "")), str(one.get("title_en", "")))
        for code, one in values.items()
        if isinstance(one, dict)
    ]
    wrong = [one.code for one in lines if not one.title or not one.title_en]
    if wrong or len(lines) < len(values):
        raise BadCourseFolder(courses_dir.name, [Problem(CATEGORIES_FILE, 0, "catalog.categories_form")])
    return lines


def read_course_folder(path: Path, categories: Collection[str]) -> CourseFolder:
    """The course in ``path``; ``categories`` are the known codes. Raises BadCourseFolder with all problems."""
    if path.is_symlink() or not path.is_dir():
        raise BadCourseFolder(path.name, [Problem("", 0, "catalog.folder_missing", {"path": path.name})])
    folder = Folder(path)
    lessons, problems = read_lessons(folder)
    table = _course_table(folder)
    if isinstance(table, Problem):
        raise BadCourseFolder(path.name, sorted([*folder.problems, *problems, table]))
    chapters, found = _chapters(table)
    poster = _poster(folder, table)
    problems += [*folder.problems, *check(table, _COURSE_KEYS), *found]
    problems += _check_course(table, path.name, categories)
    problems += _check_chapters(lessons, {chapter.key for chapter in chapters})
    if isinstance(poster, Problem):
        problems.append(poster)
        poster = None
    if problems:
        raise BadCourseFolder(path.name, sorted(set_of(problems)))
    return _course(path.name, table, poster, chapters, lessons)


def set_of(problems: list[Problem]) -> list[Problem]:
    """The problems without repetitions of file, line, code and values."""
    return list({(one.file, one.line, one.code, str(one.params)): one for one in problems}.values())


def _course_table(folder: Folder) -> Table | Problem:
    if COURSE_FILE not in folder.names:
        return Problem(COURSE_FILE, 0, "catalog.course_toml_missing")
    text = folder.text(COURSE_FILE)
    return text if isinstance(text, Problem) else parse(COURSE_FILE, text)


def _chapters(table: Table) -> tuple[tuple[ChapterPart, ...], list[Problem]]:
    tables = table.tables.get("chapters", [])
    if table.values.get("chapters") and not tables:
        return (), [table.problem("catalog.expects_tables", "chapters")]
    problems: list[Problem] = []
    chapters: dict[str, ChapterPart] = {}
    for one in tables:
        problems += check(one, _CHAPTER_KEYS)
        if one.text("key") in chapters:
            problems.append(one.problem("catalog.chapter_twice", "key", value=one.text("key")))
        chapters[one.text("key")] = ChapterPart(one.text("key"), one.text("title"), one.text("title_en"))
    return tuple(chapters.values()), problems


def _poster(folder: Folder, table: Table) -> MediaPart | Problem | None:
    return take_media(folder, table, "poster", "poster") if table.text("poster") else None


def _check_course(table: Table, name: str, categories: Collection[str]) -> list[Problem]:
    problems: list[Problem] = []
    category, code = table.text("category"), table.text("code")
    if category and category not in categories:
        problems.append(
            table.problem("catalog.category_unknown", "category", value=category[:40], known=", ".join(categories))
        )
    if code and code != name:
        problems.append(table.problem("catalog.code_not_folder", "code", value=code[:80], folder=name))
    if "audience" in table.values and not table.texts("audience"):
        problems.append(table.problem("catalog.value_empty", "audience"))
    return problems


def _check_chapters(lessons: list[LessonPart], known: set[str]) -> list[Problem]:
    return [
        Problem(part.file, part.lines.get("chapter", 1), "catalog.chapter_unknown", {"value": part.chapter[:80]})
        for part in lessons
        if part.chapter and part.chapter not in known
    ]


def _course(
    name: str, table: Table, poster: MediaPart | None, chapters: tuple[ChapterPart, ...], lessons: list[LessonPart]
) -> CourseFolder:
    keys = ("code", "title", "title_en", "summary", "summary_en", "category", "unit", "kind", "series", "series_en")
    return CourseFolder(
        name=name,
        **{key: table.text(key) for key in (*keys, "source", "licence")},
        audience=tuple(dict.fromkeys(table.texts("audience"))) or (table.text("unit"),),
        required_share=table.number("required_share", 90) / 100,
        keywords=table.texts("keywords"),
        poster=poster,
        chapters=chapters,
        lessons=tuple(lessons),
        lines={"": table.line, **table.lines},
    )
