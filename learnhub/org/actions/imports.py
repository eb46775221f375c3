"""Whole files of units and stations: every problem at once, all or nothing, the second time nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import peewee

from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.org import audit, history
from learnhub.org.actions.grants import share_root
from learnhub.org.import_files import ImportRefused, Problem, Row, read_table
from learnhub.org.import_rules import Known, UnitLine, check_units, unit_lines
from learnhub.org.models import Station, Unit
from learnhub.org.rules import Level, is_within, level_named
from learnhub.org.scope import Actor, scope_of
from learnhub.org.tree import place_units


@dataclass(frozen=True)
class ImportResult:
    """What an import did: counts of lines. ``groups`` are units of the lowest level that came with stations."""

    created: int
    changed: int
    unchanged: int
    groups: int = 0


def import_units(actor: Actor | None, raw: bytes, *, file_name: str, now: datetime) -> ImportResult:
    """Takes the units of a file (``code, parent_code, level, name``) into the tree; in any order, all or nothing.

    Units that stand already get the file's name; they are neither moved nor given another level. With an actor only
    within the scope of people.manage; None is the command line. Raises ImportRefused with every problem.
    """
    rows, problems = read_table(raw, needed=("code", "parent_code", "level", "name"))
    lines, wrong = unit_lines(rows)
    with transaction():
        known = _known_units(actor)
        problems += wrong + check_units(lines, known, may_add_root=actor is None)
        if problems:
            raise ImportRefused(file_name, problems)
        created = [line for line in lines if line.code not in known]
        renamed = [line for line in lines if line.code in known and line.name != known[line.code].name]
        place_units([line.new for line in created], since=clock.local_date(now))
        _share_roots([line.code for line in created if not line.parent_code], now)
        _rename(actor, renamed, now)
        result = ImportResult(len(created), len(renamed), len(lines) - len(created) - len(renamed))
        changes = [[line.code, known[line.code].name, line.name] for line in renamed]
        _record(actor, "units.imported", file_name, raw, result, changes, now)
    return result


def _share_roots(codes: Sequence[str], now: datetime) -> None:
    for root in Unit.select().where(Unit.code.in_(list(codes))):
        share_root(root, now=now)


def _rename(actor: Actor | None, renamed: Sequence[UnitLine], now: datetime) -> None:
    for line in renamed:
        unit = Unit.get(Unit.code == line.code)
        change = history.begin(actor, "rename", unit=unit, now=now, before=unit.name, after=line.name)
        history.put_unit(unit, change, name=line.name)


def import_stations(actor: Actor | None, raw: bytes, *, file_name: str, now: datetime) -> ImportResult:
    """Takes the stations of a file (``station_no, code`` of the unit, ``name``) into the tree; all or nothing.

    A group (level 5) that is not in the tree yet comes with its station, when the file also has ``parent_code`` and
    ``level``; units of higher levels must stand. The name is ``full_name`` where there is one. Stations that stand
    already get the file's name and are not moved. Raises ImportRefused with every problem.
    """
    rows, problems = read_table(
        raw, needed=("station_no", "code", "name"), optional=("parent_code", "level", "full_name")
    )
    with transaction():
        known = _known_units(actor)
        groups, wrong = unit_lines(_new_groups(rows, known))
        problems += wrong + check_units(groups, known, may_add_root=False)
        stations = {one.station_no: one for one in Station.select(Station, Unit).join(Unit)}
        problems += _check_stations(rows, known, {line.code for line in groups}, stations)
        if problems:
            raise ImportRefused(file_name, problems)
        place_units([line.new for line in groups], since=clock.local_date(now))
        result, changes = _write_stations(actor, rows, stations, groups, now)
        _record(actor, "stations.imported", file_name, raw, result, changes, now)
    return result


def _new_groups(rows: Sequence[Row], known: dict[str, Known]) -> list[Row]:
    """The first line of each group that does not stand yet; several stations may belong to one."""
    first: dict[str, Row] = {}
    for row in rows:
        if row.cells["code"] not in known and _is_group(row):
            first.setdefault(row.cells["code"], row)
    return list(first.values())


def _is_group(row: Row) -> bool:
    return row.cells["level"] in (str(Level.GROUP.depth), Level.GROUP.value) and bool(row.cells["parent_code"])


def _known_units(actor: Actor | None) -> dict[str, Known]:
    """All units by code; ``is_mine`` tells whether the actor may change them."""
    roots = None if actor is None else scope_of(actor, "people.manage")
    above = Unit.alias()
    query = (
        Unit.select(Unit.code, above.code, Unit.level, Unit.name, Unit.is_retired, Unit.path)
        .join(above, peewee.JOIN.LEFT_OUTER, on=Unit.parent == above.id)
        .tuples()
    )
    return {
        code: Known(
            parent or "",
            level_named(level),
            name,
            is_retired,
            roots is None or any(is_within(path, root) for root in roots),
        )
        for code, parent, level, name, is_retired, path in query
    }


def _check_stations(
    rows: Sequence[Row], known: dict[str, Known], groups: set[str], stations: dict[str, Station]
) -> list[Problem]:
    problems, first = [], {}
    for row in rows:
        number, code = row.cells["station_no"], row.cells["code"]
        problems += [
            Problem(row.line, "org.line_empty_cell", {"column": name})
            for name in ("station_no", "code", "name")
            if not row.cells[name]
        ]
        if number and first.setdefault(number, row.line) != row.line:
            problems.append(Problem(row.line, "org.line_duplicate", {"text": number, "first": first[number]}))
        if code and code not in known and code not in groups and not _is_group(row):
            problems.append(Problem(row.line, "org.line_unit_unknown", {"unit": code}))
        if code in known and known[code].is_retired:
            problems.append(Problem(row.line, "org.line_retired"))
        old = stations.get(number)
        if old is not None and old.unit.code != code:
            problems.append(Problem(row.line, "org.line_station_moved", {"unit": old.unit.code}))
        is_new_or_renamed = old is None or old.name != _station_name(row)
        if code in known and not known[code].is_mine and is_new_or_renamed:
            problems.append(Problem(row.line, "org.line_outside"))
    return problems


def _station_name(row: Row) -> str:
    return row.cells["full_name"] or row.cells["name"]


def _write_stations(
    actor: Actor | None,
    rows: Sequence[Row],
    stations: dict[str, Station],
    groups: Sequence[UnitLine],
    now: datetime,
) -> tuple[ImportResult, list[list[str]]]:
    ids = dict(Unit.select(Unit.code, Unit.id).tuples())
    new = [row for row in rows if row.cells["station_no"] not in stations]
    day = clock.local_date(now)
    fresh = [(row.cells["station_no"], _station_name(row), ids[row.cells["code"]], day) for row in new]
    fields = [Station.station_no, Station.name, Station.unit, Station.since]
    for chunk in peewee.chunked(fresh, 500):
        Station.insert_many(chunk, fields=fields).execute()
    changes = []
    for row in rows:
        old = stations.get(row.cells["station_no"])
        if old is not None and old.name != _station_name(row):
            changes.append([old.station_no, old.name, _station_name(row)])
            change = history.begin(actor, "rename", unit=old.unit, now=now, station_no=old.station_no)
            history.put_stations(Station.id == old.id, change, name=_station_name(row))
    unchanged = len(rows) - len(fresh) - len(changes)
    return ImportResult(len(fresh), len(changes), unchanged, len(groups)), changes


def _record(
    actor: Actor | None,
    action: str,
    file_name: str,
    raw: bytes,
    result: ImportResult,
    changes: Iterable[list[str]],
    now: datetime,
) -> None:
    audit.record(
        *(actor, action, "file", hashlib.sha256(raw).hexdigest()[:40]),
        unit_id=actor.unit_id if actor else None,
        now=now,
        file=file_name,
        created=result.created,
        groups=result.groups,
        changed=list(changes),
    )
