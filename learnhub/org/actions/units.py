"""Units and stations: adding one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.kernel.text import clean
from learnhub.org import audit, history
from learnhub.org.actions.grants import share_root
from learnhub.org.models import Station, Unit
from learnhub.org.queries.units import find_unit_by_code, standing_unit_for, station_for
from learnhub.org.rules import NewUnit, level_named, may_be_child
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
    if not may_be_child(new.level, level_named(parent.level) if parent else None):
        raise Invalid("org.level_wrong", fields={"level": "org.level_wrong"})
    with transaction():
        if find_unit_by_code(new.code) is not None:
            raise Conflict("org.unit_code_taken", fields={"code": "org.unit_code_taken"}, unit_code=new.code)
        unit = place_unit(new, parent, since=clock.local_date(now))
        if parent is None:
            share_root(unit, now=now)
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
    return standing_unit_for(actor, parent.id, "people.manage") if actor else parent


def add_station(actor: Actor | None, station_no: str, name: str, unit_id: int, *, now: datetime) -> Station:
    """Attaches a station to a unit; needs people.manage there. Raises Conflict for a number that exists."""
    unit = standing_unit_for(actor, unit_id, "people.manage") if actor else Unit.get_by_id(unit_id)
    station_no, name = clean(station_no), clean(name)
    if not station_no or not name:
        field = "name" if station_no else "station_no"
        raise Invalid("org.field_empty", fields={field: "org.field_empty"})
    with transaction():
        if Station.select().where(Station.station_no == station_no).exists():
            raise Conflict("org.station_no_taken", fields={"station_no": "org.station_no_taken"}, station_no=station_no)
        station = Station.create(station_no=station_no, name=name, unit=unit, since=clock.local_date(now))
        audit.record(
            actor, "station.added", "station", station.id, unit_id=unit.id, now=now, station_no=station_no, name=name
        )
    return station


def change_station(
    actor: Actor, station_id: int, name: str, *, is_open: bool, reason: str = "", now: datetime
) -> Station:
    """Gives a station another name, closes it or opens it again, from today; needs people.manage over its unit."""
    station, name = station_for(actor, station_id, "people.manage"), clean(name)
    if not name:
        raise Invalid("org.field_empty", fields={"name": "org.field_empty"})
    if is_open and station.unit.is_retired:
        raise Conflict("org.unit_retired", name=station.unit.name)
    before = [station.name, station.is_open]
    with transaction():
        change = history.begin(actor, "station", unit=station.unit, reason=reason, now=now, station=station.id)
        history.put_stations(Station.id == station.id, change, name=name, is_open=is_open)
        audit.record(
            *(actor, "station.changed", "station", station.id),
            unit_id=station.unit_id,
            now=now,
            reason=reason,
            before=before,
            after=[name, is_open],
        )
    return station
