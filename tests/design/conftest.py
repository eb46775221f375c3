"""A small application with the design alone: no database, no features, somebody signed in if the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask, render_template_string
from flask_wtf import CSRFProtect
from markupsafe import Markup

from learnhub import design
from learnhub.design import i18n, navigation
from learnhub.design.i18n import locale_of
from tests.client import CheckingClient


class Account:
    """Who is signed in and what is kept for them."""

    name: str | None = None
    locale: str | None = None
    abilities: frozenset[str] = frozenset()


@pytest.fixture
def account() -> Account:
    """Nobody, until a test gives a name."""
    return Account()


@pytest.fixture
def app(account: Account) -> Iterator[Flask]:
    """An application that has only the design."""
    made = Flask("design-alone", static_folder=None, template_folder=None)
    made.config.update(SECRET_KEY="for-tests-only", TESTING=True)
    CSRFProtect(made)
    design.register(made)
    made.test_client_class = CheckingClient
    made.add_url_rule("/somewhere", "somewhere", lambda: "")
    made.add_url_rule("/leave", "leave", lambda: "", methods=["POST"])
    navigation.wire(
        made,
        navigation.Wiring(
            person_name=lambda: account.name,
            may_use=lambda ability: ability in account.abilities,
            home="design.gallery",
            sign_in="somewhere",
            sign_out="leave",
            search="somewhere",
        ),
    )
    i18n.wire_locale_store(made, lambda: account.locale, lambda locale: setattr(account, "locale", locale))
    before = dict(navigation._items)
    yield made
    navigation._items.clear()
    navigation._items.update(before)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A browser that checks each page."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def render(app: Flask) -> Callable[..., Markup]:
    """``render('{{ ui.badge("x") }}', locale='en')``: the HTML that a piece of template makes."""

    def made(source: str, *, locale: str = "en", **values: object) -> Markup:
        with app.test_request_context("/gallery"), locale_of(locale):
            head = '{% import "design/components.html" as ui %}'
            return Markup(render_template_string(head + source, **values))

    return made
