"""The course folders on this server that an editor may publish."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from learnhub.catalog.course_folder import CourseFolder, find_course_folders, peek_course
from learnhub.catalog.models import Category, Course, FolderReview
from learnhub.catalog.rules import PUBLISH_JOB
from learnhub.kernel import jobs
from learnhub.kernel.errors import NotFound
from learnhub.kernel.models import Job
from learnhub.org.models import Person, Unit
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


def list_folders(actor: Actor, courses_dir: Path, ability: str = "catalog.publish") -> list[FolderLine]:
    """The folders over whose unit the actor holds ``ability``, by name; of those that name none, only whoever holds it
    over the whole tree learns. Two queries."""
    peeked = {path.name: peek_course(path) for path in find_course_folders(courses_dir)}
    units = {
        unit.code: unit for unit in Unit.select().where(Unit.code.in_({unit for *_titles, unit in peeked.values()}))
    }
    courses = {course.code: course for course in Course.select().where(Course.code.in_(list(peeked)))}
    lines = []
    for name, (title, title_en, code) in peeked.items():
        unit = units.get(code)
        if may(actor, ability, unit.path if unit else "/"):
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


@dataclass(frozen=True)
class FolderPlaces:
    """A folder's category and units by their names; what is unknown or outside the actor's part stays a code."""

    category: str
    category_en: str
    unit: str
    audience: tuple[str, ...]


def places_of(actor: Actor, folder: CourseFolder, ability: str = "catalog.publish") -> FolderPlaces:
    """The names behind the codes of a folder, of units only those over which the actor holds ``ability``. Two queries."""
    category = Category.get_or_none(Category.code == folder.category)
    units = Unit.select().where(Unit.code.in_({folder.unit, *folder.audience}))
    names = {unit.code: unit.name for unit in units if may(actor, ability, unit.path)}
    return FolderPlaces(
        category.name if category else folder.category,
        category.name_en if category else folder.category,
        names.get(folder.unit, folder.unit),
        tuple(names.get(code, code) for code in folder.audience),
    )


def get_folder_path(actor: Actor, courses_dir: Path, name: str, ability: str = "catalog.publish") -> Path:
    """The path of a folder of :func:`list_folders`. Raises NotFound ``catalog.folder_unknown``."""
    if name not in {line.name for line in list_folders(actor, courses_dir, ability)}:
        raise NotFound("catalog.folder_unknown", folder=name[:80])
    return courses_dir / name


def find_publishing(name: str) -> Job | None:
    """The newest job that publishes or published a folder; for those who may see the folder. One query."""
    key = f"{PUBLISH_JOB}:{name}"
    return jobs.latest([key]).get(key)


def list_reviews(folder: str, limit: int = 20) -> list[FolderReview]:
    """What reviewers said of a folder, the latest first, with their names; for those who may see the folder. One query."""
    return list(
        FolderReview.select(FolderReview, Person)
        .join(Person)
        .where(FolderReview.folder == folder)
        .order_by(FolderReview.id.desc())
        .limit(limit)
    )


def verdicts_on(folders: Iterable[str]) -> dict[str, bool]:
    """Folder → True when the last word on it was an approval, False when changes were asked for. One query."""
    rows = (
        FolderReview.select(FolderReview.folder, FolderReview.is_approval)
        .where(FolderReview.folder.in_(list(folders)))
        .order_by(FolderReview.id)
    )
    return dict(rows.tuples())
