"""The pages of search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from learnhub.kernel import jobs
from learnhub.search import actions
from learnhub.search.index import bound
from learnhub.search.models import SearchMiss
from tests.cast import Cast
from tests.client import CheckingClient
from tests.search.library import Shelf, fill

SignIn = Callable[[str], CheckingClient]


@pytest.fixture
def published(app: Flask, cast: Cast, shelf: Shelf, now: datetime) -> Shelf:
    """The small library in the application's own index."""
    fill(shelf, cast.county.id)
    actions.index_pending(bound(), now=now)
    return shelf


def page(client: CheckingClient, address: str) -> str:
    """The text of a page that answers 200."""
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.get_data(as_text=True)


def test_a_search_without_words_gives_advice(published: Shelf, client_for: SignIn) -> None:
    assert "请输入一个词" in page(client_for("learner"), "/search")


def test_results_are_marked_and_lead_to_the_second(published: Shelf, client_for: SignIn) -> None:
    text = page(client_for("learner"), "/search?q=成员身份")
    assert "<mark>成员身份</mark>" in text
    assert 'href="/lessons/77?t=16"' in text
    assert "1 条结果" in text
    assert 'value="成员身份"' in text


def test_kinds_are_offered_with_their_numbers(published: Shelf, client_for: SignIn) -> None:
    text = page(client_for("learner"), "/search?q=公开")
    assert "视频中的话" in text
    assert "kind=caption" in text
    only = page(client_for("learner"), "/search?q=公开&kind=caption")
    assert "/lessons/77?t=" in only
    assert 'href="/lessons/village"' not in only


def test_the_page_speaks_english(published: Shelf, client_for: SignIn) -> None:
    client = client_for("learner")
    client.set_cookie("lang", "en")
    text = client.get("/search?q=公开", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "results" in text


def test_a_text_of_html_stays_text(published: Shelf, client_for: SignIn) -> None:
    text = page(client_for("learner"), "/search?q=<script>alert(1)</script>")
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    "query",
    ["q=*", "q=%ff%fe", "q=" + "水" * 3000, "q=a&page=-1", "q=水&page=99999999999", "q=水&page=x", "q=水&kind=zzz", "q=水&match=zzz"],
)  # fmt: skip
def test_an_odd_address_is_answered(published: Shelf, client_for: SignIn, query: str) -> None:
    response = client_for("learner").get(f"/search?{query}", follow_redirects=True)
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["q=%00", "q=水&category=%00"])
def test_an_address_with_a_nul_is_refused_on_a_whole_page(client_for: SignIn, query: str) -> None:
    assert client_for("learner").get(f"/search?{query}").status_code == 400


def test_the_neighbour_finds_nothing_and_is_counted_as_a_miss(published: Shelf, client_for: SignIn) -> None:
    assert "没有找到" in page(client_for("neighbour"), "/search?q=村务公开")
    assert [miss.query for miss in SearchMiss.select()] == ["村务公开"]


def test_editors_see_what_was_looked_for_in_vain(published: Shelf, client_for: SignIn) -> None:
    page(client_for("learner"), "/search?q=量子计算")
    assert "量子计算" in page(client_for("editor"), "/search/misses")
    assert client_for("learner").get("/search/misses").status_code == 403


def test_nobody_searches_without_signing_in(published: Shelf, client: CheckingClient) -> None:
    assert client.get("/search?q=水").status_code == 302


def test_a_lost_index_is_answered_and_rebuilt_by_the_worker(
    published: Shelf, client_for: SignIn, now: datetime
) -> None:
    for path in bound().folder.glob("*"):
        path.unlink()
    client = client_for("learner")
    assert "搜索索引正在准备" in page(client, "/search?q=村务公开")
    assert "/lessons/village" in page(client, "/search?q=村务公开")
    jobs.run_all()
    assert "搜索索引正在准备" not in page(client, "/search?q=村务公开")
    assert "/lessons/village" in page(client, "/search?q=村务公开")


def test_a_damaged_index_is_answered_and_rebuilt_by_the_worker(published: Shelf, client_for: SignIn) -> None:
    for path in bound().folder.glob("MAIN_*"):
        path.write_bytes(b"damaged")
    client = client_for("learner")
    assert "/lessons/village" in page(client, "/search?q=村务公开")
    jobs.run_all()
    assert "搜索索引正在准备" not in page(client, "/search?q=村务公开")
