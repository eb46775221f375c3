"""Signing in and out: lock-out, ended cookies, the first password, the same answer for all wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, TooManyRequests
from learnhub.org import actions, passwords, queries
from learnhub.org.actions import hash_token
from learnhub.org.models import Account, AuditLine, LoginFailure, LoginSession, Person
from learnhub.org.queries import find_session
from learnhub.org.rules import SignInPolicy
from tests.cast import PASSWORD, Cast
from tests.client import CheckingClient

POLICY = SignInPolicy()
NEW = "四只 绵羊 过 抚仙湖"

ClientFor = Callable[[str], CheckingClient]


def _sign_in(login: str, now: datetime, password: str = PASSWORD, address: str = "10.0.0.1") -> str:
    return actions.sign_in(login, password, policy=POLICY, address=address, now=now)


def _is_open(token: str, now: datetime) -> bool:
    return find_session(hash_token(token), policy=POLICY, now=now) is not None


@pytest.mark.parametrize("login", ["learner", " Learner ", "HT2001", "ht2001"])
def test_user_name_and_staff_number_both_open(cast: Cast, now: datetime, login: str) -> None:
    found = find_session(hash_token(_sign_in(login, now)), policy=POLICY, now=now)
    assert found is not None
    assert found.actor.person_id == cast.people["learner"].id


def test_only_the_hash_of_a_token_is_kept(cast: Cast, now: datetime) -> None:
    token = _sign_in("learner", now)
    assert LoginSession.get().token_hash == hash_token(token)
    assert token not in str(list(LoginSession.select().dicts())) + str(list(AuditLine.select().dicts()))


@pytest.mark.parametrize(("login", "password"), [("nobody", "x"), ("learner", "wrong"), ("retiree", PASSWORD)])
def test_unknown_name_wrong_password_and_retired_person_are_refused_alike(
    cast: Cast, now: datetime, login: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[str] = []
    real = passwords.is_password
    monkeypatch.setattr(passwords, "is_password", lambda *pair: computed.append(pair[1]) or real(*pair))
    with pytest.raises(NotSignedIn) as refused:
        _sign_in(login, now, password)
    assert (refused.value.code, refused.value.params) == ("org.sign_in_refused", {})
    assert computed == [password], "each case computes one hash, so that none answers faster"


@pytest.mark.parametrize("login", ["learner", "nobody"])
def test_five_failures_close_a_name_for_ten_minutes_known_or_not(cast: Cast, now: datetime, login: str) -> None:
    for second in range(POLICY.attempts):
        with pytest.raises(NotSignedIn):
            _sign_in(login, now + timedelta(seconds=second), "wrong")
    with pytest.raises(TooManyRequests) as refused:
        _sign_in(login, now + timedelta(seconds=10))
    assert refused.value.params == {"minutes": 10, "retry_after_s": 594}


def test_a_lock_ends_by_itself_and_is_not_prolonged_by_trying(cast: Cast, now: datetime) -> None:
    for _ in range(POLICY.attempts):
        with pytest.raises(NotSignedIn):
            _sign_in("learner", now, "wrong")
    for minute in range(1, 10):
        with pytest.raises(TooManyRequests):
            _sign_in("learner", now + timedelta(minutes=minute))
    assert _sign_in("learner", now + timedelta(minutes=10, seconds=1))


def test_locking_by_user_name_also_locks_the_staff_number(cast: Cast, now: datetime) -> None:
    for login in ("learner", "HT2001", "learner", "ht2001", "learner"):
        with pytest.raises(NotSignedIn):
            _sign_in(login, now, "wrong")
    with pytest.raises(TooManyRequests):
        _sign_in("HT2001", now)


def test_success_forgets_the_failures(cast: Cast, now: datetime) -> None:
    for _ in range(2):
        for _ in range(POLICY.attempts - 1):
            with pytest.raises(NotSignedIn):
                _sign_in("learner", now, "wrong")
        _sign_in("learner", now)
    assert LoginFailure.select().count() == 0


def test_one_address_cannot_try_many_names(cast: Cast, now: datetime) -> None:
    for number in range(POLICY.attempts_of_address):
        LoginFailure.create(subject=f"name:{number}", address="10.9.9.9", at=now)
    with pytest.raises(TooManyRequests):
        _sign_in("learner", now, address="10.9.9.9")
    assert _sign_in("learner", now, address="10.0.0.2")


def test_sessions_end_by_idleness_and_by_age(cast: Cast, now: datetime) -> None:
    token = _sign_in("learner", now)
    session = LoginSession.get()
    assert _is_open(token, now + POLICY.idle - timedelta(seconds=1))
    assert not _is_open(token, now + POLICY.idle)
    last = now + timedelta(days=POLICY.session_days)
    LoginSession.update(seen_at=last).execute()
    assert _is_open(token, last - timedelta(seconds=1))
    assert not _is_open(token, last)
    assert session.ended_at is None


def test_reading_pages_writes_the_session_at_most_once_a_minute(cast: Cast, now: datetime) -> None:
    _sign_in("learner", now)
    session = LoginSession.get()
    assert not actions.note_seen(session.id, session.seen_at, now=now + timedelta(seconds=59))
    assert actions.note_seen(session.id, session.seen_at, now=now + timedelta(seconds=60))


def test_a_retired_persons_open_session_stops_working(cast: Cast, now: datetime) -> None:
    token = _sign_in("learner", now)
    Person.update(is_active=False).where(Person.id == cast.people["learner"].id).execute()
    assert not _is_open(token, now)


def test_loading_the_person_behind_a_request_takes_one_query(
    cast: Cast, now: datetime, queries: Callable[[], int]
) -> None:
    token = _sign_in("neighbour", now)
    queries()
    found = find_session(hash_token(token), policy=POLICY, now=now)
    assert queries() == 1
    assert found is not None
    assert len(found.actor.grants) == 5
    assert found.actor == cast.actor("neighbour")


def test_signing_out_ends_every_copy_of_the_cookie(app: Flask, client_for: ClientFor) -> None:
    browser = client_for("learner")
    cookie = browser.get_cookie("learnhub")
    assert cookie is not None
    thief: Any = app.test_client()
    thief.set_cookie("learnhub", cookie.value)
    assert thief.get("/account").status_code == 200
    browser.get("/account")
    assert browser.send("/logout").status_code == 302
    assert thief.get("/account").headers["Location"].startswith("/login")


def test_the_cookie_is_closed_to_scripts_and_other_sites(client: CheckingClient, cast: Cast) -> None:
    response = client.sign_in("learner", PASSWORD)
    cookies = response.headers.getlist("Set-Cookie")
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    [session] = [cookie for cookie in cookies if cookie.startswith("learnhub=")]
    assert "Expires" not in session, "the session ends with the browser; only the mark of a known browser stays"


def test_signing_in_starts_a_fresh_cookie(client: CheckingClient, cast: Cast) -> None:
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"
    client.sign_in("learner", PASSWORD)
    with client.session_transaction() as after:
        assert "planted" not in after


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/account?x=1", "/account?x=1"),
        ("//evil.example/", None),
        ("https://evil.example/", None),
        ("/\\evil.example", None),
        ("/\t/evil.example", None),
        ("javascript:alert(1)", None),
    ],
)
def test_next_leads_only_to_this_site(client: CheckingClient, cast: Cast, target: str, expected: str | None) -> None:
    client.get("/login", query_string={"next": target})
    response = client.send("/login", {"username": "learner", "password": PASSWORD, "next": target})
    location = response.headers["Location"]
    assert location == expected if expected else "evil" not in location and location.startswith("/")


def test_a_page_that_needs_a_person_leads_to_the_log_in_and_back(client: CheckingClient, cast: Cast) -> None:
    response = client.get("/people?q=x")
    assert response.headers["Location"] == "/login?next=/people?q%3Dx"


def test_a_refused_log_in_shows_the_form_again_with_the_name(client: CheckingClient, cast: Cast) -> None:
    client.get("/login")
    response = client.send("/login", {"username": "learner", "password": "wrong"})
    assert response.status_code == 401
    assert 'value="learner"' in response.text
    assert "wrong" not in response.text.replace("wrong attempts", "")


def test_a_locked_log_in_says_when_to_come_back(client: CheckingClient, cast: Cast) -> None:
    client.get("/login")
    for _ in range(POLICY.attempts):
        client.send("/login", {"username": "learner", "password": "wrong"})
    response = client.send("/login", {"username": "learner", "password": PASSWORD})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 500


def test_no_form_works_without_its_csrf_token(client_for: ClientFor) -> None:
    assert client_for("learner").post("/logout").status_code == 400


def test_a_given_password_must_be_changed_before_anything_else(
    client: CheckingClient, cast: Cast, now: datetime
) -> None:
    first = actions.reset_password(cast.actor("unit_admin"), cast.people["learner"].id, now=now)
    client.sign_in("learner", first)
    assert client.get("/account").headers["Location"] == "/password"
    assert client.get("/account", headers={"Accept": "application/json"}).status_code == 403
    assert client.post("/account/sessions/end", data={"csrf_token": client.csrf_token}).status_code in (400, 403)
    client.get("/password")
    assert client.send("/language", {"lang": "en", "next": "/password"}).status_code == 303
    refused = client.send("/password", {"new": "12345678", "again": "12345678"})
    assert refused.status_code == 422
    assert client.send("/password", {"new": NEW, "again": NEW}).status_code == 302
    assert client.get("/account").status_code == 200


def test_changing_the_password_asks_for_the_old_one_and_ends_other_sessions(cast: Cast, now: datetime) -> None:
    here, there = _sign_in("learner", now), _sign_in("learner", now)
    own = LoginSession.get(LoginSession.token_hash == hash_token(here)).id
    learner = cast.actor("learner")
    with pytest.raises(Invalid) as refused:
        actions.change_password(learner, "wrong", NEW, policy=POLICY, session_id=own, now=now)
    assert refused.value.fields == {"old": "org.password_wrong"}
    actions.change_password(learner, PASSWORD, NEW, policy=POLICY, session_id=own, now=now)
    assert _is_open(here, now)
    assert not _is_open(there, now)
    assert _sign_in("learner", now, NEW)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("kurz", "org.password_short"),
        ("x" * 201, "org.password_long"),
        ("woaini1314", "org.password_common"),
        ("Password123", "org.password_common"),
        ("88888888", "org.password_common"),
        ("abcdefghij", "org.password_common"),
        ("19491001", "org.password_common"),
        ("13908770001", "org.password_common"),
        ("station_manager", "org.password_own_name"),
        (PASSWORD, "org.password_same"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(cast: Cast, now: datetime, new: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.change_password(cast.actor("station_manager"), PASSWORD, new, policy=POLICY, now=now)
    assert refused.value.fields == {"new": code}


@pytest.mark.parametrize("new", [NEW, "correct horse battery", "红塔山下稻花香", "Yx7-lake-fuxian"])
def test_good_passwords_are_taken_without_rules_about_their_letters(cast: Cast, now: datetime, new: str) -> None:
    policy = SignInPolicy(password_length=7)
    actions.change_password(cast.actor("learner"), PASSWORD, new, policy=policy, now=now)
    assert _sign_in("learner", now, new)


def test_one_time_passwords_are_hard_to_guess_and_easy_to_read() -> None:
    made = {passwords.one_time_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(one) == 14 and not set(one) & set("il01o") for one in made)


def test_passwords_are_kept_as_argon2id_of_the_chosen_cost(cast: Cast) -> None:
    assert Account.get().password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_resetting_goes_only_downward(cast: Cast, now: datetime) -> None:
    admin = cast.actor("unit_admin")
    assert actions.reset_password(admin, cast.people["station_manager"].id, now=now)
    with pytest.raises(Forbidden) as refused:
        actions.reset_password(admin, cast.people["editor"].id, now=now)
    assert refused.value.code == "org.reset_upward"
    with pytest.raises(Forbidden):
        actions.reset_password(admin, admin.person_id, now=now)
    for beyond in ("system_admin", "neighbour", "other_learner"):
        with pytest.raises(NotFound):
            actions.reset_password(admin, cast.people[beyond].id, now=now)
    with pytest.raises(NotFound):
        actions.reset_password(cast.actor("department"), cast.people["learner"].id, now=now)


def test_resetting_ends_sessions_and_locks(cast: Cast, now: datetime) -> None:
    token = _sign_in("learner", now)
    for _ in range(POLICY.attempts):
        with pytest.raises(NotSignedIn):
            _sign_in("learner", now, "wrong")
    first = actions.reset_password(cast.actor("unit_admin"), cast.people["learner"].id, now=now)
    assert not _is_open(token, now)
    assert _sign_in("learner", now, first)
    assert queries.account_of(cast.people["learner"].id).must_change  # type: ignore[union-attr]


def test_an_account_is_opened_once_and_under_a_free_name(cast: Cast, now: datetime) -> None:
    admin = cast.actor("unit_admin")
    villager = cast.people["villager"].id
    for taken in ("learner", "ht2001"):
        with pytest.raises(Conflict) as refused:
            actions.open_account(admin, villager, username=taken, now=now)
        assert refused.value.code == "org.username_taken"
    with pytest.raises(Invalid):
        actions.open_account(admin, villager, username="a b", now=now)
    first = actions.open_account(admin, villager, now=now)
    assert _sign_in(f"u{villager}", now, first)
    with pytest.raises(Conflict):
        actions.open_account(admin, villager, now=now)
    with pytest.raises(NotFound):
        actions.open_account(cast.actor("neighbour"), cast.people["villager"].id, now=now)


def test_own_sessions_are_listed_and_only_own_ones_can_be_ended(cast: Cast, now: datetime) -> None:
    tokens = [_sign_in("learner", now) for _ in range(3)]
    _sign_in("colleague", now)
    learner, other = cast.actor("learner"), cast.actor("colleague")
    listed = queries.list_sessions(learner, policy=POLICY, now=now)
    assert len(listed) == 3
    with pytest.raises(NotFound):
        actions.sign_out(other, listed[0].id, now=now)
    actions.sign_out(learner, listed[0].id, now=now)
    with pytest.raises(NotFound):
        actions.sign_out(learner, listed[0].id, now=now)
    assert actions.sign_out_everywhere(learner, but=listed[1].id, now=now) == 1
    assert sum(_is_open(token, now) for token in tokens) == 1


def test_the_chosen_language_is_kept_with_the_account(client: CheckingClient, app: Flask, cast: Cast) -> None:
    client.sign_in("learner", PASSWORD)
    client.get("/account")
    client.send("/language", {"lang": "en", "next": "/account"})
    elsewhere: Any = app.test_client()
    elsewhere.sign_in("learner", PASSWORD)
    assert "My account" in elsewhere.get("/account").text
