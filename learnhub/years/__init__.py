"""A person's year: what it asks, what it holds and why, how to finish; claims, objections, questions, rules on trial.

Tables: hours_claim, objection, anomaly, dry_run, dry_run_line. Listens to PeopleMerged and PeopleParted. Jobs:
years.try_rule, years.recount, years.daily. It stands above ``study`` (ledger and rules) and ``sessions``, because the
shortest way to finish a year leads through both.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Puts the pages of the year, the words of its refusals and its jobs into the application."""
    from learnhub.design import navigation
    from learnhub.design.i18n import _l
    from learnhub.kernel import messages as words
    from learnhub.org import audit
    from learnhub.study.words import REFUSED
    from learnhub.years import messages, own_data, tasks, views

    own_data.register()
    words.register(messages.WORDS)
    REFUSED.update(messages.COUNTED)
    audit.name_actions(messages.ACTION_WORDS)
    audit.name_pages(messages.PAGE_WORDS)
    tasks.register(app.extensions["learnhub_settings"])
    app.register_blueprint(views.blueprint)
    navigation.add_item("my_year", _l("My year"), "years.my_year", "study.learn", order=30, icon="certificate")
    navigation.add_item(
        "claims", _l("Claims and objections"), "years.list_cases", "hours.decide", order=52, icon="edit"
    )
    navigation.add_item("review", _l("Unusual records"), "years.review", "study.review", order=54, icon="eye")
    navigation.add_item("hours_rules", _l("Hours rules"), "years.rules", "hours.rule", order=72, icon="settings")
