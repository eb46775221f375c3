"""The second step of signing in: setting it up, passing it, ending it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import peewee

from learnhub.kernel import sealing
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from learnhub.org import audit, passwords, second_step
from learnhub.org.actions.accounts import count_attempt, forget_attempts, hash_token, new_token, own_account
from learnhub.org.models import Account, LoginSession, RecoveryCode, SecondFactor
from learnhub.org.queries.people import get_person, person_for
from learnhub.org.queries.sessions import find_pending
from learnhub.org.rules import SignInPolicy
from learnhub.org.scope import Actor, grants_of, holds_all_of

_PURPOSE = "second step"


def begin_second_factor(actor: Actor, *, secrets: Sequence[str], now: datetime) -> str:
    """The key that the actor is to enter into an authenticator app; the same until it is confirmed.

    ``secrets`` seal it in the database, see ``kernel.sealing``. Raises Conflict ``org.code_set_up`` when there is a confirmed one.
    """
    with transaction():
        account = own_account(actor)
        factor = SecondFactor.select().where(SecondFactor.account == account).first()
        if factor is not None and factor.confirmed_at is not None:
            raise Conflict("org.code_set_up")
        key = _key(factor, secrets) if factor is not None else None
        if key is None:  # none yet, or sealed with a secret that is gone: nobody has confirmed it
            key = second_step.new_key()
            sealed = sealing.seal(key, purpose=_PURPOSE, secrets=secrets)
            SecondFactor.delete().where(SecondFactor.account == account).execute()
            SecondFactor.create(account=account, key=sealed, created_at=now)
    return key


def _key(factor: SecondFactor, secrets: Sequence[str]) -> str | None:
    """The key; None when it was sealed with a secret that is gone. Keys of before sealing lie there as they are."""
    if not sealing.is_sealed(factor.key):
        return str(factor.key)
    return sealing.unseal(factor.key, purpose=_PURPOSE, secrets=secrets)


def seal_second_factors(*, secrets: Sequence[str]) -> tuple[int, int]:
    """Seals all keys with the first of ``secrets``: those that lie open, and those sealed with an earlier one.

    Returns how many were sealed anew and how many cannot be read any more (their secret is gone).
    """
    sealed = lost = 0
    with transaction():
        for factor in SecondFactor.select():
            if sealing.is_of_first(factor.key, purpose=_PURPOSE, secrets=secrets):
                continue
            key = _key(factor, secrets)
            if key is None:
                lost += 1
                continue
            text = sealing.seal(key, purpose=_PURPOSE, secrets=secrets)
            sealed += SecondFactor.update(key=text).where(SecondFactor.id == factor.id).execute()
    return sealed, lost


def confirm_second_factor(
    actor: Actor, code: str, *, policy: SignInPolicy, secrets: Sequence[str], session_id: int, now: datetime
) -> list[str]:
    """Turns the second step on when the code is right, ends the other sessions, and returns the recovery codes.

    Raises Invalid ``org.code_wrong``, TooManyRequests.
    """
    account = own_account(actor)
    count_attempt(_subject(account.id), actor.address, policy, now)
    with transaction():
        open_factor = (SecondFactor.account == account) & SecondFactor.confirmed_at.is_null()
        factor = SecondFactor.select().where(open_factor).first()
        if factor is None:
            raise NotFound("org.no_code")
        step = _step(factor, code, secrets, now)
        if step is not None:
            SecondFactor.update(confirmed_at=now, last_step=step).where(SecondFactor.id == factor.id).execute()
            forget_attempts(_subject(account.id), actor.address)
            codes = _write_recovery_codes(account)
            others = (LoginSession.account == account) & (LoginSession.id != session_id)
            LoginSession.update(ended_at=now).where(others & LoginSession.ended_at.is_null()).execute()
            audit.record(actor, "account.code_set_up", "account", account.id, unit_id=actor.unit_id, now=now)
    if step is None:
        raise Invalid("org.code_wrong", fields={"code": "org.code_wrong"})
    return codes


def _write_recovery_codes(account: Account) -> list[str]:
    codes = second_step.new_recovery_codes()
    RecoveryCode.delete().where(RecoveryCode.account == account).execute()
    rows = [(account.id, second_step.hash_recovery_code(code)) for code in codes]
    RecoveryCode.insert_many(rows, fields=[RecoveryCode.account, RecoveryCode.code_hash]).execute()
    return codes


def pass_second_step(
    token: str, code: str, *, policy: SignInPolicy, secrets: Sequence[str], address: str, now: datetime
) -> str:
    """Opens the session whose password was right when the code, or a recovery code, is; returns its new token.

    Raises NotSignedIn (nothing waits any more), Invalid ``org.code_wrong``, TooManyRequests.
    """
    session = find_pending(hash_token(token), now=now)
    if session is None:
        raise NotSignedIn("org.sign_in_again")
    account = session.account
    count_attempt(_subject(account.id), address, policy, now)
    fresh = new_token()
    with transaction():
        how = _use_code(account, code, secrets, now)
        if how:
            expires = session.created_at + policy.lifetime(is_shared=session.is_shared)
            LoginSession.update(awaits_code=False, token_hash=hash_token(fresh), seen_at=now, expires_at=expires).where(
                LoginSession.id == session.id
            ).execute()
            forget_attempts(_subject(account.id), address)
            actor = Actor(account.person_id, account.person.name, account.person.unit_id, "", address=address)
            audit.record(actor, how, "login", session.id, unit_id=account.person.unit_id, now=now)
    if not how:
        raise Invalid("org.code_wrong", fields={"code": "org.code_wrong"})
    return fresh


def _step(factor: SecondFactor, code: str, secrets: Sequence[str], now: datetime) -> int | None:
    key = _key(factor, secrets)
    return second_step.step_of_code(key, code, after=factor.last_step, now=now) if key else None


def _use_code(account: Account, code: str, secrets: Sequence[str], now: datetime) -> str:
    """Takes a code so that it cannot be taken again; the name of the act, or "" for a wrong one."""
    factor = SecondFactor.get(SecondFactor.account == account)
    step = _step(factor, code, secrets, now)
    if step is not None:
        newer = (SecondFactor.id == factor.id) & (SecondFactor.last_step < step)
        taken = SecondFactor.update(last_step=step).where(newer).execute()
        return "account.code_passed" if taken else ""
    unused = (RecoveryCode.account == account) & RecoveryCode.used_at.is_null()
    right = RecoveryCode.code_hash == second_step.hash_recovery_code(code)
    used = RecoveryCode.update(used_at=now).where(unused & right).execute()
    return "account.recovery_code_used" if used else ""


def renew_recovery_codes(actor: Actor, password: str, *, policy: SignInPolicy, now: datetime) -> list[str]:
    """Ten new recovery codes in place of the old ones; asks for the password."""
    account = own_account(actor)
    _require_password(account, password, actor, policy, now)
    with transaction():
        if not SecondFactor.select().where(_confirmed(account)).exists():
            raise NotFound("org.no_code")
        codes = _write_recovery_codes(account)
        audit.record(actor, "account.recovery_codes_renewed", "account", account.id, unit_id=actor.unit_id, now=now)
    return codes


def end_second_factor(actor: Actor, password: str, *, is_required: bool, policy: SignInPolicy, now: datetime) -> None:
    """Turns the actor's own second step off; asks for the password, and is refused to who must have it."""
    if is_required:
        raise Forbidden("org.code_required")
    account = own_account(actor)
    _require_password(account, password, actor, policy, now)
    with transaction():
        _remove(account)
        audit.record(actor, "account.code_ended", "account", account.id, unit_id=actor.unit_id, now=now)


def reset_second_factor(actor: Actor | None, person_id: int, *, now: datetime) -> None:
    """Takes a lost second step away from somebody below: they set it up anew. Like resetting a password, downward only."""
    person = person_for(actor, person_id, "people.reset") if actor else get_person(person_id)
    if actor is not None:
        if actor.person_id == person.id:
            raise Forbidden("org.reset_self")
        if not holds_all_of(actor, grants_of(person.id, now)):
            raise Forbidden("org.reset_upward", name=person.name)
    account = Account.select().where(Account.person == person).first()
    with transaction():
        if account is None or not _remove(account):
            raise NotFound("org.no_code")
        LoginSession.update(ended_at=now).where(
            (LoginSession.account == account) & LoginSession.ended_at.is_null()
        ).execute()
        audit.record(actor, "account.code_reset", "account", account.id, unit_id=person.unit_id, now=now)


def _remove(account: Account) -> bool:
    RecoveryCode.delete().where(RecoveryCode.account == account).execute()
    return bool(SecondFactor.delete().where(SecondFactor.account == account).execute())


def _confirmed(account: Account) -> peewee.Expression:
    return (SecondFactor.account == account) & SecondFactor.confirmed_at.is_null(False)


def _require_password(account: Account, password: str, actor: Actor, policy: SignInPolicy, now: datetime) -> None:
    count_attempt(_subject(account.id), actor.address, policy, now)
    if not passwords.is_password(account.password_hash, password):
        raise Invalid("org.password_wrong", fields={"password": "org.password_wrong"})
    forget_attempts(_subject(account.id), actor.address)


def _subject(account_id: int) -> str:
    return f"code:{account_id}"
