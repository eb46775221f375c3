"""Accounts: opening, signing in and out, passwords, language."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, TooManyRequests
from learnhub.kernel.text import clean, fold
from learnhub.org import audit, passwords
from learnhub.org.models import Account, LoginFailure, LoginSession, Person, SecondFactor
from learnhub.org.queries.grants import holds_system
from learnhub.org.queries.people import get_person, person_for
from learnhub.org.rules import SignInPolicy, is_username, wait_anywhere, wait_here
from learnhub.org.scope import Actor, grants_of, holds_all_of

_KEEP_ENDED = timedelta(days=90)
_KEEP_FAILURES = timedelta(days=1)
_SEEN_EVERY = timedelta(minutes=1)
_CODE_WITHIN = timedelta(minutes=10)
"""The time between the password and the code of the second step."""


def open_account(
    actor: Actor | None,
    person_id: int,
    *,
    username: str | None = None,
    password: str | None = None,
    ends_at: datetime | None = None,
    now: datetime,
) -> str:
    """Gives a person a log-in and returns its first password, which must be changed at the first log-in.

    ``username`` defaults to the staff number, ``password`` to a random one-time password that opens until ``ends_at``.
    Needs people.manage there.
    Raises Conflict when the person has an account or the name is taken, Invalid for an unusable name.
    """
    person = person_for(actor, person_id, "people.manage") if actor else get_person(person_id)
    name = clean(username or person.staff_no or f"u{person.id}").lower()
    if not is_username(name):
        raise Invalid("org.username_bad", fields={"username": "org.username_bad"})
    first = password or passwords.one_time_password()
    hashed = passwords.hash_password(first)
    with transaction():
        require_free_name(name, person.id)
        if Account.select().where(Account.person == person).exists():
            raise Conflict("org.account_exists", name=person.name)
        account = Account.create(
            person=person, username=name, password_hash=hashed, must_change=True, password_ends_at=ends_at,
            created_at=now,
        )  # fmt: skip
        audit.record(actor, "account.opened", "account", account.id, unit_id=person.unit_id, now=now, username=name)
    return first


def require_free_name(name: str, person_id: int) -> None:
    """A user name may not be another's user name or staff number: either opens the log-in."""
    taken = (Account.username == name) | (peewee.fn.LOWER(Person.staff_no) == name)
    owner = Person.select(Person.id).join(Account, peewee.JOIN.LEFT_OUTER, on=Account.person == Person.id)
    if owner.where(taken & (Person.id != person_id)).exists():
        raise Conflict("org.username_taken", fields={"username": "org.username_taken"})


@dataclass(frozen=True)
class KnownBrowser:
    """A browser in which the account has signed in before, told by a signed cookie."""

    account_id: int
    mark: str


def sign_in(
    login: str,
    password: str,
    *,
    policy: SignInPolicy,
    address: str = "",
    browser: str = "",
    is_shared: bool = False,
    known: KnownBrowser | None = None,
    now: datetime,
) -> str:
    """Opens a session for a user name or staff number and returns its token for the cookie.

    An unknown name, a wrong password and a retired person are refused alike (NotSignedIn ``org.sign_in_refused``)
    after the same work. Failures make the address (or the known browser) that caused them wait, whether the name exists
    or not (TooManyRequests ``org.locked``); see ``rules.wait_here``. Where the account has a second step, the session
    opens nothing until ``pass_second_step``.
    """
    account = find_account(login)
    subject = f"account:{account.id}" if account else f"name:{fold(login)[:80]}"
    is_known = account is not None and known is not None and known.account_id == account.id
    place = f"browser:{known.mark}"[:64] if is_known and known else address
    count_attempt(subject, place, policy, now)
    hashed = account.password_hash if account else passwords.hash_of_nobody()
    is_right = passwords.is_password(hashed, password)
    if account is None or not is_right or not account.person.is_active:
        raise NotSignedIn("org.sign_in_refused")
    if account.must_change and account.password_ends_at is not None and account.password_ends_at <= now:
        raise NotSignedIn("org.password_ended")
    return open_session(
        account, address=address, browser=browser, is_shared=is_shared, policy=policy, place=place, now=now
    )


def open_session(
    account: Account,
    *,
    address: str,
    browser: str,
    is_shared: bool,
    policy: SignInPolicy,
    place: str | None = None,
    is_strong: bool = False,
    act: str = "account.signed_in",
    now: datetime,
) -> str:
    """Opens a session for an account (with person) whose identity is proved; returns the token.

    ``is_strong``: whoever proved it vouches for a second step, so none is asked for here.
    """
    token = new_token()
    with transaction():
        confirmed = (SecondFactor.account == account) & SecondFactor.confirmed_at.is_null(False)
        awaits_code = not is_strong and SecondFactor.select().where(confirmed).exists()
        session = LoginSession.create(
            token_hash=hash_token(token),
            account=account,
            created_at=now,
            seen_at=now,
            expires_at=now + (_CODE_WITHIN if awaits_code else policy.lifetime(is_shared=is_shared)),
            address=address,
            browser=browser[:200],
            is_shared=is_shared,
            awaits_code=awaits_code,
            is_strong=is_strong,
        )
        Account.update(last_login_at=now).where(Account.id == account.id).execute()
        forget_attempts(f"account:{account.id}", address if place is None else place)
        _tidy(account, now)
        actor = Actor(account.person_id, account.person.name, account.person.unit_id, "", address=address)
        if awaits_code and act == "account.signed_in":
            act = "account.password_passed"
        audit.record(actor, act, "login", session.id, unit_id=account.person.unit_id, now=now)
    return token


def new_token() -> str:
    """A session's token: 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What the database keeps of a session's token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_account(login: str) -> Account | None:
    """The account (with person) of a user name or staff number, or None."""
    name = clean(login).lower()
    return (
        Account.select(Account, Person)
        .join(Person)
        .where((Account.username == name) | (peewee.fn.LOWER(Person.staff_no) == name))
        .order_by((Account.username == name).desc())
        .first()
    )


def count_attempt(subject: str, place: str, policy: SignInPolicy, now: datetime) -> None:
    """Writes an attempt down, then looks at those before it; one that is refused here does not prolong the wait.

    ``place`` is an address, or ``browser:…`` for a known browser. Written first, so that guesses made at the same moment
    count too. Raises TooManyRequests ``org.locked``.
    """
    attempt = LoginFailure.create(subject=subject, address=place, at=now)
    before = LoginFailure.select(LoginFailure.at).where(LoginFailure.id < attempt.id).order_by(LoginFailure.id)
    own, here = before.where(LoginFailure.subject == subject), LoginFailure.address == place
    failed_here = _times(own.where(here & (LoginFailure.at > now - _KEEP_FAILURES)))
    wait = wait_here(failed_here, policy, now)
    if not place.startswith("browser:"):
        recent = LoginFailure.at > now - policy.window
        if failed_here:
            wait = max(wait, wait_anywhere(_times(own.where(recent)), policy, now))
        of_address = _times(before.where(here & recent))
        if len(of_address) >= policy.attempts_of_address:
            wait = max(wait, of_address[-policy.attempts_of_address] + policy.window - now)
    if wait > timedelta(0):
        attempt.delete_instance()
        wait_s = max(1, -(-wait // timedelta(seconds=1)))
        raise TooManyRequests("org.locked", minutes=-(-wait_s // 60), retry_after_s=wait_s)


def _times(query: peewee.ModelSelect) -> list[datetime]:
    return [at for (at,) in query.tuples()]


def forget_attempts(subject: str, place: str) -> None:
    """After a success the failures from the same place count no more; those from elsewhere do."""
    LoginFailure.delete().where((LoginFailure.subject == subject) & (LoginFailure.address == place)).execute()


def _tidy(account: Account, now: datetime) -> None:
    LoginFailure.delete().where(LoginFailure.at < now - _KEEP_FAILURES).execute()
    ended_long_ago = LoginSession.expires_at < now - _KEEP_ENDED
    LoginSession.delete().where((LoginSession.account == account) & ended_long_ago).execute()


def sign_out(actor: Actor, session_id: int, *, now: datetime) -> None:
    """Ends one of the actor's own sessions: every copy of its cookie is worthless from now on."""
    with transaction():
        own = Account.select(Account.id).where(Account.person == actor.person_id)
        ended = _end((LoginSession.id == session_id) & LoginSession.account.in_(own), now)
        if not ended:
            raise NotFound("org.no_such_session")
        audit.record(actor, "account.signed_out", "login", session_id, unit_id=actor.unit_id, now=now)


def sign_out_everywhere(actor: Actor, *, but: int | None = None, now: datetime) -> int:
    """Ends all of the actor's own sessions, except that with the id ``but``; returns how many."""
    with transaction():
        account = own_account(actor)
        ended = end_all_sessions(account, now, but=but)
        audit.record(
            actor, "account.signed_out_everywhere", "account", account.id, unit_id=actor.unit_id, now=now, ended=ended
        )
    return ended


def own_account(actor: Actor) -> Account:
    """The actor's account. Raises NotFound."""
    account = Account.select().where(Account.person == actor.person_id).first()
    if account is None:
        raise NotFound("org.no_account")
    return account


def _end(condition: peewee.Expression, now: datetime) -> int:
    return LoginSession.update(ended_at=now).where(condition & LoginSession.ended_at.is_null()).execute()


def end_all_sessions(account: Account, now: datetime, *, but: int | None = None) -> int:
    """Ends the open sessions of an account, except that with the id ``but``; returns how many."""
    condition = LoginSession.account == account
    return _end(condition & (LoginSession.id != but) if but else condition, now)


def change_password(
    actor: Actor, old: str | None, new: str, *, policy: SignInPolicy, session_id: int | None = None, now: datetime
) -> None:
    """Sets the actor's own password and ends the other sessions (all but ``session_id``).

    ``old`` may be None only while the password has to be changed. Raises Invalid with the field that is wrong.
    """
    account = own_account(actor)
    person = Person.get_by_id(actor.person_id)
    if not account.must_change and not passwords.is_password(account.password_hash, old or ""):
        raise Invalid("org.password_wrong", fields={"old": "org.password_wrong"})
    own_words = (account.username, person.staff_no or "", person.name)
    wrong = passwords.problem_with(new, length=policy.password_length, own_words=own_words)
    if wrong is None and passwords.is_password(account.password_hash, new):
        wrong = "org.password_same"
    if wrong is not None:
        raise Invalid(wrong, fields={"new": wrong}, length=policy.password_length)
    hashed = passwords.hash_password(new)
    with transaction():
        values = {"password_hash": hashed, "must_change": False, "password_ends_at": None}
        Account.update(**values).where(Account.id == account.id).execute()
        ended = end_all_sessions(account, now, but=session_id)
        audit.record(
            actor, "account.password_changed", "account", account.id, unit_id=actor.unit_id, now=now, ended=ended
        )


def reset_password(actor: Actor | None, person_id: int, *, ends_at: datetime | None = None, now: datetime) -> str:
    """Gives a person a one-time password, ends their sessions and any lock, and returns the password for a slip.

    The password opens until ``ends_at`` if that is given. Only downward: the actor needs people.reset over the person's unit and every power that the person holds, where
    they hold it. ``actor`` None is the command line.
    """
    person = person_for(actor, person_id, "people.reset") if actor else get_person(person_id)
    if actor is not None:
        if actor.person_id == person.id:
            raise Forbidden("org.reset_self")
        if not holds_all_of(actor, grants_of(person.id, now)):
            raise Forbidden("org.reset_upward", name=person.name)
    account = Account.select().where(Account.person == person).first()
    if account is None:
        raise NotFound("org.no_account")
    first = passwords.one_time_password()
    hashed = passwords.hash_password(first)
    with transaction():
        values = {"password_hash": hashed, "must_change": True, "password_ends_at": end_for(person.id, ends_at, now)}
        Account.update(**values).where(Account.id == account.id).execute()
        LoginFailure.delete().where(LoginFailure.subject == f"account:{account.id}").execute()
        ended = end_all_sessions(account, now)
        audit.record(
            actor, "account.password_reset", "account", account.id, unit_id=person.unit_id, now=now, ended=ended
        )
    return first


def end_for(person_id: int, ends_at: datetime | None, now: datetime) -> datetime | None:
    """The end of a one-time password; none for the last system administrator, whom nobody could give another one."""
    return ends_at if holds_system(without=person_id, now=now) or not holds_system(now=now) else None


def set_locale(actor: Actor, locale: str, *, now: datetime) -> None:
    """Keeps the actor's choice of language (``zh_CN`` or ``en``) with the account."""
    if locale not in ("zh_CN", "en"):
        raise Invalid("org.locale_unknown")
    with transaction():
        account = own_account(actor)
        Account.update(locale=locale).where(Account.id == account.id).execute()
        audit.record(
            actor, "account.language_set", "account", account.id, unit_id=actor.unit_id, now=now, locale=locale
        )


def note_seen(session_id: int, seen_at: datetime, *, now: datetime) -> bool:
    """Moves a session's idle limit on, at most once a minute: reading pages must not mean writing. True if written."""
    if now - seen_at < _SEEN_EVERY:
        return False
    return bool(LoginSession.update(seen_at=now).where(LoginSession.id == session_id).execute())
