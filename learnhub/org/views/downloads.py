"""Spreadsheets as answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, abort

from learnhub.kernel import sheets

_KINDS = {
    "csv": (sheets.csv_chunks, "text/csv; charset=utf-8"),
    "xlsx": (sheets.xlsx_chunks, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def sheet_response(file_format: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """The rows as a download called ``name``; 404 for a format that is neither csv nor xlsx."""
    if file_format not in _KINDS:
        abort(404)
    chunks, kind = _KINDS[file_format]
    disposition = {"Content-Disposition": f"attachment; filename={name}.{file_format}"}
    return Response(chunks(headings, rows), mimetype=kind, headers=disposition)
