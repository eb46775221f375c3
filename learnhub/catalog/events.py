"""What the catalogue tells the features above it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CoursePublished:
    """A course was published for the first time, anew or with other content; ids of lessons by what happened."""

    course_id: int
    added: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    retired: tuple[int, ...] = ()


@dataclass(frozen=True)
class CourseWithdrawn:
    """Nobody may open the course from now on; what was earned with it stays."""

    course_id: int


@dataclass(frozen=True)
class CourseRestored:
    """A withdrawn course is offered again, as it was."""

    course_id: int
