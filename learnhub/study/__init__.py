"""Studying: what people watched, read and answered, what the server believes of it, and the hours that follow.

Tables: viewing, progress, attempt, ledger_entry, completion, rule_version, rule_choice, year_hours, ledger_head. Events: LessonCompleted, CourseCompleted, HoursCredited.
No jobs. Reports of players arrive at ``/beat`` (``study.beat``), in front of the pages. How many hours a lesson gives
and how many a year asks for is data: ``hours_rules/*.toml``.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Puts the pages of studying and the words of its refusals into the application."""
    from learnhub.kernel import messages
    from learnhub.study import own_data, showing, views
    from learnhub.study.messages import WORDS

    messages.register(WORDS)
    own_data.register()
    showing.install(app)
    app.register_blueprint(views.blueprint)
