"""Pages and JSON for what went wrong."""

from __future__ import annotations

import pytest
from flask import Flask

from learnhub.design import i18n
from learnhub.design.i18n import locale_of
from learnhub.design.problems import CODES, WORDS, render_problem, wants_json
from tests.client import CheckingClient, check_page


@pytest.mark.parametrize("status", sorted(CODES))
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_page_names_the_problem_what_to_do_and_the_reference(app: Flask, status: int, locale: str) -> None:
    with app.test_request_context("/nowhere", headers={"Cookie": f"lang={locale}"}):
        response = render_problem(status, None, "ab12cd34", want_json=False)
        response = app.process_response(response)
    check_page(response.get_data(as_text=True), response.headers)
    with locale_of(locale):
        title, advice = (str(words) for words in WORDS[status])
    assert response.status_code == status
    text = response.get_data(as_text=True)
    assert title in text and advice in text and "ab12cd34" in text
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", sorted(CODES))
def test_json_has_one_shape(app: Flask, status: int) -> None:
    with app.test_request_context("/nowhere"):
        response = render_problem(status, None, "ab12cd34", want_json=True)
    error = response.get_json()["error"]
    assert set(response.get_json()) == {"error"}
    assert set(error) == {"code", "message", "reference"}
    assert error["code"] == CODES[status] and error["reference"] == "ab12cd34" and error["message"]


def test_json_names_the_refusal_and_its_fields(app: Flask) -> None:
    with app.test_request_context("/nowhere"):
        response = render_problem(
            422, "No.", "r", want_json=True, code="sessions.clash", fields={"start": "There is a session already."}
        )
    assert response.get_json() == {
        "error": {
            "code": "sessions.clash",
            "message": "No.",
            "reference": "r",
            "fields": {"start": "There is a session already."},
        }
    }


def test_message_is_escaped_in_the_page(app: Flask) -> None:
    with app.test_request_context("/nowhere"):
        assert "<b>" not in render_problem(422, "<b>", "r", want_json=False, fields={"x": "<b>"}).get_data(as_text=True)


@pytest.mark.parametrize("status", [418, 504])
def test_unusual_status_is_kept_and_gets_common_words(app: Flask, status: int) -> None:
    with app.test_request_context("/nowhere"):
        response = render_problem(status, None, "r", want_json=False)
    assert response.status_code == status and "<h1>" in response.get_data(as_text=True)


@pytest.mark.parametrize("status", [500, 503])
def test_page_of_a_broken_program_asks_nothing_of_it(app: Flask, status: int) -> None:
    def broken(*_values: object) -> None:
        raise AssertionError("the database is away")

    i18n.wire_locale_store(app, broken, broken)  # type: ignore[arg-type]
    app.extensions["learnhub.navigation"].person_name = broken
    app.extensions["learnhub.navigation"].may_use = broken
    with app.test_request_context("/nowhere", headers={"Cookie": "lang=en"}):
        response = render_problem(status, None, "r", want_json=False)
    assert '<html lang="en">' in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("accept", "sends_json", "expected"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", False, False),
        ("application/json", False, True),
        ("*/*", False, False),
        ("", False, False),
        ("*/*", True, True),
        ("text/html", True, False),
    ],
)
def test_program_gets_json_and_person_gets_a_page(app: Flask, accept: str, sends_json: bool, expected: bool) -> None:
    kind = "application/json" if sends_json else None
    with app.test_request_context("/", headers={"Accept": accept}, data="{}", method="POST", content_type=kind):
        assert wants_json() is expected


def test_problem_in_a_posted_form_offers_a_way_back_that_can_be_opened(app: Flask, client: CheckingClient) -> None:
    with app.test_request_context("/leave", method="POST", headers={"Referer": "http://localhost/gallery?q=1"}):
        assert 'name="next" value="/gallery?q=1"' in render_problem(422, None, "r", want_json=False).get_data(
            as_text=True
        )
    with app.test_request_context("/leave", method="POST", headers={"Referer": "http://evil.example/x"}):
        assert 'name="next" value="/"' in render_problem(422, None, "r", want_json=False).get_data(as_text=True)
