"""Home pages that join what a person needs from all features, and the page about the system itself.

Desks own no tables and no rules: ``queries`` compose the queries of the features, each part of the home page for those
who hold the power behind it. The one act, ``actions.retry_jobs``, belongs to no feature. Decisions: docs/decisions/0090.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Puts the home page, the system page and their menu entries into the application."""
    from learnhub.design.i18n import _l
    from learnhub.design.navigation import PERSON, add_item
    from learnhub.desks import views
    from learnhub.desks.messages import ACTION_WORDS, WORDS
    from learnhub.kernel import messages
    from learnhub.org import audit

    messages.register(WORDS)
    audit.name_actions(ACTION_WORDS)
    app.register_blueprint(views.blueprint)
    add_item("home", _l("Home"), "desks.home", "own.use", order=10, icon="home")
    add_item("system", _l("System"), "desks.show_system", "system.run", order=90, place=PERSON, icon="settings")
