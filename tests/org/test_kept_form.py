"""A form sent after the session has ended leads to the log-in and comes back as it was typed, to its own sender only."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from learnhub.kernel import clock
from learnhub.org.models import LoginSession, Person
from tests.cast import PASSWORD, Cast
from tests.client import CheckingClient

ClientFor = Callable[[str], CheckingClient]
OWN = {"Origin": "http://localhost"}
TYPED = {"name": "杨建国（改）", "staff_no": "HT2001", "rank": "village-cadre", "duty": "支部书记 <b>", "reason": "x"}


def _path(cast: Cast) -> str:
    return f"/people/{cast.people['learner'].id}/details"


def _too_late(browser: CheckingClient, cast: Cast, headers: dict[str, str] | None = None) -> Any:
    """Opens the form, lets the session end, then sends the form."""
    assert browser.get(_path(cast)).status_code == 200
    LoginSession.update(ended_at=clock.now()).execute()
    return browser.send(_path(cast), TYPED, headers=OWN if headers is None else headers)


def _kept(page: str) -> str:
    found = re.search(r'name="kept"[^>]*value="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def _hidden(page: str) -> dict[str, str]:
    form = page.split("<main", 1)[1]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


def test_what_was_typed_comes_back_after_the_log_in_and_can_be_sent(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("unit_admin")
    answer = _too_late(browser, cast)
    assert answer.status_code == 401
    assert "保留" in answer.text
    assert TYPED["duty"] not in answer.text, "nothing of it can be read before the log-in"
    told = {"username": "unit_admin", "password": "wrong", "kept": _kept(answer.text)}
    again = browser.send("/login", told)
    assert _kept(again.text) == told["kept"], "a mistyped password loses nothing"
    page = browser.send("/login", {**told, "password": PASSWORD})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert _hidden(page.text) == TYPED
    assert f'action="{_path(cast)}"' in page.text
    assert browser.send(_path(cast), _hidden(page.text)).status_code == 302
    assert Person.get_by_id(cast.people["learner"].id).duty == TYPED["duty"]


def test_somebody_else_at_the_same_computer_gets_nothing_of_it(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("unit_admin")
    kept = _kept(_too_late(browser, cast).text)
    answer = browser.send("/login", {"username": "learner", "password": PASSWORD, "kept": kept})
    assert answer.status_code == 302
    assert TYPED["duty"] not in browser.get("/account").text


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/x"}])
def test_a_form_of_another_site_is_not_kept(client_for: ClientFor, cast: Cast, headers: dict[str, str]) -> None:
    answer = _too_late(client_for("unit_admin"), cast, headers)
    assert answer.status_code == 401
    assert not _kept(answer.text)


def test_a_forged_or_old_form_is_not_shown(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("unit_admin")
    kept = _kept(_too_late(browser, cast).text)
    told = {"username": "unit_admin", "password": PASSWORD}
    assert browser.send("/login", {**told, "kept": kept[:-4] + "AAAA"}).status_code == 302
    browser.get("/account")
    with clock.told_by(lambda: clock.instant(clock.local_date(LoginSession.get().created_at)) + timedelta(days=2)):
        browser.send("/logout")
        browser.get("/login")
        assert browser.send("/login", {**told, "kept": kept}).status_code == 302


def test_signed_in_anew_in_another_window_the_form_is_sent_at_a_second_press(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("unit_admin")
    browser.get(_path(cast))
    old = browser.csrf_token
    browser.send("/logout")
    browser.sign_in("unit_admin", PASSWORD)
    answer = browser.post(_path(cast), data={**TYPED, "csrf_token": old}, headers=OWN)
    assert answer.status_code == 409
    assert _hidden(answer.text) == TYPED
    assert browser.send(_path(cast), _hidden(answer.text)).status_code == 302
    refused = browser.post(_path(cast), data={**TYPED, "csrf_token": old})
    assert refused.status_code == 400, "without the browser's word for its sender a form stays refused"


def test_with_a_second_step_it_is_kept_over_the_code_too(client_for: ClientFor, cast: Cast, app: Flask) -> None:
    import pyotp

    from learnhub.org import actions
    from learnhub.org.rules import SignInPolicy

    secrets = (app.config["SECRET_KEY"],)
    admin, now = cast.actor("unit_admin"), clock.now()
    key = actions.begin_second_factor(admin, secrets=secrets, now=now)
    totp = pyotp.TOTP(key)
    browser = client_for("unit_admin")
    session_id = LoginSession.get().id
    actions.confirm_second_factor(
        admin, totp.at(now), policy=SignInPolicy(), secrets=secrets, session_id=session_id, now=now
    )
    kept = _kept(_too_late(browser, cast).text)
    asked = browser.send("/login", {"username": "unit_admin", "password": PASSWORD, "kept": kept})
    assert _kept(asked.text) == kept
    later = now + timedelta(seconds=60)
    with clock.told_by(lambda: later):
        page = browser.send("/login/code", {"code": totp.at(later), "kept": kept})
    assert _hidden(page.text) == TYPED


def test_passwords_are_never_kept_and_programs_get_their_answer(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("learner")
    browser.get("/password")
    LoginSession.update(ended_at=clock.now()).execute()
    answer = browser.send("/password", {"old": PASSWORD, "new": "x", "again": "x"}, headers=OWN)
    assert answer.status_code == 401
    assert not _kept(answer.text)
    told = browser.send(_path(cast), TYPED, headers={**OWN, "Accept": "application/json"})
    assert told.get_json()["error"]["code"] == "org.sign_in_first"
