"""Reading log-in sessions: which one a cookie opens, and those of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import peewee

from learnhub.org.models import Account, LoginSession, Person, RoleGrant, Unit
from learnhub.org.rules import SignInPolicy
from learnhub.org.scope import Actor, Grant, in_force


@dataclass(frozen=True)
class OpenSession:
    """A session that is neither ended nor expired, with the person behind it; what ``current_user`` is."""

    id: int
    account_id: int
    must_change: bool
    seen_at: datetime
    actor: Actor

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The id for Flask-Login."""
        return str(self.id)


@dataclass(frozen=True)
class SessionRow:
    """A signed-in browser as shown to its owner."""

    id: int
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str


def find_session(token_hash: str, *, policy: SignInPolicy, now: datetime, address: str = "") -> OpenSession | None:
    """The open session behind a token's hash, or None. One query: session, account, person and grants together."""
    own, over = Unit.alias("own_unit"), Unit.alias("over_unit")
    counts = (RoleGrant.person == Person.id) & in_force(now)
    rows = list(
        LoginSession.select(
            *(LoginSession.id, LoginSession.seen_at, Account.id, Account.must_change, Account.locale),
            *(Person.id, Person.name, Person.unit, own.path, RoleGrant.role, over.id, over.path),
        )
        .join_from(LoginSession, Account)
        .join_from(Account, Person)
        .join_from(Person, own, on=own.id == Person.unit)
        .join_from(Person, RoleGrant, peewee.JOIN.LEFT_OUTER, on=counts)
        .join_from(RoleGrant, over, peewee.JOIN.LEFT_OUTER, on=over.id == RoleGrant.unit)
        .where(LoginSession.token_hash == token_hash, Person.is_active, *_open(policy, now))
        .order_by(RoleGrant.id)
        .tuples()
    )
    if not rows:
        return None
    session_id, seen_at, account_id, must_change, locale, person_id, name, unit_id, unit_path = rows[0][:9]
    grants = tuple(Grant(role, over_id, path) for *_rest, role, over_id, path in rows if role)
    actor = Actor(person_id, name, unit_id, unit_path, grants, locale, address)
    return OpenSession(session_id, account_id, must_change, seen_at, actor)


def _open(policy: SignInPolicy, now: datetime) -> tuple[peewee.Expression, ...]:
    return (
        LoginSession.ended_at.is_null(),
        LoginSession.expires_at > now,
        LoginSession.seen_at > now - policy.idle,
    )


def list_sessions(actor: Actor, *, policy: SignInPolicy, now: datetime) -> list[SessionRow]:
    """The actor's own open sessions, the latest used first. One query."""
    query = (
        LoginSession.select()
        .join(Account)
        .where(Account.person == actor.person_id, *_open(policy, now))
        .order_by(LoginSession.seen_at.desc())
    )
    return [SessionRow(row.id, row.created_at, row.seen_at, row.address, row.browser) for row in query]


def account_of(person_id: int) -> Account | None:
    """The account of a person, or None."""
    return Account.select().where(Account.person == person_id).first()
