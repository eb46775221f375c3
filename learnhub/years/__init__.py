"""A person's year: what it asks, what it holds and why, how to finish; claims, objections, questions, rules on trial.

Tables: hours_claim, objection, anomaly, dry_run, dry_run_line. Listens to PeopleMerged and PeopleParted. Jobs:
years.try_rule, years.recount, years.look_for_anomalies, years.daily. It stands above ``study`` (ledger and rules) and
``sessions``, because the shortest way to finish a year leads through both.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Puts the pages of the year into the application."""
    from learnhub.design import navigation
    from learnhub.design.i18n import _l
    from learnhub.years import own_data, views

    own_data.register()
    app.register_blueprint(views.blueprint)
    navigation.add_item("my_year", _l("My year"), "years.my_year", "study.learn", order=30, icon="certificate")
