"""Imports of people: only for those who administrate all that the import may touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from learnhub.kernel.errors import Invalid, NotFound
from learnhub.kernel.models import Job
from learnhub.kernel.paging import Page, page_of
from learnhub.org.models import Person, Rank, Unit
from learnhub.org.queries.units import names_along
from learnhub.org.roster import copy, planning, writing
from learnhub.org.roster.models import ImportLine, ImportRun
from learnhub.org.roster.places import Place, Refused
from learnhub.org.scope import Actor, may, scope_of

_MOST_RUNS = 400


def get_run(run_id: int) -> ImportRun:
    """A run, whoever asks. Raises NotFound."""
    run = ImportRun.get_or_none(ImportRun.id == run_id)
    if run is None:
        raise NotFound("org.no_such_import")
    return run


def run_for(actor: Actor, run_id: int) -> ImportRun:
    """A run (with its owner) for somebody who holds people.manage over everything it may touch, else NotFound."""
    run = ImportRun.select(ImportRun, Person).join(Person).where(ImportRun.id == run_id).first()
    if run is None or not _is_visible(actor, run, _paths([run])):
        raise NotFound("org.no_such_import")
    return run


def _paths(runs: list[ImportRun]) -> dict[int, str]:
    roots = {root for run in runs for root in run.roots}
    return dict(Unit.select(Unit.id, Unit.path).where(Unit.id.in_(roots)).tuples())


def _is_visible(actor: Actor, run: ImportRun, paths: dict[int, str]) -> bool:
    return bool(run.roots) and all(root in paths and may(actor, "people.manage", paths[root]) for root in run.roots)


def list_runs(actor: Actor) -> list[ImportRun]:
    """The latest imports that the actor may see, the newest first, without removed ones. Two queries."""
    query = ImportRun.select(ImportRun, Person).join(Person).where(ImportRun.state != "discarded")
    runs = list(query.order_by(ImportRun.id.desc()).limit(_MOST_RUNS))
    paths = _paths(runs)
    return [run for run in runs if _is_visible(actor, run, paths)]


def place_named(actor: Actor, text: str) -> Place:
    """The unit that somebody means by a code, a full path or a name, where they hold people.manage. One query.

    Raises Invalid with the field ``unit`` when there is none or more than one.
    """
    places = planning.load_places(scope_of(actor, "people.manage"))
    written = text.strip()
    found = places.find(written, "")
    if isinstance(found, Refused):
        found = places.find("", written)
    if isinstance(found, Refused) or found is None:
        code, params = (found.code, found.params) if found else ("org.roster_no_unit", {})
        raise Invalid(code, fields={"unit": code}, **params)
    return found


def job_of(run: ImportRun) -> Job | None:
    """The latest job of a run, or None."""
    return Job.get_or_none(Job.id == run.job_id) if run.job_id else None


def has_failed(run: ImportRun) -> bool:
    """True when the latest job of a run has given up."""
    return bool(Job.select().where((Job.id == run.job_id) & (Job.state == "failed")).exists())


@dataclass(frozen=True)
class LineRow:
    """A line as the page shows it: ``changes`` are (field, before, after) in words."""

    sheet: str
    row: int
    outcome: str
    name: str
    staff_no: str
    place: str
    rank: str
    duty: str
    person_id: int | None
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    cells: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()


def page_of_lines(run: ImportRun, outcome: str, number: int, *, english: bool, size: int = 50) -> Page[LineRow]:
    """One page of the lines with an outcome, in the order of the file. At most six queries."""
    query = ImportLine.select().where((ImportLine.run == run.id) & (ImportLine.outcome == outcome))
    page = page_of(query.order_by(ImportLine.id), number, size)
    units = {line.unit_id for line in page.items if line.unit_id}
    units |= {line.after["branch_id"] for line in page.items if line.after and line.after.get("branch_id")}
    paths = dict(Unit.select(Unit.id, Unit.path).where(Unit.id.in_(units)).tuples()) if units else {}
    names = names_along(paths.values())
    ranks = {rank.id: rank.name_en if english else rank.name for rank in Rank.select()}
    at = {name: place for place, name in enumerate(run.columns) if name}
    return page.map(lambda line: _row(line, at, {one: names[path] for one, path in paths.items()}, ranks))


def _row(line: ImportLine, at: dict[str, int], places: dict[int, str], ranks: dict[int, str]) -> LineRow:
    def written(name: str) -> str:
        place = at.get(name)
        return line.cells[place] if place is not None and place < len(line.cells) else ""

    def shown(name: str, value: Any) -> str:
        if name == "branch_id":
            return places.get(value, "")
        return ranks.get(value, "") if name == "rank_id" else str(value or "")

    unit = places.get(line.unit_id, "") or written("unit") or written("unit_code")
    before = line.before or {}
    return LineRow(
        *(line.sheet, line.row, line.outcome, written("name"), written("staff_no"), unit, written("rank")),
        *(written("duty"), line.person_id, line.code, line.params or {}, tuple(line.cells)),
        tuple((name, shown(name, old), shown(name, (line.after or {})[name])) for name, old in before.items()),
    )


def sheet_rows(run: ImportRun, outcome: str | None, data_dir: Path) -> Iterator[tuple[ImportLine, list[str]]]:
    """The lines with all cells of their rows as uploaded, but those not collected.

    Once the run has ended its copy is gone, and the cells are those of the columns that were used.
    """
    path = copy.copy_path(data_dir, run.id)
    rows = copy.read_copy(path) if path.exists() else None
    for line in writing.lines_of(run):
        cells = line.cells
        if rows is not None:
            cells = [cell if isinstance(cell, str) else cell.shown for cell in next(rows).cells]
        if outcome is None or line.outcome == outcome:
            width = len(run.found["headings"])
            yield line, [*cells[:width], *[""] * (width - len(cells))]
