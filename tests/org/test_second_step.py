"""The second step: obligatory for administrators, no code twice, recovery codes once, taken away only downward."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask

from learnhub.app import create_app
from learnhub.config import Settings
from learnhub.kernel import clock, sealing
from learnhub.kernel.errors import Forbidden, Invalid, NotFound, NotSignedIn, TooManyRequests
from learnhub.org import actions, queries
from learnhub.org.actions import KnownBrowser, hash_token
from learnhub.org.models import AuditLine, LoginSession, RecoveryCode, SecondFactor
from learnhub.org.rules import SignInPolicy
from tests.cast import PASSWORD, Cast
from tests.client import CheckingClient

POLICY = SignInPolicy()
SECRETS = ("the secret of these tests, long enough",)
KEY = re.compile(r"<code>((?:[A-Z2-7]{4} ?){8})</code>")
RECOVERY = re.compile(r"<code>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</code>")


def _sign_in(who: str, now: datetime, password: str = PASSWORD, address: str = "10.0.0.1", **more: Any) -> str:
    return actions.sign_in(who, password, policy=POLICY, address=address, now=now, **more)


def _is_open(token: str, now: datetime) -> bool:
    return queries.find_session(hash_token(token), policy=POLICY, now=now) is not None


def _set_up(cast: Cast, who: str, now: datetime) -> tuple[pyotp.TOTP, list[str]]:
    actor = cast.actor(who)
    totp = pyotp.TOTP(actions.begin_second_factor(actor, secrets=SECRETS, now=now))
    codes = actions.confirm_second_factor(actor, totp.at(now), policy=POLICY, secrets=SECRETS, session_id=0, now=now)
    return totp, codes


def _pass(token: str, code: str, now: datetime, address: str = "10.0.0.1") -> str:
    return actions.pass_second_step(token, code, policy=POLICY, secrets=SECRETS, address=address, now=now)


def test_a_password_alone_opens_nothing_where_a_code_is_awaited(cast: Cast, now: datetime) -> None:
    totp, _codes = _set_up(cast, "learner", now)
    later = now + timedelta(minutes=5)
    pending = _sign_in("learner", later)
    assert not _is_open(pending, later)
    opened = _pass(pending, totp.at(later), later)
    assert _is_open(opened, later)
    assert not _is_open(pending, later), "the token changes with the code"
    session = LoginSession.get(LoginSession.token_hash == hash_token(opened))
    assert session.expires_at == later + timedelta(days=POLICY.session_days)


def test_a_code_opens_once(cast: Cast, now: datetime) -> None:
    totp, _codes = _set_up(cast, "learner", now)
    with pytest.raises(Invalid):
        _pass(_sign_in("learner", now), totp.at(now), now)
    later = now + timedelta(seconds=60)
    assert _pass(_sign_in("learner", later), totp.at(later), later)
    for again in (later, later + timedelta(seconds=20)):
        with pytest.raises(Invalid) as refused:
            _pass(_sign_in("learner", again), totp.at(later), again)
    assert refused.value.code == "org.code_wrong"


@pytest.mark.parametrize(("drift_s", "is_taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_telephone_may_be_half_a_minute_off(cast: Cast, now: datetime, drift_s: int, is_taken: bool) -> None:
    totp, _codes = _set_up(cast, "learner", now)
    later = now + timedelta(minutes=10)
    token, code = _sign_in("learner", later), totp.at(later + timedelta(seconds=drift_s))
    if is_taken:
        assert _pass(token, code, later)
    else:
        with pytest.raises(Invalid):
            _pass(token, code, later)


def test_recovery_codes_open_once_each_and_only_their_digests_are_kept(cast: Cast, now: datetime) -> None:
    _totp, codes = _set_up(cast, "learner", now)
    assert len(set(codes)) == 10
    kept = str(list(RecoveryCode.select().dicts())) + str(list(AuditLine.select().dicts()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert _pass(_sign_in("learner", now), codes[0].upper().replace("-", " "), now)
    with pytest.raises(Invalid):
        _pass(_sign_in("learner", now), codes[0], now)
    assert queries.count_recovery_codes(cast.people["learner"].id) == 9
    fresh = actions.renew_recovery_codes(cast.learner, PASSWORD, policy=POLICY, now=now)
    with pytest.raises(Invalid):
        _pass(_sign_in("learner", now), codes[1], now)
    assert _pass(_sign_in("learner", now), fresh[1], now)


def test_guessing_codes_is_slowed_down_and_the_password_waits_ten_minutes_for_a_code(cast: Cast, now: datetime) -> None:
    totp, _codes = _set_up(cast, "learner", now)
    pending = _sign_in("learner", now)
    for number in range(POLICY.attempts):
        with pytest.raises(Invalid):
            _pass(pending, f"{number:06}", now)
    later = now + timedelta(minutes=2)
    with pytest.raises(TooManyRequests):
        _pass(pending, totp.at(later), later)
    assert _pass(pending, totp.at(later), later, address="10.0.0.2"), "from elsewhere it is still heard"
    with pytest.raises(NotSignedIn):
        _pass(_sign_in("learner", later), totp.at(later), later + timedelta(minutes=10))


def test_the_second_step_is_taken_away_only_downward(cast: Cast, now: datetime) -> None:
    for who in ("learner", "unit_admin", "editor"):
        _set_up(cast, who, now)
    admin = cast.unit_admin
    for who, refusal in (("editor", Forbidden), ("unit_admin", Forbidden), ("other_learner", NotFound)):
        with pytest.raises(refusal):
            actions.reset_second_factor(admin, cast.people[who].id, now=now)
    with pytest.raises(NotFound):
        actions.reset_second_factor(cast.neighbour, cast.people["learner"].id, now=now)
    actions.reset_second_factor(admin, cast.people["learner"].id, now=now)
    assert _is_open(_sign_in("learner", now), now)
    assert AuditLine.select().where(AuditLine.action == "account.code_reset").count() == 1


def test_ending_it_asks_for_the_password_and_is_refused_to_who_must_have_it(cast: Cast, now: datetime) -> None:
    _set_up(cast, "learner", now)
    end = actions.end_second_factor
    with pytest.raises(Forbidden):
        end(cast.learner, PASSWORD, is_required=True, policy=POLICY, now=now)
    with pytest.raises(Invalid):
        end(cast.learner, "wrong", is_required=False, policy=POLICY, now=now)
    end(cast.learner, PASSWORD, is_required=False, policy=POLICY, now=now)
    assert SecondFactor.select().count() == 0


# The keys in the database


def test_a_copy_of_the_database_alone_makes_no_codes(cast: Cast, now: datetime) -> None:
    totp, _codes = _set_up(cast, "learner", now)
    kept = SecondFactor.get().key
    assert totp.secret not in kept
    assert sealing.is_sealed(kept)


def test_a_new_secret_opens_with_the_old_one_behind_it_and_seals_anew(cast: Cast, now: datetime) -> None:
    totp, _codes = _set_up(cast, "learner", now)
    fresh = "a newer secret, that is long enough"
    later = now + timedelta(minutes=1)
    pending = _sign_in("learner", later)
    asked = {"policy": POLICY, "address": "", "now": later}
    with pytest.raises(Invalid):
        actions.pass_second_step(pending, totp.at(later), secrets=(fresh,), **asked)
    assert actions.seal_second_factors(secrets=(fresh,)) == (0, 1), "without the old secret nothing is lost or changed"
    assert actions.seal_second_factors(secrets=(fresh, *SECRETS)) == (1, 0)
    assert actions.seal_second_factors(secrets=(fresh,)) == (0, 0)
    assert actions.pass_second_step(pending, totp.at(later), secrets=(fresh,), **asked)


def test_keys_of_before_sealing_open_and_are_sealed_by_the_upgrade(cast: Cast, now: datetime) -> None:
    totp, _codes = _set_up(cast, "learner", now)
    SecondFactor.update(key=totp.secret).execute()
    for minutes in (1, 2):
        later = now + timedelta(minutes=minutes)
        assert _pass(_sign_in("learner", later), totp.at(later), later)
        assert actions.seal_second_factors(secrets=SECRETS) == (1 if minutes == 1 else 0, 0)
    assert sealing.is_sealed(SecondFactor.get().key)


def test_an_unconfirmed_key_whose_secret_is_gone_is_made_anew(cast: Cast, now: datetime) -> None:
    first = actions.begin_second_factor(cast.learner, secrets=SECRETS, now=now)
    assert actions.begin_second_factor(cast.learner, secrets=SECRETS, now=now) == first
    assert actions.begin_second_factor(cast.learner, secrets=("other " * 9,), now=now) != first


@pytest.fixture
def strict(cast_url: str, settings: Settings) -> Flask:
    """The application as it is by default: administrators need a second step."""
    made = create_app(dataclasses.replace(settings, database_url=cast_url, admin_totp=True))
    made.test_client_class = CheckingClient
    return made


@pytest.mark.parametrize("who", ["unit_admin", "system_admin"])
def test_an_administrator_is_led_to_set_it_up_and_reaches_nothing_before(strict: Flask, cast: Cast, who: str) -> None:
    browser: Any = strict.test_client()
    browser.sign_in(who, PASSWORD)
    for path in ("/", "/account", "/people", "/audit"):
        assert browser.get(path).headers["Location"] == "/account/second-step"
    assert browser.get("/people", headers={"Accept": "application/json"}).status_code == 403
    page = browser.get("/account/second-step").text
    assert "<svg" in page
    key = KEY.search(page)
    assert key is not None
    totp = pyotp.TOTP(key[1].replace(" ", ""))
    assert browser.send("/account/second-step", {"code": "000000"}).status_code == 422
    moment = clock.now()
    shown = browser.send("/account/second-step", {"code": totp.at(moment)})
    assert len(RECOVERY.findall(shown.text)) == 10
    assert shown.headers["Cache-Control"] == "no-store"
    assert browser.get("/account").status_code == 200
    other: Any = strict.test_client()
    answer = other.sign_in(who, PASSWORD)
    assert answer.headers["Location"].startswith("/login/code")
    assert other.get("/account").headers["Location"].startswith("/login")
    other.get("/login/code")
    assert other.send("/login/code", {"code": "123"}).status_code == 422
    with clock.told_by(lambda: moment + timedelta(seconds=60)):
        passed = other.send("/login/code", {"code": totp.at(moment + timedelta(seconds=60))})
    assert passed.status_code == 302
    assert other.get("/account").status_code == 200


def test_a_station_manager_may_do_without(strict: Flask, cast: Cast) -> None:
    browser: Any = strict.test_client()
    browser.sign_in("station_manager", PASSWORD)
    assert browser.get("/account").status_code == 200


# Waiting after failures: nobody can shut somebody else out


def _fail(who: str, now: datetime, address: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            _sign_in(who, now, "wrong", address)


def test_failures_from_one_address_leave_the_others_free(cast: Cast, now: datetime) -> None:
    _fail("learner", now, "10.6.6.6", POLICY.attempts)
    with pytest.raises(TooManyRequests):
        _sign_in("learner", now, address="10.6.6.6")
    assert _sign_in("learner", now, address="10.0.0.7")
    with pytest.raises(TooManyRequests):
        _sign_in("learner", now, address="10.6.6.6")


def test_guesses_from_a_hundred_addresses_shut_out_neither_new_addresses_nor_a_known_browser(
    cast: Cast, now: datetime
) -> None:
    for number in range(100):
        _fail("learner", now + timedelta(seconds=number), f"10.6.{number}.6")
    later = now + timedelta(seconds=100)
    with pytest.raises(TooManyRequests) as refused:
        _sign_in("learner", later, "wrong", "10.6.99.6")
    assert refused.value.params["retry_after_s"] <= 30
    assert _sign_in("learner", later, address="10.0.0.7")
    account = queries.account_of(cast.people["learner"].id)
    assert account is not None
    known = KnownBrowser(account.id, "home")
    assert _sign_in("learner", later, address="10.6.99.6", known=known)
    other = KnownBrowser(account.id + 1, "home")
    with pytest.raises(TooManyRequests):
        _sign_in("learner", later, address="10.6.99.6", known=other)


def test_each_round_of_failures_doubles_the_wait_up_to_an_hour(cast: Cast, now: datetime) -> None:
    waits = []
    for _round in range(5):
        _fail("learner", now, "10.6.6.6", POLICY.attempts)
        with pytest.raises(TooManyRequests) as refused:
            _sign_in("learner", now, address="10.6.6.6")
        waits.append(refused.value.params["minutes"])
        now += timedelta(seconds=refused.value.params["retry_after_s"])
    assert waits == [10, 20, 40, 60, 60]


# A computer that several people use


def test_on_a_shared_computer_a_session_is_short(cast: Cast, now: datetime) -> None:
    token = _sign_in("learner", now, is_shared=True)
    assert _is_open(token, now + timedelta(minutes=29))
    assert not _is_open(token, now + timedelta(minutes=30))
    LoginSession.update(seen_at=now + timedelta(hours=4)).execute()
    assert not _is_open(token, now + timedelta(hours=4))
    assert [row.is_shared for row in queries.list_sessions(cast.learner, policy=POLICY, now=now)] == [True]


def test_a_computer_remembers_that_several_people_use_it(
    client_for: Callable[[str], CheckingClient], app: Flask
) -> None:
    browser = client_for("station_manager")
    assert browser.get_cookie("learnhub_known") is not None
    browser.get("/account")
    browser.send("/account/this-computer", {"shared": "1"})
    assert browser.get_cookie("learnhub_known") is None
    browser.get("/account")
    browser.send("/logout")
    page = browser.get("/login").text
    assert re.search(r'<input[^>]*name="shared"[^>]*checked', page)
    browser.send("/login", {"username": "learner", "password": PASSWORD, "shared": "1"})
    assert browser.get_cookie("learnhub_known") is None
    assert browser.get_cookie("learnhub").expires is None
    assert LoginSession.select().order_by(LoginSession.id.desc()).first().is_shared


def test_behind_a_proxy_the_address_of_the_browser_counts(cast_url: str, settings: Settings, cast: Cast) -> None:
    for proxies, expected in ((1, "198.51.100.7"), (0, "127.0.0.1")):
        made = create_app(dataclasses.replace(settings, database_url=cast_url, proxies=proxies))
        made.test_client_class = CheckingClient
        browser: Any = made.test_client()
        browser.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.9, 198.51.100.7"
        browser.sign_in("learner", PASSWORD)
        assert LoginSession.select().order_by(LoginSession.id.desc()).first().address == expected
