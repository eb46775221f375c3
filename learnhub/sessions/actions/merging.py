"""The rolls on which two entries of one person stand; and the way back. Called inside the merge's transaction."""

from __future__ import annotations

from typing import Any

from learnhub.org.events import PeopleMerged, PeopleParted
from learnhub.sessions.models import Attendance

NAME = "sessions"


def take_over(merged: PeopleMerged) -> None:
    """Lines of a roll go to the kept person; where both stand on one roll, each keeps the line that was called."""
    there = Attendance.select(Attendance.session).where(Attendance.person == merged.kept_id)
    own = (Attendance.person == merged.gone_id) & Attendance.session.not_in(there)
    moved: list[Any] = [line_id for (line_id,) in Attendance.select(Attendance.id).where(own).tuples()]
    Attendance.update(person=merged.kept_id).where(Attendance.id.in_(moved)).execute()
    merged.moved[NAME] = moved


def give_back(parted: PeopleParted) -> None:
    """Undoes :func:`take_over`."""
    moved: list[int] = parted.moved[NAME]  # type: ignore[assignment]
    Attendance.update(person=parted.gone_id).where(Attendance.id.in_(moved)).execute()
