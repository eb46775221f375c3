"""The authorisation matrix: every route × every role × five places of the tree, against one readable table.

``route_matrix.txt`` says what each role gets from each route, for objects in five places as that role sees them:
``own`` (inside its subtree), ``parent`` (above it), ``sibling`` (beside it), ``unrelated`` (in a county further off) and
``retired`` (a retired unit in its subtree); :data:`WHERE` names the units. A route without a row fails, and so does a
row without its route. The failing test prints the row as it is now: look at each letter before you paste it.

On the way every page, JSON, CSV and Excel file that opens is searched for what lies outside of the role's scope
(``foreign.py``).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import BytecodeCache
from werkzeug.routing import Rule

from learnhub.app import create_app
from learnhub.config import read_settings
from learnhub.kernel import clock
from learnhub.kernel.db import db as database
from learnhub.org import actions
from learnhub.org.abilities import OF_EVERYBODY, ROLES
from learnhub.org.models import (
    Account,
    Person,
    RoleGrant,
    Unit,
)
from learnhub.org.rules import Level, NewUnit
from learnhub.org.scope import Actor, load_actor, may
from learnhub.org.tree import place_unit
from learnhub.study.actions import folding
from tests.cast import PASSWORD, UNITS, build_cast, password_hash
from tests.checks.foreign import SAMPLES, Foreign, what_is_foreign
from tests.checks.objects import BODIES, FIXED, MAKERS, POLICY, PROVIDER, login_session, record_of
from tests.databases import SqliteTemplates

TABLE = Path(__file__).with_name("route_matrix.txt")
PLACES = ("own", "parent", "sibling", "unrelated", "retired")
_OF_THE_COUNTY = ("village", "city", "other_county", "far_village", "retired_village")
_OF_THE_VILLAGE = ("village", "township", "sibling_village", "other_village", "retired_village")
WHERE = {
    "anybody": _OF_THE_VILLAGE,
    "learner": _OF_THE_VILLAGE,
    "station_manager": ("village", "county", "sibling_township", "other_village", "retired_village"),
    "editor": _OF_THE_COUNTY,
    "reviewer": _OF_THE_COUNTY,
    "department": _OF_THE_COUNTY,
    "auditor": _OF_THE_COUNTY,
    "unit_admin": _OF_THE_COUNTY,
    "system_admin": ("village", "city", "cousin_village", "other_village", "retired_village"),  # all of it is theirs
    "neighbour": ("other_village", "city", "village", "far_village", "other_retired_village"),
}
"""Role → the unit of each place."""
FURTHER = (  # beside the units of the cast
    NewUnit("530425", "5304", Level.COUNTY, "易门县"),
    NewUnit("530425100", "530425", Level.TOWNSHIP, "龙泉街道"),
    NewUnit("530425100001", "530425100", Level.VILLAGE, "中屯社区"),
    NewUnit("530402004098", "530402004", Level.VILLAGE, "原社区"),
    NewUnit("530403101098", "530403101", Level.VILLAGE, "原村"),
)
OPENS, FORBIDDEN, HIDDEN, LOG_IN = "o", "x", "-", "l"


@dataclass(frozen=True)
class Row:
    """One line of the table: a route by endpoint and method, with a query where that names the place."""

    endpoint: str
    method: str
    query: str
    cells: tuple[str, ...]

    @property
    def name(self) -> tuple[str, str, str]:
        """What makes it unique."""
        return self.endpoint, self.method, self.query

    def cell(self, role: str) -> str:
        """What a role gets."""
        return self.cells[list(WHERE).index(role)]

    def __str__(self) -> str:
        what = f"{self.endpoint} {self.method} {self.query}".strip()
        return f"{what:<48}" + "  ".join(f"{cell:<5}" for cell in self.cells).rstrip()


def read_table() -> list[Row]:
    """The rows of the table."""
    rows = []
    for line in TABLE.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split()
        query = words[2] if words[2].startswith("?") else ""
        rows.append(Row(words[0], words[1], query, tuple(words[3 if query else 2 :])))
    return rows


ROWS = read_table()


@dataclass(frozen=True)
class House:
    """The application on one database, in which no answer leaves a trace; objects are made once for each place."""

    app: Flask
    units: dict[str, Unit]
    made: dict[tuple[str, str], Any]
    leaks: list[str]

    def object(self, name: str, place: str) -> Any:
        """The id of an object in the unit ``place``, by the name that routes give it."""
        if (name, place) not in self.made:
            self.made[name, place] = MAKERS[name](self.units[place])
        return self.made[name, place]


@pytest.fixture(scope="module")
def house(
    sqlite_templates: SqliteTemplates, tmp_path_factory: pytest.TempPathFactory, template_cache: BytecodeCache
) -> Iterator[House]:
    """One database is enough: who may what does not depend on it. The CSRF token is left out to come to the power."""
    home = tmp_path_factory.mktemp("matrix")
    environ = {"LEARNHUB_LOG_LEVEL": "error", "LEARNHUB_COURSES_DIR": str(home), "LEARNHUB_ADMIN_TOTP": "no"}
    settings = replace(read_settings(environ, home=home), **PROVIDER)
    with sqlite_templates.clone("matrix", lambda: _fill(clock.now())) as url:
        app = create_app(replace(settings, database_url=url))
        app.config["WTF_CSRF_ENABLED"] = False
        app.jinja_env.bytecode_cache = template_cache
        app.teardown_appcontext_funcs.clear()  # one of them closes a connection whose transaction is left open
        keys = {unit.code: unit for unit in Unit.select()}
        units = {key: keys[new.code] for key, new in UNITS.items()}
        units |= {"far_village": keys["530425100001"]}
        units |= {"retired_village": keys["530402004098"], "other_retired_village": keys["530403101098"]}
        with database.atomic() as whole:
            made = House(app, units, {}, [])
            for name, place in itertools.product(MAKERS, units):
                made.object(name, place)
            for unit in units.values():
                record_of(unit)
            yield made
            whole.rollback()
        folding.close_all()


def _fill(now: datetime) -> None:
    """The cast, the further units and the reviewer, whom the cast has not."""
    cast = build_cast(now)
    by_code = {unit.code: unit for unit in Unit.select()}
    for new in FURTHER:
        by_code[new.code] = place_unit(new, by_code[new.parent_code])
    Unit.update(is_retired=True).where(Unit.code.in_(["530402004098", "530403101098"])).execute()
    name = "钱学文"
    reviewer = Person.create(staff_no="HT1006", name=name, name_folded=name, unit=cast.units["county"], created_at=now)
    Account.create(
        person=reviewer, username="reviewer", password_hash=password_hash(), must_change=False, created_at=now
    )
    RoleGrant.create(person=reviewer, role="reviewer", unit=cast.units["county"], starts_at=now)


def _routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def test_every_route_names_its_power_or_is_public(house: House) -> None:
    for rule, method in _routes(house.app):
        view = house.app.view_functions[rule.endpoint]
        is_public, ability = getattr(view, "is_public", False), getattr(view, "ability", None)
        assert is_public != bool(ability), f"{method} {rule.rule}: @ability or @public, one of them"


def test_every_route_has_a_row_and_every_row_a_route(house: House) -> None:
    routes = {(rule.endpoint, method) for rule, method in _routes(house.app)}
    whole = {row.name[:2] for row in ROWS if len(row.cells) == len(WHERE)}
    told = [_row_as_found(house, *one) for one in sorted(routes - whole)]
    assert not told, "routes without a (whole) row:\n" + "\n".join(told)
    assert not {row.name[:2] for row in ROWS} - routes
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_every_role_has_its_column() -> None:
    assert set(ROLES) <= set(WHERE)


@pytest.mark.parametrize("role", WHERE)
def test_each_role_gets_what_the_table_says(house: House, role: str) -> None:
    browser, foreign, wrong = _browser(house.app, role), what_is_foreign(role), []
    house.leaks.clear()
    for row in ROWS:
        found = _outcome(house, browser, row, role, foreign)
        if found != row.cell(role):
            wrong.append(f"{row.endpoint} {row.method} {row.query}: {row.cell(role)} expected, {found} found")
    assert not wrong, "\n".join(wrong)
    assert not house.leaks, f"what {role} must not read:\n" + "\n".join(house.leaks)


@pytest.mark.parametrize("role", [role for role in WHERE if role != "anybody"])
def test_what_opens_in_the_table_is_held_on_the_tree(house: House, role: str) -> None:
    actor = _actor(role)
    for row in ROWS:
        ability = _scoped_ability(house.app, row)
        if ability is None:
            continue
        cell = row.cell(role)
        if not actor.can(ability):
            assert set(cell) == {FORBIDDEN}, f"{row.endpoint}: {role} lacks {ability}"
        for place, letter in zip(WHERE[role] if len(cell) > 1 else ("",), cell, strict=True):
            held = may(actor, ability, house.units[place].path) if place else actor.can(ability)
            assert held or letter != OPENS, f"{row.endpoint} opens for {role} in {place} without {ability}"


def test_nobody_without_a_session_gets_past_the_door(house: House) -> None:
    for row in ROWS:
        if not getattr(house.app.view_functions[row.endpoint], "is_public", False):
            assert set(row.cell("anybody")) == {LOG_IN}, row.endpoint


def test_roles_over_a_retired_unit_open_nothing(house: House) -> None:
    with database.atomic() as trial:
        for role in set(ROLES) - {"learner"}:
            RoleGrant.create(
                person=_person_of("learner"), role=role, unit=house.units["retired_village"], starts_at=clock.now()
            )
        assert _actor("learner").grants == ()
        browser = _browser(house.app, "learner")
        for row in ROWS:
            if _scoped_ability(house.app, row) and len(row.cell("learner")) > 1:
                assert OPENS not in _outcome(house, browser, row, "learner")[-1:], row.endpoint
        trial.rollback()


def _scoped_ability(app: Flask, row: Row) -> str | None:
    ability: str | None = getattr(app.view_functions[row.endpoint], "ability", None)
    return None if ability in OF_EVERYBODY else ability


def _person_of(role: str) -> int:
    return int(Account.get(Account.username == role).person_id)


def _actor(role: str) -> Actor:
    return load_actor(_person_of(role), clock.now())


def _browser(app: Flask, role: str) -> FlaskClient:
    browser = app.test_client()
    if role != "anybody":
        token = actions.sign_in(role, PASSWORD, policy=POLICY, now=clock.now())
        with browser.session_transaction() as session:
            session["token"] = token
    return browser


def _row_as_found(house: House, endpoint: str, method: str) -> str:
    row = Row(endpoint, method, next((one.query for one in ROWS if one.name[:2] == (endpoint, method)), ""), ())
    return str(replace(row, cells=tuple(_outcome(house, _browser(house.app, role), row, role) for role in WHERE)))


def _outcome(house: House, browser: FlaskClient, row: Row, role: str, foreign: Foreign | None = None) -> str:
    """The letters of one cell: one for each place, or one where the route names none; ``foreign`` must not be shown."""
    rule = next(house.app.url_map.iter_rules(row.endpoint))
    names = rule.arguments & set(MAKERS)
    if not names and not row.query:
        return _ask(house, browser, row, _path(house.app, row, rule, {}), {}, foreign)
    letters = ""
    for place in WHERE[role]:
        objects = {name: house.object(name, place) for name in names}
        if row.endpoint == "org.end_session":
            objects["session_id"] = login_session(house.units[place])
        query = re.sub(r"\{(\w+)\}", lambda found, at=place: str(MAKERS[found[1]](house.units[at])), row.query)
        body = BODIES[row.endpoint](house.units[place]) if row.endpoint in BODIES else {}
        letters += _ask(house, browser, row, _path(house.app, row, rule, objects) + query, body, foreign)
    return letters


def _path(app: Flask, row: Row, rule: Rule, objects: dict[str, Any]) -> str:
    values = {name: objects.get(name, FIXED.get(name)) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values, row.method)


def _ask(
    house: House, browser: FlaskClient, row: Row, path: str, body: dict[str, Any], foreign: Foreign | None = None
) -> str:
    """The letter of one answer, after which everything is as it was before; the browser keeps its log-in."""
    known = browser.get_cookie("learnhub")
    headers = {"Accept": "application/json", **body.pop("headers", {})}  # a refusal in two words
    with database.atomic() as trial:
        response = browser.open(path, method=row.method, headers=headers, **body)
        told = response.get_data()
        if foreign and response.status_code == 200 and row.method == "GET" and row.endpoint not in SAMPLES:
            house.leaks.extend(f"{path}: {word}" for word in foreign.found_in(told))
            if ".csv" in path:
                sheet = browser.get(path.replace(".csv", ".xlsx"), headers=headers)
                house.leaks.extend(f"{path} as xlsx: {word}" for word in foreign.found_in(sheet.get_data()))
        trial.rollback()
    if known is not None and browser.get_cookie("learnhub") != known:
        browser.set_cookie("learnhub", known.value)
    if response.status_code == 401 or response.headers.get("Location", "").startswith("/login"):
        return OPENS if row.endpoint in ("org.logout", "org.sign_in") else LOG_IN
    assert response.status_code < 500 or response.status_code == 502, f"{row.method} {path}: {response.status_code}"
    return {403: FORBIDDEN, 404: HIDDEN}.get(response.status_code, OPENS)
