"""The records page and its two files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for

from learnhub.design import format as shown
from learnhub.design.i18n import _, current_locale
from learnhub.kernel import clock, sheets
from learnhub.org.actions import note_list
from learnhub.org.guard import ability, actor
from learnhub.org.queries import list_ranks, unit_for
from learnhub.reports import actions, forms, queries
from learnhub.reports.messages import COLUMN_WORDS
from learnhub.reports.queries import Overview, Record, RecordFilter
from learnhub.reports.rules import COLUMNS, HOURS, chosen_columns

blueprint = Blueprint("reports", __name__, template_folder="templates")

MIMES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("/records")
@ability("records.read")
def show_records() -> str:
    """Completion records of one's area: the sums by child unit, and the list."""
    wanted = queries.settle_unit(actor(), forms.read_filter(request.args, clock.local_date(clock.now())))
    overview = queries.overview_of(actor(), wanted)
    page = queries.page_of_records(actor(), wanted, forms.page_number(request.args))
    note_list(actor(), "reports.show_records", queries.paths_of(actor(), wanted), len(page.items), now=clock.now())
    chart = "hours" if request.args.get("chart") == "hours" else "share"
    return render_template(
        "reports/records.html",
        wanted=wanted,
        values=forms.values_of(wanted),
        overview=overview,
        chart=chart,
        bars=_bars(overview, wanted, chart),
        page=page,
        courses=queries.list_courses(actor(), wanted),
        ranks=list_ranks(),
        columns=[(name, COLUMN_WORDS[name]) for name in COLUMNS],
        may_export=actor().can("records.export"),
        english=current_locale() == "en",
    )


@blueprint.get("/records.<any(csv, xlsx):file_format>")
@ability("records.export")
def download_records(file_format: str) -> Response:
    """The same records as a file with the chosen columns."""
    now = clock.now()
    wanted = queries.settle_unit(actor(), forms.read_filter(request.args, clock.local_date(now)), queries.EXPORT)
    columns = chosen_columns(request.args.getlist("columns"))
    records = actions.export_records(actor(), wanted, columns=columns, file_format=file_format, now=now)
    headings = [str(COLUMN_WORDS[name]) for name in columns]
    rows = _file_rows(records, columns, english=current_locale() == "en")
    chunks = sheets.csv_chunks(headings, rows) if file_format == "csv" else sheets.xlsx_chunks(headings, rows)
    title = _("Completion records")
    name = "-".join([title, *_unit_name(wanted), f"{clock.local_date(now):%Y%m%d}"])
    headers = {"Content-Disposition": forms.attachment(name, file_format), "Cache-Control": "no-store"}
    return Response(stream_with_context(chunks), content_type=MIMES[file_format], headers=headers)


def _unit_name(wanted: RecordFilter) -> list[str]:
    return [unit_for(actor(), wanted.unit_id, queries.EXPORT).name] if wanted.unit_id is not None else []


def _file_rows(records: Iterable[Record], columns: tuple[str, ...], *, english: bool) -> Iterator[list[Any]]:
    readers = [_reader(column, english=english) for column in columns]
    for record in records:
        yield [read(record) for read in readers]


def _reader(column: str, *, english: bool) -> Callable[[Record], Any]:
    """How a column's value is read for a file: hours as numbers, the day as a day, everything else as text."""
    if column in HOURS or column == "total":
        centihours: Callable[[Record], int] = attrgetter(column)
        return lambda record: centihours(record) / 100
    if column == "completed_on":
        return lambda record: clock.local_date(record.completed_at)
    return attrgetter(f"{column}_en" if english and column in ("rank", "course") else column)


def _bars(overview: Overview, wanted: RecordFilter, chart: str) -> list[dict[str, Any]]:
    """The rows of the chart; a child unit leads one level down."""
    rows = []
    for one in overview.sums:
        address = url_for("reports.show_records", **{**forms.values_of(wanted), "unit": one.unit_id, "chart": chart})
        people = _("%(completed)s of %(people)s people", completed=one.completed, people=one.people)
        rows.append(
            {
                "label": _("%(unit)s (itself)", unit=one.name) if one.is_itself else one.name,
                "value": one.share if chart == "share" else one.centihours,
                "text": f"{shown.percent(one.share)} · {people}" if chart == "share" else shown.hours(one.centihours),
                "href": None if one.is_itself or one.unit_id is None else address,
            }
        )
    return rows
