"""A form that a rule refused is shown again, filled in as it was, with the sentences at the fields.

A view says how its form looks; it catches nothing::

    show_again(lambda errors: render_template("org/password.html", errors=errors))
    actions.change_password(…)          # may refuse
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import g

from learnhub.design.i18n import LazyText
from learnhub.kernel.errors import Refusal

Errors = Mapping[str, str | LazyText]


def show_again(render: Callable[[Errors], str]) -> None:
    """Should this request be refused, its answer is ``render(errors)``: field name → sentence; "" stands for the whole."""
    g.learnhub_show_again = render


def page_again(message: str, fields: Errors) -> str | None:
    """The page to answer a refusal with, or None when the view named none. Called by the one error handler.

    None too when the person may not even see the form: then the refusal itself is the answer.
    """
    render: Callable[[Errors], str] | None = g.pop("learnhub_show_again", None)
    if render is None:
        return None
    try:
        return render(fields or {"": message})
    except Refusal:
        return None
