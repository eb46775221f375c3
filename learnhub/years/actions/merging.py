"""Claims, objections and questions go with a person whose two entries become one; and the way back."""

from __future__ import annotations

from typing import Any

from learnhub.org.events import PeopleMerged, PeopleParted
from learnhub.years.models import Anomaly, HoursClaim, Objection

NAME = "years"
_TABLES = {"claims": HoursClaim, "objections": Objection, "questions": Anomaly}


def take_over(merged: PeopleMerged) -> None:
    """All of them become the kept person's."""
    told: dict[str, list[int]] = {}
    for name, table in _TABLES.items():
        told[name] = [row_id for (row_id,) in table.select(table.id).where(table.person == merged.gone_id).tuples()]
        table.update(person=merged.kept_id).where(table.person == merged.gone_id).execute()
    merged.moved[NAME] = told


def give_back(parted: PeopleParted) -> None:
    """Those that were moved go back."""
    told: dict[str, Any] = parted.moved.get(NAME, {})  # type: ignore[assignment]
    for name, ids in told.items():
        table = _TABLES[name]
        table.update(person=parted.gone_id).where(table.id.in_(ids)).execute()
