"""What sessions tell to the features above them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SessionClosed:
    """A session ended and its people were credited."""

    session_id: int
    station_id: int
    person_ids: tuple[int, ...]
    lesson_ids: tuple[int, ...]
