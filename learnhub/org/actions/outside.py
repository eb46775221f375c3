"""Signing in with an outside account, and the links between outside accounts and those here.

Nobody comes into being by it: an outside account opens only an account that exists.
"""

from __future__ import annotations

from datetime import datetime

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.kernel.text import clean
from learnhub.org import audit
from learnhub.org.actions.accounts import find_account, open_session, own_account
from learnhub.org.models import Account, OutsideLogin, Person
from learnhub.org.oidc import Identity
from learnhub.org.queries.people import person_for
from learnhub.org.rules import SignInPolicy
from learnhub.org.scope import Actor, grants_of, holds_all_of


def sign_in_outside(
    identity: Identity,
    *,
    label: str,
    policy: SignInPolicy,
    address: str = "",
    browser: str = "",
    is_shared: bool = False,
    now: datetime,
) -> str:
    """Opens a session for whom the provider vouches and returns its token; the second step is asked for as always,
    unless the provider vouches for one.

    Raises Invalid ``org.provider_unlinked`` for somebody whom nobody linked, and for people no longer in service.
    """
    with transaction():
        account = _linked(identity) or _matched(identity, now, address)
        if account is None or not account.person.is_active:
            raise Invalid("org.provider_unlinked", label=label)
        return open_session(
            account,
            address=address,
            browser=browser,
            is_shared=is_shared,
            policy=policy,
            is_strong=identity.is_strong,
            act="account.signed_in_outside",
            now=now,
        )


def _linked(identity: Identity) -> Account | None:
    return (
        Account.select(Account, Person)
        .join_from(Account, Person)
        .join_from(Account, OutsideLogin, on=OutsideLogin.account == Account.id)
        .where((OutsideLogin.issuer == identity.issuer) & (OutsideLogin.subject == identity.subject))
        .first()
    )


def _matched(identity: Identity, now: datetime, address: str) -> Account | None:
    """The account that the provider's name means, linked from now on; None when it is linked to another already."""
    account = find_account(identity.name) if clean(identity.name) else None
    if account is None or not account.person.is_active or _link_of(account, identity.issuer) is not None:
        return None
    actor = Actor(account.person_id, account.person.name, account.person.unit_id, "", address=address)
    _write(actor, account, identity, None, now, how="matched")
    return account


def _link_of(account: Account, issuer: str) -> OutsideLogin | None:
    return OutsideLogin.select().where((OutsideLogin.account == account) & (OutsideLogin.issuer == issuer)).first()


def link_outside(actor: Actor, identity: Identity, *, now: datetime) -> None:
    """Links the actor's own account with the outside account that the actor has just shown to be theirs."""
    _link(actor, own_account(actor), identity, now)


def link_outside_for(actor: Actor, person_id: int, issuer: str, subject: str, *, now: datetime) -> None:
    """Links somebody's account by the provider's lasting name for them; downward only, as resetting a password is."""
    account = _account_below(actor, person_id, now)
    subject = clean(subject)
    if not subject or len(subject) > 255:
        raise Invalid("org.field_empty", fields={"subject": "org.field_empty"})
    _link(actor, account, Identity(issuer, subject), now)


def _link(actor: Actor, account: Account, identity: Identity, now: datetime) -> None:
    with transaction():
        if _linked(identity) is not None:
            raise Conflict("org.provider_taken", fields={"subject": "org.provider_taken"})
        if _link_of(account, identity.issuer) is not None:
            raise Conflict("org.provider_linked")
        _write(actor, account, identity, actor.person_id, now, how="by hand")


def _write(
    actor: Actor, account: Account, identity: Identity, linked_by: int | None, now: datetime, *, how: str
) -> None:
    OutsideLogin.create(
        account=account, issuer=identity.issuer, subject=identity.subject, linked_at=now, linked_by=linked_by
    )
    unit_id = Person.get_by_id(account.person_id).unit_id
    audit.record(
        *(actor, "account.outside_linked", "account", account.id),
        unit_id=unit_id,
        now=now,
        issuer=identity.issuer,
        subject=identity.subject,
        how=how,
    )


def unlink_outside(actor: Actor, issuer: str, *, now: datetime) -> None:
    """Ends the link of the actor's own account. Raises NotFound."""
    _unlink(actor, own_account(actor), issuer, now)


def unlink_outside_for(actor: Actor, person_id: int, issuer: str, *, now: datetime) -> None:
    """Ends somebody's link; downward only."""
    _unlink(actor, _account_below(actor, person_id, now), issuer, now)


def _unlink(actor: Actor, account: Account, issuer: str, now: datetime) -> None:
    with transaction():
        link = _link_of(account, issuer)
        if link is None:
            raise NotFound("org.provider_not_linked")
        link.delete_instance()
        unit_id = Person.get_by_id(account.person_id).unit_id
        audit.record(
            *(actor, "account.outside_unlinked", "account", account.id),
            unit_id=unit_id,
            now=now,
            issuer=issuer,
            subject=link.subject,
        )


def _account_below(actor: Actor, person_id: int, now: datetime) -> Account:
    person = person_for(actor, person_id, "people.reset")
    if actor.person_id == person.id:
        raise Forbidden("org.reset_self")
    if not holds_all_of(actor, grants_of(person.id, now)):
        raise Forbidden("org.reset_upward", name=person.name)
    account = Account.select().where(Account.person == person).first()
    if account is None:
        raise NotFound("org.no_account")
    return account
