"""What study tells the features above it; published within the transaction that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LessonCompleted:
    """A person finished a lesson for the first time; ``by`` is viewing, test or group."""

    person_id: int
    lesson_id: int
    course_id: int
    by: str
    at: datetime


@dataclass(frozen=True)
class CourseCompleted:
    """A person has finished every lesson of a course."""

    person_id: int
    course_id: int
    at: datetime


@dataclass(frozen=True)
class HoursCredited:
    """A ledger entry was written."""

    entry_id: int
    person_id: int
    year: int
    centihours: int
    at: datetime
