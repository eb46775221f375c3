"""Bringing people in: the list of imports, upload, columns, dry run, application, undoing; the template to fill in."""

from __future__ import annotations

from pathlib import Path

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _, current_locale
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.kernel.errors import Invalid
from learnhub.org import forms
from learnhub.org.actions import roster
from learnhub.org.guard import ability, actor
from learnhub.org.queries import roster as queries
from learnhub.org.roster import shown
from learnhub.org.roster.forms import read_columns
from learnhub.org.roster.models import ImportRun
from learnhub.org.roster.rules import BUSY, OUTCOMES, State
from learnhub.org.views.blueprint import blueprint
from learnhub.org.views.downloads import sheet_response

_CHUNK = 1 << 18


def _data_dir() -> Path:
    return Path(current_app.extensions["learnhub_settings"].data_dir)


@blueprint.get("/people/imports")
@ability("people.manage")
def list_imports() -> str:
    """The imports of one's own part of the tree, the newest first."""
    return render_template("org/imports.html", runs=queries.list_runs(actor()), states=shown.STATES)


@blueprint.get("/people/imports/new")
@ability("people.manage")
def new_import() -> str:
    """The form for an upload."""
    return _new_page({})


def _new_page(errors: Errors) -> str:
    return render_template("org/import_new.html", errors=errors)


@blueprint.post("/people/imports")
@ability("people.manage")
def start_import() -> AnyResponse:
    """Takes an upload and goes to its page."""
    show_again(_new_page)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("org.roster_no_file", fields={"file": "org.roster_no_file"})
    chunks = iter(lambda: upload.stream.read(_CHUNK), b"")
    run = roster.start_import(actor(), chunks, file_name=upload.filename, data_dir=_data_dir(), now=clock.now())
    return redirect(url_for("org.show_import", run_id=run.id))


@blueprint.get("/people/imports/template.<file_format>")
@ability("people.manage")
def import_template(file_format: str) -> Response:
    """An empty sheet with the headings that are understood, and one row as an example."""
    rows = [["A0001", "张三（示例，请删除）", "530402004013", "", "村（社区）干部", "组织委员"]]
    headings = [_("Staff number"), _("Name"), _("Unit code"), _("Unit"), _("Rank"), _("Post")]
    return sheet_response(file_format, headings, rows, "people-template")


@blueprint.get("/people/imports/<int:run_id>")
@ability("people.manage")
def show_import(run_id: int) -> str:
    """An import as it stands: being read, waiting for columns, dry run, done, undone."""
    return _import_page(run_id, {})


def _import_page(run_id: int, errors: Errors) -> str:
    run = queries.run_for(actor(), run_id)
    job = queries.job_of(run)
    if run.state == State.COLUMNS:
        return _columns_page(run, errors)
    outcome = request.args.get("show", "")
    counts = run.counts or dict.fromkeys(OUTCOMES, 0)
    if outcome not in OUTCOMES:
        outcome = next((one for one in ("refused", "changed", "created") if counts[one]), "same")
    english = current_locale() == "en"
    lines = queries.page_of_lines(run, outcome, forms.page_number(request.args), english=english)
    return render_template(
        "org/import.html",
        run=run,
        errors=errors,
        counts=counts,
        outcome=outcome,
        lines=lines,
        is_busy=run.state in BUSY,
        has_failed=job is not None and job.state == "failed",
        job=job,
        states=shown.STATES,
        fields=shown.FIELD_NAMES,
        outcomes=shown.OUTCOME_NAMES,
        left_out=shown.left_out(run.found),
        reason_of=shown.reason_of,
        refusal=shown.sentence(run.refusal, run.refusal_params) if run.refusal else "",
    )


@blueprint.get("/people/imports/<int:run_id>/columns")
@ability("people.manage")
def import_columns(run_id: int) -> str | AnyResponse:
    """Which column is which, to be corrected by hand."""
    run = queries.run_for(actor(), run_id)
    if run.state not in (State.COLUMNS, State.PLANNED):
        return redirect(url_for("org.show_import", run_id=run_id))
    return _columns_page(run, {})


def _columns_page(run: ImportRun, errors: Errors) -> str:
    headings = run.found["headings"]
    chosen = read_columns(request.form, len(headings)) if request.method == "POST" else run.columns
    return render_template(
        "org/import_columns.html",
        run=run,
        errors=errors,
        fields=shown.FIELD_NAMES,
        columns=[
            (at, heading, chosen[at], heading in run.found["not_collected"]) for at, heading in enumerate(headings)
        ],
        examples=shown.examples(run, _data_dir()),
    )


@blueprint.post("/people/imports/<int:run_id>/columns")
@ability("people.manage")
def correct_columns(run_id: int) -> AnyResponse:
    """Takes the choice of columns; a new dry run follows."""
    run = queries.run_for(actor(), run_id)
    if run.state in (State.COLUMNS, State.PLANNED):
        show_again(lambda errors: _columns_page(run, errors))
    chosen = read_columns(request.form, len(run.found.get("headings", [])))
    roster.correct_columns(actor(), run_id, chosen, now=clock.now())
    return redirect(url_for("org.show_import", run_id=run_id))


@blueprint.get("/people/imports/<int:run_id>/progress")
@ability("people.manage")
def import_progress(run_id: int) -> dict[str, object]:
    """How far the job of an import is."""
    run = queries.run_for(actor(), run_id)
    job = queries.job_of(run)
    next_page = url_for("org.show_import", run_id=run_id)
    if run.state not in BUSY or job is None or job.state == "failed":
        return {"state": "done", "done": 100, "total": 100, "next": next_page, "message": _("Done.")}
    message = _("You may leave this page; the work goes on.")
    return {"state": "running", "done": round(job.share * 100), "total": 100, "message": message}


@blueprint.get("/people/imports/<int:run_id>/rows.<file_format>")
@ability("people.manage")
def download_import(run_id: int, file_format: str) -> Response:
    """The rows as a spreadsheet with what each does and why; ``?show=refused`` gives only those refused."""
    run = queries.run_for(actor(), run_id)
    outcome = request.args.get("show")
    headings = shown.unique([_("Row number"), *run.found.get("headings", []), _("Result"), _("Reason")])
    rows = (
        [line.row, *cells, str(shown.OUTCOME_NAMES[line.outcome]), shown.reason_of(line)]
        for line, cells in queries.sheet_rows(run, outcome if outcome in OUTCOMES else None, _data_dir())
    )
    return sheet_response(file_format, headings, rows, f"import-{run_id}")


@blueprint.post("/people/imports/<int:run_id>/apply")
@ability("people.manage")
def apply_import(run_id: int) -> AnyResponse:
    """Carries the plan out in the background."""
    show_again(lambda errors: _import_page(run_id, errors))
    roster.apply_import(actor(), run_id, now=clock.now())
    return redirect(url_for("org.show_import", run_id=run_id))


@blueprint.post("/people/imports/<int:run_id>/again")
@ability("people.manage")
def try_import_again(run_id: int) -> AnyResponse:
    """Carries an import on whose work in the background has failed."""
    show_again(lambda errors: _import_page(run_id, errors))
    roster.try_again(actor(), run_id, now=clock.now())
    return redirect(url_for("org.show_import", run_id=run_id))


@blueprint.post("/people/imports/<int:run_id>/undo")
@ability("people.manage")
def undo_import(run_id: int) -> AnyResponse:
    """Takes the whole import back in the background."""
    show_again(lambda errors: _import_page(run_id, errors))
    roster.undo_import(actor(), run_id, request.form.get("reason", ""), now=clock.now())
    return redirect(url_for("org.show_import", run_id=run_id))


@blueprint.post("/people/imports/<int:run_id>/remove")
@ability("people.manage")
def discard_import(run_id: int) -> AnyResponse:
    """Removes an import that was not applied."""
    show_again(lambda errors: _import_page(run_id, errors))
    roster.discard_import(actor(), run_id, data_dir=_data_dir(), now=clock.now())
    flash(_("The import has been removed; nothing was changed."), "success")
    return redirect(url_for("org.list_imports"))
