"""Completion records of a part of the tree: seen, summed up by unit, and handed out as CSV and Excel.

No tables of its own: it joins the completions and the hours ledger of study with people, units and courses, always
within what ``records.read`` (for files ``records.export``) gives the actor. Every export leaves a line in the audit
trail. No events, no jobs.
"""

from __future__ import annotations

from flask import Flask

from learnhub.design.i18n import _l
from learnhub.design.navigation import add_item
from learnhub.kernel import messages as words


def register(app: Flask) -> None:
    """Puts the feature's pages and messages into the application."""
    from learnhub.org import audit
    from learnhub.reports import messages, views

    words.register(messages.WORDS)
    audit.name_actions(messages.ACTION_WORDS)
    audit.name_pages(messages.PAGE_WORDS)
    app.register_blueprint(views.blueprint)
    add_item("records", _l("Records"), "reports.show_records", "records.read", order=50, icon="chart")
