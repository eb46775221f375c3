"""What happened to the tree and its people, for the features above; heard inside the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class UnitsMerged:
    """All that belonged to the unit ``gone_id`` belongs to ``kept_id`` now; ``gone_id`` is retired."""

    kept_id: int
    gone_id: int
    at: datetime


@dataclass(frozen=True)
class StandingChanged:
    """The person left service, or came back into it; which of the two the database tells."""

    person_id: int
    at: datetime


@dataclass(frozen=True)
class UnitSplit:
    """Some people, children or stations of the unit ``unit_id`` belong to the new unit ``part_id`` beside it now."""

    unit_id: int
    part_id: int
    at: datetime


@dataclass(frozen=True)
class UnitRetired:
    """The unit ``unit_id``, to which nobody belonged any more, has ended; ``parent_id`` stands above it, if any does."""

    unit_id: int
    parent_id: int | None
    at: datetime


@dataclass(frozen=True)
class PeopleMerged:
    """``gone_id`` was the same person as ``kept_id``: each feature takes its rows over to ``kept_id``.

    ``moved``: a listener writes there, under its own name, plain values that are enough to undo it.
    """

    kept_id: int
    gone_id: int
    at: datetime
    moved: dict[str, object]


@dataclass(frozen=True)
class PeopleParted:
    """A merge is undone: each feature gives back what it wrote into ``moved``, or refuses."""

    kept_id: int
    gone_id: int
    at: datetime
    moved: dict[str, object]
