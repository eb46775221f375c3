"""The words for columns and refusals of reports."""

from __future__ import annotations

from typing import Any

from learnhub.design.i18n import LazyText, _l

COLUMN_WORDS: dict[str, LazyText] = {
    "name": _l("Name"),
    "staff_no": _l("Staff number"),
    "unit": _l("Unit"),
    "place": _l("Unit with all above it"),
    "rank": _l("Rank"),
    "course": _l("Course"),
    "completed_on": _l("Completed on"),
    "online": _l("Hours on line"),
    "group": _l("Hours in groups"),
    "test": _l("Hours by test"),
    "total": _l("Hours in all"),
}

WORDS: dict[str, Any] = {
    "reports.dates_reversed": _l("The first day must not be later than the last."),
}

ACTION_WORDS = {
    "records.exported": _l("Downloaded records"),
}
"""What the audit trail calls by these codes."""

PAGE_WORDS = {
    "reports.show_records": _l("Completion records"),
    "reports.download_records": _l("File of completion records"),
}
"""What a reading calls its page."""
