"""The authorisation matrix: every route × every role × four places of the tree, against one readable table.

``route_matrix.txt`` says what each member of the cast gets from each route, for objects in four places:
``village`` (inside the part of those who hold the county or the township), ``city`` (above it), ``cousin_village``
(beside the township) and ``other_village`` (in the neighbour county). A route without a row fails, and so does a row
without its route. The failing test prints the row as it is now: look at each letter before you paste it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from learnhub.app import create_app
from learnhub.catalog.models import Category, Course, CourseAudience, Lesson, LessonVersion
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.media.models import Asset
from learnhub.media.uploads.models import Upload
from learnhub.org import actions, audit
from learnhub.org.abilities import OF_EVERYBODY
from learnhub.org.models import (
    Account,
    AuditLine,
    LoginSession,
    OutsideLogin,
    Person,
    RoleGrant,
    SecondFactor,
    Station,
    Unit,
)
from learnhub.org.roster.models import ImportRun
from learnhub.org.rules import SignInPolicy
from learnhub.org.scope import may
from learnhub.proofs.models import Proof
from learnhub.sessions.models import StationSession
from learnhub.study import hours
from learnhub.years.models import Anomaly, DryRun, HoursClaim, Objection
from tests.cast import PASSWORD, PEOPLE, Cast, password_hash
from tests.databases import SqliteTemplates

TABLE = Path(__file__).with_name("route_matrix.txt")
ROLES = (
    *("anybody", "learner", "station_manager", "editor", "department", "auditor"),
    *("unit_admin", "system_admin", "neighbour"),
)
PLACES = ("village", "city", "cousin_village", "other_village")
OPENS, FORBIDDEN, HIDDEN, LOG_IN = "o", "x", "-", "l"
POLICY = SignInPolicy()
PROVIDER = {  # a provider that is away: who may go to it is asked all the same
    "oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "m", "oidc_client_secret": "m", "oidc_label": "m",
}  # fmt: skip

_numbers = itertools.count()


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

    def __str__(self) -> str:
        what = f"{self.endpoint} {self.method} {self.query}".strip()
        return f"{what:<56}" + "  ".join(f"{cell:<4}" for cell in self.cells).rstrip()


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


@pytest.fixture
def engine(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """One database is enough: who may what does not depend on it."""
    return sqlite_templates


@pytest.fixture
def matrix_app(cast_url: str, settings: Settings) -> Flask:
    """The application; the CSRF token, which each form has, is left out here to come to the power behind it."""
    app = create_app(replace(settings, database_url=cast_url, **PROVIDER))
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def _routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def test_every_route_names_its_power_or_is_public(matrix_app: Flask) -> None:
    for rule, method in _routes(matrix_app):
        view = matrix_app.view_functions[rule.endpoint]
        is_public, ability = getattr(view, "is_public", False), getattr(view, "ability", None)
        assert is_public != bool(ability), f"{method} {rule.rule}: @ability or @public, one of them"


def test_every_route_has_a_row_and_every_row_a_route(matrix_app: Flask, cast: Cast) -> None:
    routes = {(rule.endpoint, method) for rule, method in _routes(matrix_app)}
    missing = routes - {(row.endpoint, row.method) for row in ROWS}
    told = [str(Row(*one, "", _outcomes(matrix_app, cast, *one, ""))) for one in sorted(missing)]
    assert not missing, "routes without a row:\n" + "\n".join(told)
    assert not {(row.endpoint, row.method) for row in ROWS} - routes
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(matrix_app: Flask, cast: Cast, role: str) -> None:
    column = ROLES.index(role)
    browser = _browser(matrix_app, role)
    wrong = []
    for row in ROWS:
        found = _outcome(matrix_app, cast, browser, row)
        if found != row.cells[column]:
            wrong.append(f"{row.endpoint} {row.method} {row.query}: {row.cells[column]} expected, {found} found")
        if row.endpoint in ("org.logout", "org.password"):
            browser = _browser(matrix_app, role)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "anybody"])
def test_what_opens_in_the_table_is_held_on_the_tree(matrix_app: Flask, cast: Cast, role: str) -> None:
    actor, column = cast.actor(role), ROLES.index(role)
    for row in ROWS:
        ability = getattr(matrix_app.view_functions[row.endpoint], "ability", None)
        if ability is None or ability in OF_EVERYBODY:
            continue
        cell = row.cells[column]
        places = PLACES if len(cell) == len(PLACES) else ("",)
        for place, letter in zip(places, cell, strict=True):
            held = may(actor, ability, cast.units[place].path) if place else actor.can(ability)
            assert held or letter != OPENS, f"{row.endpoint} opens for {role} in {place} without {ability}"


def test_nobody_without_a_session_gets_past_the_door(matrix_app: Flask) -> None:
    for row in ROWS:
        if not getattr(matrix_app.view_functions[row.endpoint], "is_public", False):
            assert set(row.cells[0]) == {LOG_IN}, row.endpoint


def test_the_neighbour_opens_nothing_on_this_side(matrix_app: Flask) -> None:
    for row in ROWS:
        cell = row.cells[ROLES.index("neighbour")]
        ability = getattr(matrix_app.view_functions[row.endpoint], "ability", None)
        if len(cell) == len(PLACES) and ability and ability not in OF_EVERYBODY:
            assert OPENS not in cell[:3], row.endpoint


def _browser(app: Flask, role: str) -> FlaskClient:
    browser = app.test_client()
    if role in PEOPLE:
        token = actions.sign_in(role, PASSWORD, policy=POLICY, now=clock.now())
        with browser.session_transaction() as session:
            session["token"] = token
    return browser


def _outcomes(app: Flask, cast: Cast, endpoint: str, method: str, query: str) -> tuple[str, ...]:
    row = Row(endpoint, method, query, ())
    return tuple(_outcome(app, cast, _browser(app, role), row) for role in ROLES)


def _outcome(app: Flask, cast: Cast, browser: FlaskClient, row: Row) -> str:
    """The letters of one cell: one for each place, or one where the route names none."""
    rule = next(app.url_map.iter_rules(row.endpoint))
    if not rule.arguments & set(MAKERS) and not row.query:
        return _ask(app, browser, row, rule, {}, "", {})
    letters = ""
    for place in PLACES:
        with transaction():
            objects = {name: MAKERS[name](cast.units[place]) for name in rule.arguments if name in MAKERS}
            if row.endpoint == "org.end_session":
                objects["session_id"] = _login_session(cast.units[place])
            query = re.sub(r"\{(\w+)\}", lambda found, at=place: str(MAKERS[found[1]](cast.units[at])), row.query)
            body = BODIES[row.endpoint](cast.units[place]) if row.endpoint in BODIES else {}
        letters += _ask(app, browser, row, rule, objects, query, body)
    return letters


def _ask(
    app: Flask, browser: FlaskClient, row: Row, rule: Rule, objects: dict[str, Any], query: str, body: dict[str, Any]
) -> str:
    values = {name: objects.get(name, FIXED.get(name)) for name in rule.arguments}
    with app.test_request_context():
        path = app.url_for(rule.endpoint, _method=row.method, **values)
    response = browser.open(path + query, method=row.method, **body)
    response.get_data()
    if response.status_code == 401 or response.headers.get("Location", "").startswith("/login"):
        return OPENS if row.endpoint in ("org.logout", "org.sign_in") else LOG_IN
    assert response.status_code < 500 or response.status_code == 502, f"{row.method} {path}: {response.status_code}"
    return {403: FORBIDDEN, 404: HIDDEN}.get(response.status_code, OPENS)


def _person(unit: Unit) -> int:
    number, now = next(_numbers), clock.now()
    person = Person.create(staff_no=f"M{number}", name="甲", name_folded="甲", unit=unit, created_at=now)
    account = Account.create(
        person=person, username=f"m{number}", password_hash=password_hash(), must_change=False, created_at=now
    )
    SecondFactor.create(account=account, key="M" * 32, created_at=now, confirmed_at=now)
    OutsideLogin.create(account=account, issuer=PROVIDER["oidc_issuer"], subject=f"m{number}", linked_at=now)
    return int(person.id)


def _grant(unit: Unit) -> int:
    grant = RoleGrant.create(person=_person(unit), role="auditor", unit=unit, starts_at=clock.now())
    return int(grant.id)


def _login_session(unit: Unit) -> int:
    account, now = Account.get(Account.person == _person(unit)), clock.now()
    session = LoginSession.create(
        token_hash=f"m{next(_numbers)}", account=account, created_at=now, seen_at=now, expires_at=now + POLICY.idle
    )
    return int(session.id)


def _station(unit: Unit) -> int:
    return int(Station.create(station_no=f"M{next(_numbers)}", name="站点", unit=unit).id)


def _session(unit: Unit) -> int:
    now = clock.now()
    session = StationSession.create(station=_station(unit), title="学习", starts_at=now, ends_at=now + POLICY.idle)
    return int(session.id)


def _audit_line(unit: Unit) -> int:
    audit.record(None, "unit.renamed", "unit", unit.id, unit_id=unit.id, now=clock.now())
    return int(AuditLine.select().order_by(AuditLine.id.desc()).first().id)


def _course(unit: Unit) -> int:
    category = Category.select().first() or Category.create(code="m", name="类", name_en="kind", order=1)
    now = clock.now()
    course = Course.create(
        code=f"m{next(_numbers)}", title="课程", category=category, unit=unit, level=unit.level,
        state="published", published_at=now, changed_at=now, lesson_count=1,
    )  # fmt: skip
    CourseAudience.create(course=course, unit=unit)
    return int(course.id)


def _lesson(unit: Unit) -> int:
    lesson = Lesson.create(course=_course(unit), key="m", number=1, title="课时", kind="text")
    LessonVersion.create(
        lesson=lesson, number=1, digest="m", title="课时", body_html="<p>文</p>", body_text="文",
        length_s=60, characters=1, published_at=clock.now(),
    )  # fmt: skip
    return int(lesson.id)


def _recording(unit: Unit) -> int:
    asset = Asset.create(
        sha256=f"{next(_numbers):064}", kind="video", file_name="m.mp4", size=1, duration_ms=1000, state="ready",
        created_at=clock.now(),
    )  # fmt: skip
    lesson_id = _lesson(unit)
    LessonVersion.update(asset=asset).where(LessonVersion.lesson == lesson_id).execute()
    return lesson_id


def _claim(unit: Unit) -> int:
    day, now = clock.local_date(clock.now()), clock.now()
    claim = HoursClaim.create(
        person=_person(unit), year=day.year, kind="class", title="班", organiser="校", first_day=day, last_day=day,
        centihours=100, document="0" * 64, document_name="a.pdf", document_kind="pdf", filed_at=now, state="refused",
    )  # fmt: skip
    return int(claim.id)


def _objection(unit: Unit) -> int:
    now = clock.now()
    return int(Objection.create(person=_person(unit), year=2026, text="不对", filed_at=now, outcome="kept").id)


def _anomaly(unit: Unit) -> int:
    facts, now, number = {"viewing": "v", "refused_ms": 1}, clock.now(), next(_numbers)
    anomaly = Anomaly.create(
        key=f"m{number}", kind="clock", person=_person(unit), unit=unit, facts=facts, happened_at=now, found_at=now
    )
    return int(anomaly.id)


def _trial(unit: Unit) -> int:
    now = clock.now()
    version = hours.keep_version(hours.shipped_texts()["yunnan-online"], entered_by=None, now=now)
    run = DryRun.create(version=version, unit=unit, year=2026, asked_by=_person(unit), asked_at=now)
    return int(run.id)


def _proof(unit: Unit) -> int:
    number, now = next(_numbers), clock.now()
    proof = Proof.create(
        serial=f"M{number}", person=_person(unit), kind="year", year=2026, centihours=1, rule="r", token="t",
        issued_at=now, shows=[], revoked_at=now,
    )  # fmt: skip
    return int(proof.id)


def _run(unit: Unit) -> int:
    run = ImportRun.create(
        owner=_person(unit), file_name="m.csv", state="planned", roots=[unit.id], columns=["name"],
        found={"headings": ["姓名"], "not_collected": [], "key": "m", "rows": 1}, refusal_params={},
        counts={"created": 1, "changed": 0, "same": 0, "refused": 0}, created_at=clock.now(),
    )  # fmt: skip
    return int(run.id)


def _upload(unit: Unit) -> int:
    now = clock.now()
    upload = Upload.create(
        person=_person(unit), unit=unit, file_name="m.mp4", size=1, state="receiving", created_at=now, changed_at=now,
        expires_at=now + POLICY.idle,
    )  # fmt: skip
    return int(upload.id)


MAKERS: dict[str, Callable[[Unit], int]] = {
    "unit_id": lambda unit: int(unit.id),
    "person_id": _person,
    "grant_id": _grant,
    "station_id": _station,
    "session_id": _session,
    "run_id": _run,
    "course_id": _course,
    "lesson_id": _lesson,
    "recording_id": _recording,
    "line_id": _audit_line,
    "upload_id": _upload,
}
MAKERS |= {"claim_id": _claim, "objection_id": _objection, "anomaly_id": _anomaly}
MAKERS |= {"trial_id": _trial, "proof_id": _proof}
FIXED: dict[str, Any] = {
    "version_id": 1,
    "code": "nothing",
    "serial": "nothing",
    "token": "forged",
    "language": "zh-CN",
    "sha256": "0" * 64,
    "version": "a1",
    "asset_id": 1,
    "name": "nothing",
    "act": "retire",
    "stamp": "x",
    "filename": "nothing.css",
    "path": "nothing",
    "number": 1,
    "entry_id": 1,
    "file_format": "csv",
}
_TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
BODIES: dict[str, Callable[[Unit], dict[str, Any]]] = {
    "org.grant_role": lambda unit: {"data": {"role": "auditor", "unit_id": unit.id}},
    "org.print_slips": lambda unit: {"data": {"key": f"m{next(_numbers):019}", "person": _person(unit)}},
    "org.merge_people": lambda unit: {"data": {"with": _person(unit)}},
    "sessions.save_marks": lambda unit: {"json": {"marks": []}},
    "uploads.append": lambda unit: {"headers": _TUS, "data": b"x", "content_type": "application/offset+octet-stream"},
    "uploads.remove": lambda unit: {"headers": _TUS},
    "sessions.save_rest": lambda unit: {"json": {"status": "present"}},
}
"""What is sent where an empty body is refused before anybody is asked who is asking."""
