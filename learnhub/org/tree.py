"""Writes of the tree: the only place where units get their paths."""

from __future__ import annotations

from collections.abc import Sequence

import peewee

from learnhub.org.models import Unit
from learnhub.org.rules import Level, NewUnit


def place_unit(new: NewUnit, parent: Unit | None) -> Unit:
    """Writes one unit below ``parent`` with its path; whether it may stand there was decided before."""
    unit = Unit.create(code=new.code, name=new.name, level=new.level.value, parent=parent, path="")
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    Unit.update(path=unit.path).where(Unit.id == unit.id).execute()
    return unit


def place_units(news: Sequence[NewUnit]) -> None:
    """Writes many units at once; each parent is among them or already stands. A few statements per level."""
    for level in Level:
        batch = [new for new in news if new.level is level]
        parents = _ids_by_code({new.parent_code for new in batch if new.parent_code})
        rows = [(new.code, new.name, new.level.value, parents.get(new.parent_code), "") for new in batch]
        for chunk in peewee.chunked(rows, 500):
            Unit.insert_many(chunk, fields=[Unit.code, Unit.name, Unit.level, Unit.parent, Unit.path]).execute()
        if rows:
            _fill_paths()


def _ids_by_code(codes: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in peewee.chunked(sorted(codes), 500):
        found.update(Unit.select(Unit.code, Unit.id).where(Unit.code.in_(chunk)).tuples())
    return found


def _fill_paths() -> None:
    """Gives the units that have no path yet that of their parent and their own id."""
    above = Unit.alias()
    path_above = peewee.fn.COALESCE(above.select(above.path).where(above.id == Unit.parent), "/")
    own = path_above.concat(Unit.id.cast("text")).concat("/")
    Unit.update(path=own).where(Unit.path == "").execute()
