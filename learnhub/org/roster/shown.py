"""Imports in words: states, fields, outcomes, what was left out, why a row was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from learnhub.design.i18n import LazyText, _, _l
from learnhub.kernel import messages
from learnhub.org.roster import copy
from learnhub.org.roster.cells import Trouble
from learnhub.org.roster.models import ImportRun

STATES: dict[str, LazyText | str] = {
    "reading": _l("The file is being read"),
    "columns": _l("Waiting for the columns"),
    "planning": _l("The dry run is being made"),
    "planned": _l("Dry run, nothing changed yet"),
    "applying": _l("Being applied"),
    "applied": _l("Applied"),
    "undoing": _l("Being undone"),
    "undone": _l("Undone"),
    "refused": _l("File refused"),
}
FIELD_NAMES: dict[str, LazyText | str] = {
    "name": _l("Name"),
    "staff_no": _l("Staff number"),
    "unit_code": _l("Unit code"),
    "unit": _l("Unit (name or path)"),
    "county": _l("County of the unit"),
    "township": _l("Township of the unit"),
    "branch": _l("Party branch"),
    "branch_id": _l("Party branch"),
    "rank": _l("Rank"),
    "duty": _l("Post"),
    "in_service": _l("In service"),
    "since": _l("In this unit since"),
    "record": _l("Record number"),
    "rank_id": _l("Rank"),
}
OUTCOME_NAMES: dict[str, LazyText | str] = {
    "created": _l("Added"),
    "changed": _l("Changed"),
    "same": _l("Left alone"),
    "refused": _l("Refused"),
}


def sentence(code: str, params: Mapping[str, Any] | None) -> str:
    """The words for a code in the language of the moment."""
    return messages.text_of(code, params or {}) or code


def reason_of(line: Any) -> str:
    """Why a line was refused; empty for all others."""
    return sentence(line.code, line.params) if line.code else ""


def left_out(found: Mapping[str, Any]) -> list[str]:
    """Sentences about what was not read as rows of people."""
    said = []
    if found.get("not_collected"):
        said.append(_("Not collected and not kept: %(columns)s.", columns=_listed(found["not_collected"])))
    if found.get("titles"):
        said.append(_("Taken as title, not as data: rows %(rows)s.", rows=_listed(found["titles"])))
    if found.get("subtotal_count"):
        said.append(_("Taken as sums, not as people: rows %(rows)s.", rows=_listed(found["subtotals"])))
    if found.get("notes"):
        said.append(_("Taken as notes, not as people: rows %(rows)s.", rows=_listed(found["notes"])))
    if found.get("hidden_sheets"):
        said.append(_("Hidden sheets were not read: %(sheets)s.", sheets=_listed(found["hidden_sheets"])))
    if found.get("hidden_columns"):
        said.append(
            _(
                "Hidden columns are not used unless you choose them: %(columns)s.",
                columns=_listed(found["hidden_columns"]),
            )
        )
    if found.get("left_out_sheets"):
        said.append(
            _("Sheets with other headings were not read: %(sheets)s.", sheets=_listed(found["left_out_sheets"]))
        )
    if len(found.get("sheets", [])) > 1:
        said.append(_("These sheets were read together: %(sheets)s.", sheets=_listed(found["sheets"])))
    return said


def _listed(items: Sequence[Any]) -> str:
    return _(", ").join(str(item) for item in items)


def examples(run: ImportRun, data_dir: Path) -> list[list[str]]:
    """For each column up to three texts that stand in it."""
    path = copy.copy_path(data_dir, run.id)
    rows = list(islice(copy.read_copy(path), 3)) if path.exists() else []
    return [
        [_text(row.cells[at]) for row in rows if at < len(row.cells) and row.cells[at] != ""]
        for at in range(len(run.found["headings"]))
    ]


def _text(cell: str | Trouble) -> str:
    return cell[:40] if isinstance(cell, str) else cell.shown[:40] or "…"


def unique(headings: Sequence[str]) -> list[str]:
    """The headings of a file, none empty, none twice: a sheet's writer needs them so."""
    taken: dict[str, int] = {}
    made = []
    for heading in headings:
        name = heading.strip() or "—"
        taken[name] = taken.get(name, 0) + 1
        made.append(name if taken[name] == 1 else f"{name} {taken[name]}")
    return made
