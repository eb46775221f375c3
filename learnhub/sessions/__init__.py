"""Group viewings at stations: planned on a month calendar, held with a roll call, closed with credit.

Tables: ``StationSession``, ``SessionLesson``, ``Attendance`` (with the history of each mark). Closing credits the
people who were present or late through ``study.actions`` and publishes ``SessionClosed``. The figures (how long, how
far ahead, who is credited) are data in ``data/*.toml``. No jobs.
"""

from __future__ import annotations

from flask import Flask

from learnhub.design.i18n import _l
from learnhub.design.navigation import add_item
from learnhub.kernel import messages as words


def register(app: Flask) -> None:
    """Puts the feature's pages and messages into the application."""
    from learnhub.org import audit
    from learnhub.sessions import messages, own_data, views

    words.register(messages.WORDS)
    audit.name_actions(messages.ACTION_WORDS)
    audit.name_pages(messages.PAGE_WORDS)
    own_data.register()
    app.register_blueprint(views.blueprint)
    add_item("sessions", _l("Sessions"), "sessions.show_calendar", "sessions.view", order=40, icon="calendar")
