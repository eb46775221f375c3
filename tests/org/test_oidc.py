"""Signing in by a real OpenID provider: who gets in, who does not, and what a forged or broken answer leads to."""

from __future__ import annotations

import dataclasses
import http.server
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from learnhub.app import create_app
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound, OtherSideFailed
from learnhub.org import actions, oidc, queries
from learnhub.org.models import AuditLine, LoginSession, OutsideLogin, Person, RoleGrant, SecondFactor
from learnhub.org.rules import SignInPolicy
from tests.cast import Cast
from tests.client import CheckingClient
from tests.org.provider import CLIENT, LABEL, running_provider, visit

POLICY = SignInPolicy()


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A running provider."""
    with running_provider() as address:
        yield address


MakeApp = Callable[..., Flask]


@pytest.fixture
def make(cast_url: str, settings: Settings, issuer: str) -> MakeApp:
    """``make(oidc_claim=…)``: the application with the provider in its settings."""

    def build(**more: Any) -> Flask:
        told = {"database_url": cast_url, "oidc_issuer": issuer, "oidc_label": LABEL, **CLIENT, **more}
        made = create_app(dataclasses.replace(settings, **told))
        made.test_client_class = CheckingClient
        return made

    return build


def _sign_in(app: Flask, name: str, *, path: str = "/login/provider", browser: Any = None) -> tuple[Any, Any]:
    browser = browser or app.test_client()
    leaving = browser.get(path)
    assert leaving.status_code == 302, leaving.text
    return browser, browser.get(_local(visit(leaving.headers["Location"], name)))


def _local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def _link(cast: Cast, issuer: str, who: str, subject: str, now: datetime) -> None:
    person = cast.people[who].id
    actions.link_outside_for(cast.system_admin, person, issuer, subject, now=now)


def test_the_button_is_there_only_when_a_provider_is_set(make: MakeApp, client: CheckingClient) -> None:
    assert LABEL in make().test_client().get("/login").text
    page = client.get("/login").text
    assert LABEL not in page
    assert "/login/provider" not in page
    assert client.get("/login/provider").status_code == 404


def test_a_linked_person_gets_in_and_goes_on_to_the_page_asked_for(
    make: MakeApp, cast: Cast, issuer: str, now: datetime
) -> None:
    _link(cast, issuer, "learner", "p-17", now)
    browser, answer = _sign_in(make(), "p-17", path="/login/provider?next=/account")
    assert answer.headers["Location"] == "/account"
    assert cast.people["learner"].name in browser.get("/account").text
    assert AuditLine.select().where(AuditLine.action == "account.signed_in_outside").count() == 1


def test_next_leads_to_no_other_site(make: MakeApp, cast: Cast, issuer: str, now: datetime) -> None:
    _link(cast, issuer, "learner", "p-17", now)
    _browser, answer = _sign_in(make(), "p-17", path="/login/provider?next=https://evil.example/")
    assert "evil" not in answer.headers["Location"]


def test_nobody_comes_into_being_and_an_unknown_one_is_told_what_to_do(make: MakeApp, cast: Cast) -> None:
    people = Person.select().count()
    browser, answer = _sign_in(make(oidc_claim="preferred_username"), "somebody")
    assert answer.status_code == 422
    assert f"{LABEL}认识您" in answer.text
    assert browser.get("/account").status_code == 302
    assert (Person.select().count(), LoginSession.select().count()) == (people, 0)


def test_names_are_matched_only_by_the_setting_and_only_once(make: MakeApp, cast: Cast) -> None:
    _browser, refused = _sign_in(make(), "learner")
    assert refused.status_code == 422
    app = make(oidc_claim="preferred_username")
    browser, answer = _sign_in(app, "learner")
    assert answer.status_code == 302
    assert cast.people["learner"].name in browser.get("/account").text
    # Another subject that bears the same name does not take the account over.
    _browser, refused = _sign_in(app, "learner/2")
    assert refused.status_code == 422
    assert [(link.subject, link.linked_by_id) for link in OutsideLogin.select()] == [("learner", None)]
    _browser, again = _sign_in(app, "learner")
    assert again.status_code == 302


def test_a_staff_number_matches_too_and_a_retired_person_gets_in_by_nothing(make: MakeApp, cast: Cast) -> None:
    app = make(oidc_claim="preferred_username")
    assert _sign_in(app, "ht2002")[1].status_code == 302
    assert _sign_in(app, "retiree")[1].status_code == 422
    Person.update(is_active=False).where(Person.id == cast.people["colleague"].id).execute()
    assert _sign_in(app, "ht2002")[1].status_code == 422


def test_the_signed_in_person_links_and_unlinks_both_accounts(make: MakeApp, cast: Cast, issuer: str) -> None:
    app = make()
    browser: Any = app.test_client()
    browser.sign_in("learner", "Xuexi-2026-demo")
    page = browser.get("/account").text
    path = page.split('href="/login/provider?link=')[1].split('"')[0]
    _browser, answer = _sign_in(app, "p-18", path=f"/login/provider?link={path}", browser=browser)
    assert answer.headers["Location"] == "/account"
    link = OutsideLogin.get()
    assert (link.subject, link.linked_by_id) == ("p-18", cast.people["learner"].id)
    assert _sign_in(app, "p-18")[1].status_code == 302
    browser.get("/account")
    assert browser.send("/account/outside-login/end").status_code == 302
    assert OutsideLogin.select().count() == 0
    assert _sign_in(app, "p-18")[1].status_code == 422


def test_another_site_cannot_make_somebody_link(make: MakeApp, cast: Cast) -> None:
    app = make()
    for proof in ("forged", "eyJ4IjoxfQ.xx"):
        browser: Any = app.test_client()
        browser.sign_in("learner", "Xuexi-2026-demo")
        assert browser.get(f"/login/provider?link={proof}").status_code == 422
    browser.get("/account")
    theirs = browser.get("/account").text.split('href="/login/provider?link=')[1].split('"')[0]
    other: Any = app.test_client()
    other.sign_in("colleague", "Xuexi-2026-demo")
    assert other.get(f"/login/provider?link={theirs}").status_code == 422


def test_only_downward_does_an_administrator_link(cast: Cast, issuer: str, now: datetime) -> None:
    admin = cast.unit_admin
    for who, refusal in (("editor", Forbidden), ("unit_admin", Forbidden), ("other_learner", NotFound)):
        with pytest.raises(refusal):
            actions.link_outside_for(admin, cast.people[who].id, issuer, "x", now=now)
    actions.link_outside_for(admin, cast.people["learner"].id, issuer, "x", now=now)
    for who in ("learner", "colleague"):
        with pytest.raises(Conflict):
            actions.link_outside_for(admin, cast.people[who].id, issuer, "x", now=now)
    with pytest.raises(NotFound):
        actions.unlink_outside_for(cast.neighbour, cast.people["learner"].id, issuer, now=now)
    actions.unlink_outside_for(admin, cast.people["learner"].id, issuer, now=now)
    with pytest.raises(NotFound):
        actions.unlink_outside_for(admin, cast.people["learner"].id, issuer, now=now)


def test_our_second_step_is_asked_for_unless_the_provider_vouches_for_one_by_setting(
    make: MakeApp, cast: Cast, issuer: str, now: datetime
) -> None:
    _link(cast, issuer, "learner", "lin-1", now)
    account = queries.account_of(cast.people["learner"].id)
    SecondFactor.create(account=account, key="K" * 32, created_at=now, confirmed_at=now)
    browser, answer = _sign_in(make(), "lin-1")
    assert answer.headers["Location"].startswith("/login/code")
    assert browser.get("/account").status_code == 302
    browser, answer = _sign_in(make(oidc_strong=("otp",)), "lin-1")
    assert answer.headers["Location"] == "/"
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(("strong", "expected"), [((), "/account/second-step"), (("mfa", "otp"), None)])
def test_an_administrator_sets_up_a_second_step_unless_the_provider_vouches(
    make: MakeApp, cast: Cast, issuer: str, now: datetime, strong: tuple[str, ...], expected: str | None
) -> None:
    RoleGrant.create(person=cast.people["learner"], role="unit_admin", unit=cast.village, starts_at=now)
    _link(cast, issuer, "learner", "lin-2", now)
    browser, _answer = _sign_in(make(oidc_strong=strong, admin_totp=True), "lin-2")
    assert browser.get("/people").headers.get("Location") == expected


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    make: MakeApp, cast: Cast, issuer: str, now: datetime
) -> None:
    _link(cast, issuer, "learner", "p-17", now)
    app = make()
    browser: Any = app.test_client()
    back = _local(visit(browser.get("/login/provider").headers["Location"], "p-17"))
    stranger: Any = app.test_client()
    assert stranger.get(back).status_code == 422
    stranger.get("/login/provider")
    assert stranger.get(back).status_code == 422, "the state is another one"
    assert browser.get(back).status_code == 302
    assert browser.get(back).status_code == 422
    assert "请重新开始" in browser.get(back).text


def test_a_code_does_not_open_without_its_verifier(make: MakeApp, cast: Cast, issuer: str, now: datetime) -> None:
    _link(cast, issuer, "learner", "p-17", now)
    app = make()
    browser: Any = app.test_client()
    leaving = browser.get("/login/provider").headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(leaving).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["nonce"]) > 20
    with browser.session_transaction() as kept:
        kept["errand"] = {**kept["errand"], "verifier": "another-one-that-is-long-enough-for-the-standard-0123456789"}
    answer = browser.get(_local(visit(leaving, "p-17")))
    assert answer.status_code == 502
    assert LoginSession.select().count() == 0


def test_an_answer_with_another_nonce_is_refused(make: MakeApp, cast: Cast, issuer: str, now: datetime) -> None:
    _link(cast, issuer, "learner", "p-17", now)
    browser: Any = make().test_client()
    back = visit(browser.get("/login/provider").headers["Location"], "p-17")
    with browser.session_transaction() as kept:
        kept["errand"] = {**kept["errand"], "nonce": "that of an earlier log-in"}
    assert browser.get(_local(back)).status_code == 502


def test_a_wrong_secret_and_a_refusal_at_the_provider_are_told_in_clear_words(
    make: MakeApp, cast: Cast, issuer: str, now: datetime
) -> None:
    _link(cast, issuer, "learner", "p-17", now)
    browser, answer = _sign_in(make(oidc_client_secret="not the one that was agreed upon"), "p-17")
    assert answer.status_code == 502
    assert "暂时" in answer.text
    assert 'name="password"' in answer.text, "the log-in by password is there at once"
    leaving = browser.get("/login/provider").headers["Location"]
    answer = browser.get(_local(visit(leaving, "p-17", password="wrong")))
    assert answer.status_code == 422
    assert "没有让您登录" in answer.text


def test_signing_out_tells_that_the_provider_may_still_know_the_browser(
    make: MakeApp, cast: Cast, issuer: str, now: datetime
) -> None:
    _link(cast, issuer, "learner", "p-17", now)
    browser, _answer = _sign_in(make(), "p-17")
    browser.get("/account")
    left = browser.send("/logout").headers["Location"]
    page = browser.get(left).text
    assert f'href="{issuer}/session/end?client_id=learnhub&amp;post_logout_redirect_uri=' in page
    assert browser.get("/account").status_code == 302


# A provider that is broken


class _Answering(http.server.BaseHTTPRequestHandler):
    answer: bytes = b""

    def do_GET(self) -> None:
        """Answers everything alike."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_words: Any) -> None:
        """Says nothing."""


@pytest.mark.parametrize(
    "about",
    [
        b"<html>maintenance</html>",
        b"[]",
        b'{"issuer": "https://elsewhere.example"}',
        b'{"issuer": "ISSUER"}',
        b'{"issuer": "ISSUER", "authorization_endpoint": "javascript:alert(1)"}',
        b'{"issuer": "ISSUER", "pad": "' + b"x" * (1 << 20) + b'"}',
    ],
)
def test_a_provider_that_answers_nonsense_leaves_the_password(make: MakeApp, cast: Cast, about: bytes) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Answering)
    address = f"http://127.0.0.1:{server.server_port}"
    _Answering.answer = about.replace(b"ISSUER", address.encode())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        answer = make(oidc_issuer=address).test_client().get("/login/provider")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert answer.status_code == 502
    assert "请使用密码登录" in answer.text


def test_a_provider_that_is_away_leaves_the_password(make: MakeApp, cast: Cast) -> None:
    answer = make(oidc_issuer="http://127.0.0.1:9").test_client().get("/login/provider")
    assert answer.status_code == 502
    assert 'name="password"' in answer.text


def test_an_answer_of_another_provider_is_not_mixed_up(issuer: str) -> None:
    provider = oidc.Provider(issuer, CLIENT["oidc_client_id"], CLIENT["oidc_client_secret"], LABEL)
    errand = oidc.Errand("s", "n", "v")
    for told in ({"iss": "https://elsewhere.example"}, {}):
        with pytest.raises(OtherSideFailed):
            oidc.come_back(provider, {"state": "s", "code": "c", **told}, errand, "http://localhost/x", now=clock.now())
    for wrong in ({}, {"state": "t"}, {"state": "ß"}):
        with pytest.raises(Invalid):
            oidc.come_back(provider, {"code": "c", **wrong}, errand, "http://localhost/x", now=clock.now())
