"""Every route that names an object is tried in a retired unit: nobody gets more there than in a standing one.

And who holds every role over a retired unit, and only there, holds nothing: those roles rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from learnhub.app import create_app
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.org.abilities import OF_EVERYBODY, ROLES
from learnhub.org.models import RoleGrant, Unit
from learnhub.org.rules import Level, NewUnit
from learnhub.org.tree import place_unit
from tests.cast import Cast
from tests.checks import test_route_matrix as matrix
from tests.databases import SqliteTemplates


@pytest.fixture
def engine(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """One database is enough: who may what does not depend on it."""
    return sqlite_templates


@pytest.fixture
def app(cast_url: str, settings: Settings) -> Flask:
    """The application without the CSRF token, to come to the power behind it."""
    made = create_app(replace(settings, database_url=cast_url))
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture
def retired(cast: Cast) -> Unit:
    """A retired village beside that of the learner."""
    unit = place_unit(NewUnit("530402004098", "", Level.VILLAGE, "原社区"), cast.units["township"])
    Unit.update(is_retired=True).where(Unit.id == unit.id).execute()
    unit.is_retired = True
    return unit


def _object_rows(app: Flask) -> Iterator[matrix.Row]:
    for row in matrix.ROWS:
        view = app.view_functions[row.endpoint]
        ability = getattr(view, "ability", None)
        rule = next(app.url_map.iter_rules(row.endpoint))
        if ability and ability not in OF_EVERYBODY and (rule.arguments & set(matrix.MAKERS) or row.query):
            yield row


def _letter(app: Flask, browser: FlaskClient, row: matrix.Row, unit: Unit) -> str:
    rule = next(app.url_map.iter_rules(row.endpoint))
    with transaction():
        objects = {name: matrix.MAKERS[name](unit) for name in rule.arguments if name in matrix.MAKERS}
        body = matrix.BODIES[row.endpoint](unit) if row.endpoint in matrix.BODIES else {}
        query = row.query
        for name, make in matrix.MAKERS.items():
            if f"{{{name}}}" in query:
                query = query.replace(f"{{{name}}}", str(make(unit)))
    return matrix._ask(app, browser, row, rule, objects, query, body)


@pytest.mark.parametrize("role", [role for role in matrix.ROLES if role != "anybody"])
def test_nobody_gets_more_in_a_retired_unit(app: Flask, cast: Cast, retired: Unit, role: str) -> None:
    column, browser = matrix.ROLES.index(role), matrix._browser(app, role)
    for row in _object_rows(app):
        if _letter(app, browser, row, retired) == matrix.OPENS:
            assert row.cells[column][0] == matrix.OPENS, f"{role} opens {row.endpoint} in a retired unit only"


def test_roles_over_a_retired_unit_open_nothing(app: Flask, cast: Cast, retired: Unit) -> None:
    for role in ROLES:
        if role != "learner":
            RoleGrant.create(person=cast.people["learner"], role=role, unit=retired, starts_at=cast.now)
    browser = matrix._browser(app, "learner")
    with clock.told_by(lambda: cast.now):
        assert cast.actor("learner").grants == ()
    for row in _object_rows(app):
        assert _letter(app, browser, row, retired) != matrix.OPENS, row.endpoint
