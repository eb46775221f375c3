"""How everything looks and what language it speaks: layout, components, static files, filters, error pages.

A page extends ``design/page.html``, imports ``design/components.html`` as ``ui``, fills the blocks ``title`` and
``content``, and writes no style of its own; ``/gallery`` shows every component with long and empty content, and
``docs/decisions/0020-looks.md`` has a whole page in ten lines. Words: ``i18n`` (catalogues as text, two languages)
and ``format`` (dates, hours, sizes). Entries of the main menu: ``navigation.add_item``. Files: ``assets.static_url``.
Refusals become pages or JSON by ``problems.render_problem``. No tables, no events, no jobs.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from learnhub.design import art, assets, compiled, format, i18n, messages, month, navigation, views
from learnhub.kernel import messages as words


def register(app: Flask) -> None:
    """Add languages, filters, static files, security headers, the layout's functions and the gallery to an app."""
    i18n.load_catalogues(path for path in Path(__file__).resolve().parent.parent.iterdir() if path.is_dir())
    words.register(messages.WORDS)
    compiled.install(app)
    i18n.install(app)
    format.install(app)
    navigation.install(app)
    art.install(app)
    month.install(app)
    assets.install(app)
    app.register_blueprint(views.blueprint)
    views.install(app)
