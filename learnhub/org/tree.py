"""Writes of the tree: the only place where units get their paths."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import peewee

from learnhub.org.models import BEGINNING, Unit
from learnhub.org.rules import NewUnit, kind_of


def place_unit(new: NewUnit, parent: Unit | None, *, since: date = BEGINNING) -> Unit:
    """Writes one unit below ``parent`` with its path; whether it may stand there was decided before."""
    kind = kind_of(new.level)
    unit = Unit.create(
        code=new.code, name=new.name, level=new.level.value, kind=kind, parent=parent, path="", since=since
    )
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    Unit.update(path=unit.path).where(Unit.id == unit.id).execute()
    return unit


def place_units(news: Sequence[NewUnit], *, since: date = BEGINNING) -> None:
    """Writes many units at once; each parent is among them or already stands. A few statements per step downward."""
    for batch in _steps(news):
        parents = _ids_by_code({new.parent_code for new in batch if new.parent_code})
        rows = [
            (new.code, new.name, new.level.value, kind_of(new.level), parents.get(new.parent_code), "", since)
            for new in batch
        ]
        fields = [Unit.code, Unit.name, Unit.level, Unit.kind, Unit.parent, Unit.path, Unit.since]
        for chunk in peewee.chunked(rows, 500):
            Unit.insert_many(chunk, fields=fields).execute()
        _fill_paths()


def _steps(news: Sequence[NewUnit]) -> list[list[NewUnit]]:
    """The units in batches, each unit after its parent; the order within a batch is that of ``news``."""
    by_code = {new.code: new for new in news}
    depths: dict[str, int] = {}

    def depth(code: str) -> int:
        if code not in depths:
            depths[code] = depth(by_code[code].parent_code) + 1 if code in by_code else 0
        return depths[code]

    batches: dict[int, list[NewUnit]] = {}
    for new in news:
        batches.setdefault(depth(new.code), []).append(new)
    return [batches[step] for step in sorted(batches)]


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


def hang_below(unit: Unit, parent: Unit) -> None:
    """Moves a unit with all below it; two statements, however large the subtree is."""
    Unit.update(parent=parent).where(Unit.id == unit.id).execute()
    new = f"{parent.path}{unit.id}/"
    rest = peewee.fn.SUBSTR(Unit.path, len(unit.path) + 1)
    Unit.update(path=peewee.Value(new).concat(rest)).where(Unit.path.within(unit.path)).execute()
    unit.parent, unit.path = parent, new
