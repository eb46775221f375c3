"""The course folders on this server that an editor may publish."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from learnhub.catalog.course_folder import find_course_folders, peek_course
from learnhub.catalog.models import Course
from learnhub.kernel.errors import NotFound
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, may


@dataclass(frozen=True)
class FolderLine:
    """A folder with what its ``course.toml`` says of itself; ``state`` of the course made from it, empty if none."""

    name: str
    title: str
    title_en: str
    unit_name: str
    course_id: int | None
    state: str


def list_folders(actor: Actor, courses_dir: Path) -> list[FolderLine]:
    """The folders whose unit the actor may publish for, by name; of those that name none, only whoever may publish
    for the whole tree learns. Two queries."""
    peeked = {path.name: peek_course(path) for path in find_course_folders(courses_dir)}
    units = {
        unit.code: unit for unit in Unit.select().where(Unit.code.in_({unit for *_titles, unit in peeked.values()}))
    }
    courses = {course.code: course for course in Course.select().where(Course.code.in_(list(peeked)))}
    lines = []
    for name, (title, title_en, code) in peeked.items():
        unit = units.get(code)
        if may(actor, "catalog.publish", unit.path if unit else "/"):
            course = courses.get(name)
            lines.append(
                FolderLine(
                    name,
                    title,
                    title_en,
                    unit.name if unit else code,
                    course.id if course else None,
                    course.state if course else "",
                )
            )
    return lines


def get_folder_path(actor: Actor, courses_dir: Path, name: str) -> Path:
    """The path of a folder of :func:`list_folders`. Raises NotFound ``catalog.folder_unknown``."""
    if name not in {line.name for line in list_folders(actor, courses_dir)}:
        raise NotFound("catalog.folder_unknown", folder=name[:80])
    return courses_dir / name
