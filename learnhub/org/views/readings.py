"""Who read whose record: noted after each answer, shown to the person and to whoever reads the audit trail; one's own data."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, stream_with_context
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.kernel import clock, sheets
from learnhub.org import actions, audit, forms, queries
from learnhub.org.audit_messages import page_name
from learnhub.org.guard import ability, actor
from learnhub.org.own_data import list_parts
from learnhub.org.queries import ReadingRow
from learnhub.org.views.blueprint import blueprint
from learnhub.org.views.trail import MIMES


@blueprint.after_app_request
def note_reading(answer: AnyResponse) -> AnyResponse:
    """Every page whose address names a person is a reading of that person's record, whichever feature it is of."""
    person_id = (request.view_args or {}).get("person_id")
    shown = request.method == "GET" and answer.status_code == 200
    if person_id is not None and shown and current_user.is_authenticated:
        actions.note_reading(actor(), request.endpoint or "", person_id, now=clock.now())
    return answer


@blueprint.get("/account/readers")
@ability("own.use")
def list_own_readings() -> str:
    """Who looked at one's own record; with ``lists=1``, at lists on which one may have stood."""
    lists = request.args.get("lists") == "1"
    found = queries.list_own_readings(actor(), lists=lists, page=forms.page_number(request.args))
    return render_template("org/readers.html", lists=lists, found=found)


@blueprint.get("/account/data")
@ability("own.use")
def show_own_data() -> str:
    """What the file with all that is known about oneself holds."""
    return render_template("org/own_data.html", parts=list_parts())


@blueprint.get("/account/data.zip")
@ability("own.use")
def download_own_data() -> Response:
    """All that is known about oneself as CSV and JSON."""
    chunks = actions.export_own_data(actor(), now=clock.now())
    headers = {"Content-Disposition": "attachment; filename=my-data.zip", "Cache-Control": "no-store"}
    return Response(stream_with_context(chunks), content_type="application/zip", headers=headers)


@blueprint.get("/audit/readings")
@ability("audit.read")
def list_readings() -> str:
    """Who read records of people within one's scope, or what matches a search."""
    wanted = forms.read_audit_filter(request.args)
    return render_template(
        "org/readings.html",
        wanted=wanted,
        values=forms.audit_values(wanted),
        unit=queries.unit_for(actor(), wanted.unit_id, "audit.read") if wanted.unit_id else None,
        pages=sorted(audit.PAGES.items(), key=lambda item: str(item[1])),
        found=queries.list_readings(actor(), wanted, forms.page_number(request.args)),
    )


@blueprint.get("/audit/readings.<any(csv, xlsx):file_format>")
@ability("audit.read")
def download_readings(file_format: str) -> Response:
    """The readings that match, as a file; that it was taken becomes a line of the trail."""
    wanted = forms.read_audit_filter(request.args)
    lines = actions.export_readings(actor(), wanted, file_format=file_format, now=clock.now())
    headings = [_("When"), _("Who"), _("Their unit"), _("From where"), _("What was read"), _("Whose record"), _("Unit")]
    headings += [_("Entries"), _("Line")]
    rows = (_file_row(line) for line in lines)
    chunks = sheets.csv_chunks(headings, rows) if file_format == "csv" else sheets.xlsx_chunks(headings, rows)
    headers = {"Content-Disposition": f"attachment; filename=readings.{file_format}", "Cache-Control": "no-store"}
    return Response(stream_with_context(chunks), content_type=MIMES[file_format], headers=headers)


def _file_row(line: ReadingRow) -> tuple[Any, ...]:
    return (
        *(line.at, line.reader, line.reader_unit, line.address, page_name(line.page), line.person, line.unit),
        *(line.count, line.id),
    )
