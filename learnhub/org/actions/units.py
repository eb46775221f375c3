"""Units and stations: adding and renaming one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.kernel.text import clean
from learnhub.org import audit
from learnhub.org.models import Station, Unit
from learnhub.org.queries.units import find_unit_by_code, unit_for
from learnhub.org.rules import Level, NewUnit, may_be_child
from learnhub.org.scope import Actor
from learnhub.org.tree import place_unit


def add_unit(actor: Actor | None, new: NewUnit, *, now: datetime) -> Unit:
    """Places a unit below the one with ``new.parent_code``; needs people.manage there. A root only by command line.

    Raises Conflict for a code that exists, Invalid for a level that cannot stand there, NotFound for the parent.
    """
    new = replace(new, code=clean(new.code), name=clean(new.name))
    parent = _parent(actor, new.parent_code)
    if not new.code or not new.name:
        field = "name" if new.code else "code"
        raise Invalid("org.field_empty", fields={field: "org.field_empty"})
    if not may_be_child(new.level, Level(parent.level) if parent else None):
        raise Invalid("org.level_wrong", fields={"level": "org.level_wrong"})
    with transaction():
        if find_unit_by_code(new.code) is not None:
            raise Conflict("org.unit_code_taken", fields={"code": "org.unit_code_taken"}, unit_code=new.code)
        unit = place_unit(new, parent)
        audit.record(
            *(actor, "unit.added", "unit", unit.id),
            unit_id=unit.id,
            now=now,
            unit_code=unit.code,
            name=unit.name,
            level=unit.level,
        )
    return unit


def _parent(actor: Actor | None, code: str) -> Unit | None:
    if not code:
        if actor is not None:
            raise Forbidden("org.not_allowed", ability="people.manage")
        return None
    parent = find_unit_by_code(code)
    if parent is None:
        raise NotFound("org.no_such_unit")
    return unit_for(actor, parent.id, "people.manage") if actor else parent


def rename_unit(actor: Actor, unit_id: int, name: str, *, now: datetime) -> Unit:
    """Gives a unit another name; needs people.manage over it."""
    unit = unit_for(actor, unit_id, "people.manage")
    name = clean(name)
    if not name:
        raise Invalid("org.field_empty", fields={"name": "org.field_empty"})
    with transaction():
        before, unit.name = unit.name, name
        unit.save(only=[Unit.name])
        audit.record(actor, "unit.renamed", "unit", unit.id, unit_id=unit.id, now=now, before=before, after=name)
    return unit


def add_station(actor: Actor | None, station_no: str, name: str, unit_id: int, *, now: datetime) -> Station:
    """Attaches a station to a unit; needs people.manage there. Raises Conflict for a number that exists."""
    unit = unit_for(actor, unit_id, "people.manage") if actor else Unit.get_by_id(unit_id)
    station_no, name = clean(station_no), clean(name)
    if not station_no or not name:
        field = "name" if station_no else "station_no"
        raise Invalid("org.field_empty", fields={field: "org.field_empty"})
    with transaction():
        if Station.select().where(Station.station_no == station_no).exists():
            raise Conflict("org.station_no_taken", fields={"station_no": "org.station_no_taken"}, station_no=station_no)
        station = Station.create(station_no=station_no, name=name, unit=unit)
        audit.record(
            actor, "station.added", "station", station.id, unit_id=unit.id, now=now, station_no=station_no, name=name
        )
    return station
