"""The audit trail: who did what, when, from where; searched within one's scope, read in detail, downloaded."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, stream_with_context

from learnhub.design.i18n import _
from learnhub.kernel import clock, sheets
from learnhub.org import actions, audit, forms, queries
from learnhub.org.audit_messages import fact_value, subject_name
from learnhub.org.guard import ability, actor
from learnhub.org.queries.audit import AuditRow
from learnhub.org.views.blueprint import blueprint

MIMES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("/audit")
@ability("audit.read")
def list_audit_lines() -> str:
    """The latest changes within one's scope, or those that match a search."""
    wanted = forms.read_audit_filter(request.args)
    return render_template(
        "org/trail.html",
        wanted=wanted,
        values=forms.audit_values(wanted),
        unit=queries.unit_for(actor(), wanted.unit_id, "audit.read") if wanted.unit_id else None,
        actions=sorted(audit.ACTIONS.items(), key=lambda item: str(item[1])),
        found=queries.list_audit_lines(actor(), wanted, forms.page_number(request.args)),
    )


@blueprint.get("/audit/<int:line_id>")
@ability("audit.read")
def show_audit_line(line_id: int) -> str:
    """One line with everything that it says."""
    return render_template("org/trail_line.html", line=queries.audit_line_for(actor(), line_id))


@blueprint.get("/audit.<any(csv, xlsx):file_format>")
@ability("audit.read")
def download_audit_lines(file_format: str) -> Response:
    """The lines that match, as a file; that it was taken becomes a line too."""
    wanted = forms.read_audit_filter(request.args)
    lines = actions.export_audit_lines(actor(), wanted, file_format=file_format, now=clock.now())
    headings = [_("When"), _("Who"), _("From where"), _("What"), _("Of what"), _("Unit"), _("Before"), _("After")]
    headings += [_("Why"), _("More"), _("Line")]
    rows = (_file_row(line) for line in lines)
    chunks = sheets.csv_chunks(headings, rows) if file_format == "csv" else sheets.xlsx_chunks(headings, rows)
    headers = {"Content-Disposition": f"attachment; filename=audit.{file_format}", "Cache-Control": "no-store"}
    return Response(stream_with_context(chunks), content_type=MIMES[file_format], headers=headers)


def _file_row(line: AuditRow) -> tuple[Any, ...]:
    what = str(audit.ACTIONS.get(line.action, line.action))
    said = [fact_value(line.detail[name]) if name in line.detail else "" for name in ("before", "after", "reason")]
    return (
        *(line.at, line.actor or _("the system"), line.address, what),
        *(f"{subject_name(line.subject_kind)} {line.subject_id}", line.unit, *said),
        *(fact_value(line.facts) if line.facts else "", line.id),
    )
