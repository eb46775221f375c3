"""The copy of an upload that is kept until its run has ended: rows of cells, without what is not collected.

``<data>/imports/<run>.rows`` is gzip of one JSON array a line: sheet, row, hidden, cells (a text, or kind and words).
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from learnhub.org.roster.cells import Trouble
from learnhub.org.roster.reading import RosterRow


def folder_of(data_dir: Path) -> Path:
    """Where uploads and copies lie."""
    return data_dir / "imports"


def upload_path(data_dir: Path, run_id: int) -> Path:
    """The upload itself: there for the seconds between the upload and its reading."""
    return folder_of(data_dir) / f"{run_id}.upload"


def copy_path(data_dir: Path, run_id: int) -> Path:
    """The stripped copy."""
    return folder_of(data_dir) / f"{run_id}.rows"


def write_copy(path: Path, rows: Iterable[RosterRow]) -> None:
    """Writes the rows; after a crash the file is whole or not there. Readable by the owner of the process only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    try:
        with (
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw,
            gzip.open(raw, "wt", encoding="utf-8", compresslevel=1) as out,
        ):
            for row in rows:
                cells = [cell if isinstance(cell, str) else [cell.kind, cell.shown] for cell in row.cells]
                line = [row.sheet, row.number, int(row.is_hidden), cells]
                out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def read_copy(path: Path) -> Iterator[RosterRow]:
    """The rows of a copy."""
    with gzip.open(path, "rt", encoding="utf-8") as source:
        for line in source:
            sheet, number, hidden, cells = json.loads(line)
            yield RosterRow(
                sheet, number, tuple(cell if isinstance(cell, str) else Trouble(*cell) for cell in cells), bool(hidden)
            )


def remove(data_dir: Path, run_id: int) -> None:
    """Deletes the upload and the copy, as far as they are there."""
    upload_path(data_dir, run_id).unlink(missing_ok=True)
    copy_path(data_dir, run_id).unlink(missing_ok=True)
