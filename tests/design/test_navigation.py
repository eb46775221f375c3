"""The layout: menu, way back, type size."""

from __future__ import annotations

import pytest
from flask import Flask

from learnhub.design import navigation
from learnhub.design.i18n import _l
from learnhub.design.navigation import ANYBODY, PERSON, SIGNED_IN, add_item, here, list_items
from learnhub.design.views import local_path
from tests.client import CheckingClient


@pytest.fixture(autouse=True)
def items(app: Flask) -> None:
    navigation._items.clear()
    app.add_url_rule("/records/", "records", lambda: "")
    add_item("late", _l("Records"), "records", "report.read", order=50)
    add_item("early", _l("Home"), "somewhere", SIGNED_IN, order=10)
    add_item("open", _l("Gallery of components"), "design.gallery", ANYBODY, order=90)
    add_item("me", _l("My account"), "somewhere", place=PERSON)
    add_item("absent", _l("Nowhere"), "not.there", ANYBODY)


@pytest.mark.parametrize(
    ("name", "abilities", "shown"),
    [
        (None, {"report.read"}, ["open"]),
        ("李", set(), ["early", "open"]),
        ("李", {"report.read"}, ["early", "late", "open"]),
    ],
)
def test_menu_shows_what_the_person_may_use_in_order(
    app: Flask, account: object, name: str | None, abilities: set[str], shown: list[str]
) -> None:
    account.name, account.abilities = name, abilities  # type: ignore[attr-defined]
    with app.test_request_context():
        assert [item.name for item in list_items()] == shown


def test_item_added_twice_is_shown_once(app: Flask) -> None:
    add_item("open", _l("Home"), "design.gallery", ANYBODY)
    with app.test_request_context():
        assert [str(item.name) for item in list_items()] == ["open"]


def test_page_of_a_feature_marks_the_item_of_that_feature(app: Flask) -> None:
    with app.test_request_context("/records/7/export"):
        assert navigation.is_current(navigation._items["late"])
        assert not navigation.is_current(navigation._items["open"])


def test_page_marks_its_place_in_the_menu(client: CheckingClient) -> None:
    assert 'aria-current="page"' in client.get("/gallery").text


def test_here_changes_one_parameter_and_keeps_the_others(app: Flask) -> None:
    with app.test_request_context("/gallery?unit=5&unit=6&page=3"):
        assert here(page=None, sort="name") == "/gallery?unit=5&unit=6&sort=name"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/courses?q=1", "/courses?q=1"),
        ("/课程", "/课程"),
        ("https://evil.example/x", "/"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("///evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("//[", "/"),
        ("/[", "/["),
        ("courses", "/"),
        ("/a\r\nX: y", "/aX: y"),
        (None, "/"),
        ("", "/"),
    ],
)
def test_way_back_never_leads_to_another_site(address: str | None, path: str) -> None:
    assert local_path(address) == path


def test_large_type_is_remembered_without_script(client: CheckingClient) -> None:
    client.get("/gallery")
    assert client.send("/text-size", {"size": "large", "next": "/gallery"}).location == "/gallery"
    assert 'class="large"' in client.get("/gallery").text
    client.send("/text-size", {"size": "normal"})
    assert 'class="large"' not in client.get("/gallery").text
    assert client.send("/text-size", {"size": "huge"}).status_code == 400


def test_signed_in_person_can_leave_and_others_can_come_in(client: CheckingClient, account: object) -> None:
    assert 'action="/leave"' not in client.get("/gallery").text
    account.name = "李㛃"  # type: ignore[attr-defined]
    page = client.get("/gallery").text
    assert 'action="/leave"' in page and "李㛃" in page


def test_product_carries_the_name_of_the_place(app: Flask, client: CheckingClient) -> None:
    app.config["PRODUCT_NAME"] = "玉溪市干部教育"
    assert "玉溪市干部教育" in client.get("/gallery").text
