"""The application as a whole: what people and programs read when something cannot be done, and how it reports itself."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from learnhub.app import create_app
from learnhub.config import Settings
from learnhub.kernel import errors
from learnhub.kernel.db import db as database
from learnhub.org.guard import public
from tests.client import CheckingClient

RAISED: dict[int, type[errors.Refusal]] = {
    400: errors.Malformed, 401: errors.NotSignedIn, 403: errors.Forbidden, 404: errors.NotFound, 409: errors.Conflict,
    413: errors.TooLarge, 422: errors.Invalid, 429: errors.TooManyRequests, 503: errors.Unavailable,
}  # fmt: skip


@pytest.fixture
def app(app: Flask) -> Flask:
    """The whole application with a few views that fail."""

    def refuse(status: int) -> str:
        if status == 500:
            raise ZeroDivisionError("a secret of the program: 7f3a")
        raise RAISED[status]("tests.no_words_for_this")

    def full() -> str:
        database.execute_sql("CREATE TABLE filled (x TEXT)")
        database.execute_sql("PRAGMA max_page_count = 1")
        while True:
            database.execute_sql("INSERT INTO filled VALUES (?)", ("x" * 4000,))

    app.add_url_rule("/tests/refuse/<int:status>", "tests_refuse", public(refuse))
    app.add_url_rule("/tests/full", "tests_full", public(full))
    return app


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """What the application writes into the log."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("learnhub.app")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield records
    logger.removeHandler(handler)
    logger.setLevel(before)


def reference_in(records: list[logging.LogRecord]) -> str:
    """The reference number of the one problem in the log."""
    (record,) = [record for record in records if record.getMessage() == "problem"]
    return str(record.fields["reference"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 429, 500, 503])
@pytest.mark.parametrize(("locale", "language"), [("zh_CN", "zh-CN"), ("en", "en")])
def test_every_problem_has_a_page_in_the_persons_language_with_the_number_of_the_log(
    client: CheckingClient, logged: list[logging.LogRecord], status: int, locale: str, language: str
) -> None:
    client.set_cookie("lang", locale)
    response = client.get(f"/tests/refuse/{status}")
    assert response.status_code == status
    assert f'<html lang="{language}">' in response.text
    assert reference_in(logged) in response.text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 429, 500, 503])
def test_every_problem_has_one_shape_in_json(
    client: CheckingClient, logged: list[logging.LogRecord], status: int
) -> None:
    response = client.get(f"/tests/refuse/{status}", headers={"Accept": "application/json"})
    assert response.status_code == status
    error = response.get_json()["error"]
    assert error["reference"] == reference_in(logged)
    assert error["message"] and "secret" not in response.text


def test_who_is_not_signed_in_is_sent_to_the_log_in_page_and_back(client: CheckingClient) -> None:
    response = client.get("/tests/refuse/401?a=1")
    assert response.status_code == 302
    assert response.location == "/login?next=/tests/refuse/401?a%3D1"


def test_a_program_error_shows_no_trace_but_keeps_it_in_the_log(
    client: CheckingClient, logged: list[logging.LogRecord]
) -> None:
    text = client.get("/tests/refuse/500").text
    assert "7f3a" not in text and "Traceback" not in text and "ZeroDivision" not in text
    (record,) = logged
    assert record.levelname == "ERROR" and record.exc_info is not None
    assert record.fields["path"] == "/tests/refuse/500"  # type: ignore[attr-defined]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_as_such_and_the_site_goes_on(client: CheckingClient) -> None:
    response = client.get("/tests/full", headers={"Accept": "application/json"})
    assert response.status_code == 503
    assert response.get_json()["error"]["code"] == "kernel.disk_full"
    assert client.get("/login").status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_unknown_addresses_and_wrong_methods_are_told(client: CheckingClient, accept: str) -> None:
    assert client.get("/no/such/page", headers={"Accept": accept}).status_code == 404
    response = client.delete("/healthz", headers={"Accept": accept})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_number_beyond_every_row_is_an_unknown_address(
    client_for: Callable[[str], CheckingClient],
) -> None:
    assert client_for("station_manager").get("/sessions/99999999999999999999").status_code == 404


def test_a_form_without_its_token_is_refused_with_words(client: CheckingClient) -> None:
    response = client.post("/login", data={"username": "learner", "password": "x"})
    assert response.status_code == 400
    assert "页面打开太久" in response.text or "重新" in response.text
    response = client.post("/login", json={}, headers={"Accept": "application/json"})
    assert (response.status_code, response.get_json()["error"]["code"]) == (400, "kernel.csrf")


def test_a_body_beyond_the_limit_is_refused(cast_url: str, settings: Settings) -> None:
    small = create_app(dataclasses.replace(settings, database_url=cast_url, max_upload_mb=1))
    small.test_client_class = CheckingClient
    browser = small.test_client()
    form = "application/x-www-form-urlencoded"
    response = browser.post("/login", data=b"username=" + b"x" * (1 << 20), content_type=form)
    assert response.status_code == 413


@pytest.mark.parametrize("host", ["evil.example", "learn.example.evil.example", ""])
def test_only_trusted_hosts_are_answered(cast_url: str, settings: Settings, host: str) -> None:
    given = dataclasses.replace(settings, database_url=cast_url, trusted_hosts=("learn.example",))
    browser = create_app(given).test_client()
    assert browser.get("/login", headers={"Host": "learn.example"}).status_code == 200
    assert browser.get("/login", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("https", [False, True])
def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(cast_url: str, settings: Settings, https: bool) -> None:
    made = create_app(dataclasses.replace(settings, database_url=cast_url, https=https))
    response = made.test_client().get("/login", base_url="https://localhost" if https else "http://localhost")
    cookies = response.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("learnhub=") for cookie in cookies)
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is https


def test_the_process_says_that_it_lives_and_that_it_is_ready(client: CheckingClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    response = client.get("/readyz")
    assert (response.status_code, response.get_json()["status"]) == (200, "ok")


def test_a_schema_that_is_behind_is_not_ready(client: CheckingClient) -> None:
    database.execute_sql("DELETE FROM schema_migration WHERE name = (SELECT max(name) FROM schema_migration)")
    response = client.get("/readyz")
    assert (response.status_code, response.get_json()["status"]) == (503, "migrate")
    assert client.get("/healthz").status_code == 200


def test_a_nul_in_a_form_or_an_address_breaks_nothing(client: CheckingClient) -> None:
    client.get("/login")
    response = client.send("/login", {"username": "a\0b", "password": "x\0"})
    assert response.status_code == 400
    assert client.get("/login?next=%00").status_code == 400


def test_json_that_is_none_is_refused(client_for: Callable[[str], CheckingClient]) -> None:
    response = client_for("learner").post("/beat", data="{", content_type="application/json")
    assert response.status_code == 400
    assert json.loads(response.data)["error"]["code"]
