"""What a course folder says, as plain values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from learnhub.kernel.errors import Invalid


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong: ``file`` relative to the course folder, ``line`` from 1 (0: the file as a whole), code, values."""

    file: str
    line: int
    code: str
    params: dict[str, Any] = field(default_factory=dict, compare=False)


class BadCourseFolder(Invalid):
    """A course folder was refused; ``problems`` holds all that was found, in the order of files and lines."""

    def __init__(self, folder: str, problems: Sequence[Problem]) -> None:
        super().__init__("catalog.folder_refused", folder=folder, count=len(problems))
        self.folder = folder
        self.problems = tuple(problems)


@dataclass(frozen=True)
class CategoryLine:
    """A category as ``categories.toml`` lists it, in its order."""

    code: str
    title: str
    title_en: str


@dataclass(frozen=True)
class MediaPart:
    """A media file of the folder: its real path, its name as written, SHA-256 and bytes."""

    path: Path
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Mark:
    """A titled moment of a recording, in milliseconds."""

    start_ms: int
    title: str


@dataclass(frozen=True)
class Question:
    """One question; ``answer`` holds indexes into ``options``. ``judge`` has no options: 0 is right, 1 is wrong."""

    key: str
    kind: str
    text: str
    options: tuple[str, ...]
    answer: tuple[int, ...]
    explanation: str


@dataclass(frozen=True)
class LessonPart:
    """One lesson; ``captions`` maps a language tag to the text of a WebVTT file. ``lines`` tells where a key stands."""

    file: str
    number: int
    key: str
    kind: str
    title: str
    title_en: str
    chapter: str
    source: str
    body_html: str = ""
    body_text: str = ""
    media: MediaPart | None = None
    captions: dict[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    questions: tuple[Question, ...] = ()
    pass_share: float = 0.6
    lines: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of what a learner meets. Captions are left out: correcting one must not undo a viewing."""
        shown = [self.kind, self.title, self.title_en, self.source, self.body_html, self.pass_share]
        media = self.media.sha256 if self.media else ""
        return _digest([*shown, media, [asdict(one) for one in (*self.marks, *self.questions)]])


@dataclass(frozen=True)
class ChapterPart:
    """A titled part of the course, in the order of the file."""

    key: str
    title: str
    title_en: str


@dataclass(frozen=True)
class CourseFolder:
    """A whole course; ``required_share`` from 0 to 1. Units are codes of the tree."""

    name: str
    code: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    category: str
    unit: str
    audience: tuple[str, ...]
    kind: str
    required_share: float
    series: str
    series_en: str
    keywords: tuple[str, ...]
    source: str
    licence: str
    poster: MediaPart | None
    chapters: tuple[ChapterPart, ...]
    lessons: tuple[LessonPart, ...]
    lines: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of everything that publishing writes: equal digests mean that nothing is to be done."""
        own = {
            name: value
            for name, value in vars(self).items()
            if name not in ("name", "lines", "lessons", "poster", "chapters")
        }
        own["chapters"] = [asdict(one) for one in self.chapters]
        own["poster"] = self.poster.sha256 if self.poster else ""
        lessons = [[one.number, one.key, one.chapter, one.digest, one.captions] for one in self.lessons]
        return _digest([own, lessons])


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
