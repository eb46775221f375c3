"""Pure decisions of the catalogue: reading time, bands of length, who sees a course, what a new folder changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

READING_CHARACTERS_PER_MINUTE = 300  # an unhurried adult reading Chinese for study
SECONDS_PER_QUESTION = 45
UNREAD_PAGE_CHARACTERS = 100  # 20 seconds of reading; a full page has some 500 to 800
SHORT_S = 15 * 60  # the steps of the national on-line academy's hours: up to 15 minutes, up to an hour
LONG_S = 60 * 60
LONGEST_REASON = 300
LONGEST_TITLE = 300
PUBLISH_JOB = "catalog.publish"
"""The job that publishes a folder; its key ends with the folder's name."""


class State(StrEnum):
    """Where a course is in its life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ProposalState(StrEnum):
    """What became of an upload that was put up for approval; ``replaced``: by a later one for the same lesson."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    REPLACED = "replaced"


class Kind(StrEnum):
    """The kinds of lesson."""

    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    DOCUMENT = "document"
    TEST = "test"


class Band(StrEnum):
    """How long a course takes: up to 15 minutes, up to an hour, longer."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


def bounds_of(band: Band) -> tuple[int, int | None]:
    """The seconds above which and up to which a course belongs to a band; None: no upper end.

    >>> bounds_of(Band.SHORT), bounds_of(Band.LONG)
    ((-1, 900), (3600, None))
    """
    return {Band.SHORT: (-1, SHORT_S), Band.MEDIUM: (SHORT_S, LONG_S), Band.LONG: (LONG_S, None)}[band]


def reading_seconds(characters: int) -> int:
    """How long a text is meant to take, in whole minutes, as seconds; an empty text takes none."""
    return -(-characters // READING_CHARACTERS_PER_MINUTE) * 60


def page_characters(text: str) -> int:
    """The characters to be read on a page of a document; a page without text (a scan, a drawing) counts as so many."""
    return len("".join(text.split())) or UNREAD_PAGE_CHARACTERS


def lesson_seconds(kind: str, *, characters: int = 0, duration_ms: int | None = None, questions: int = 0) -> int:
    """The length of a lesson in seconds; a recording that was not yet measured has none.

    To the nearest second: sound ends some hundredths behind the picture, and a film of 15:00 is not one of 15:01.
    """
    if kind in (Kind.VIDEO, Kind.AUDIO):
        return max(1, (duration_ms + 500) // 1000) if duration_ms else 0
    if kind == Kind.TEST:
        return questions * SECONDS_PER_QUESTION
    return reading_seconds(characters)


def kind_for_asset(asset_kind: str) -> Kind | None:
    """The kind of lesson that shows a medium of that kind; None: a picture alone is no lesson."""
    return Kind(asset_kind) if asset_kind in (Kind.VIDEO, Kind.AUDIO, Kind.DOCUMENT) else None


def is_offered_to(audience: Iterable[int], unit_ids: Iterable[int]) -> bool:
    """True when a unit on the way from the root to the person's own unit is in the course's audience."""
    return not set(audience).isdisjoint(unit_ids)


@dataclass(frozen=True)
class LessonState:
    """What is compared of a lesson; ``digest`` is that of its content."""

    number: int
    kind: str
    title: str
    title_en: str
    chapter: str
    digest: str
    is_retired: bool = False


@dataclass(frozen=True)
class LessonPlan:
    """What publishing does, by lesson key. ``changed`` get a new version; ``moved`` only another place or name;
    ``retired`` leave the course; ``clashing`` would change their kind, which is refused."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    moved: tuple[str, ...]
    retired: tuple[str, ...]
    clashing: tuple[str, ...]


def plan_lessons(present: Mapping[str, LessonState], wanted: Mapping[str, LessonState]) -> LessonPlan:
    """Compares the lessons that a course has with those of its folder."""
    shared = [key for key in wanted if key in present]
    changed = tuple(key for key in shared if present[key].digest != wanted[key].digest)
    return LessonPlan(
        added=tuple(key for key in wanted if key not in present),
        changed=changed,
        moved=tuple(key for key in shared if key not in changed and present[key] != wanted[key]),
        retired=tuple(key for key, state in present.items() if key not in wanted and not state.is_retired),
        clashing=tuple(key for key in shared if present[key].kind != wanted[key].kind),
    )
