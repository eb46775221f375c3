"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import peewee

from learnhub.design.i18n import _l
from learnhub.org.audit import ACTIONS
from learnhub.org.audit_messages import page_name
from learnhub.org.models import (
    Account,
    AuditLine,
    LoginFailure,
    LoginSession,
    OutsideLogin,
    Person,
    PersonMerge,
    PersonSpell,
    PlannedTransfer,
    Rank,
    Reading,
    RecoveryCode,
    RoleGrant,
    SecondFactor,
    Unit,
)
from learnhub.org.own_data import Part, register_part
from learnhub.org.queries.units import names_along
from learnhub.org.roster.models import ImportMapping, ImportRun

_PLACE = {"unit": _l("Unit"), "branch": _l("Party branch")}


def _own(table: type[peewee.Model], person_id: int) -> peewee.ModelSelect:
    return table.select().where(table.person == person_id).order_by(table.id)


def _at_unit(table: type[peewee.Model], person_id: int, *columns: peewee.Field) -> peewee.ModelSelect:
    """Columns of a person's rows of a table and of the unit that each names."""
    return _own(table, person_id).select(*columns).join(Unit, on=table.unit == Unit.id).tuples()


def _said(action: str) -> str:
    return str(ACTIONS.get(action, action))


def _person(person_id: int) -> Iterator[tuple[Any, ...]]:
    branch = Unit.alias()
    row = (
        Person.select(Person, Unit.path, branch.name.alias("branch_name"), Rank.name.alias("rank_name"))
        .join_from(Person, Unit)
        .join_from(Person, branch, peewee.JOIN.LEFT_OUTER, on=Person.branch == branch.id)
        .join_from(Person, Rank, peewee.JOIN.LEFT_OUTER)
        .where(Person.id == person_id)
        .objects()
        .get()
    )
    place = names_along([row.path], skip=0)[row.path]
    yield (
        *(row.id, row.staff_no, row.name, place, row.branch_name, row.rank_name, row.duty),
        *(row.is_active, row.since, row.created_at),
    )


def _memberships(person_id: int) -> Iterator[tuple[Any, ...]]:
    branch = Unit.alias()
    return (
        PersonSpell.select(
            *(Unit.name, branch.name, PersonSpell.is_active, PersonSpell.from_day, PersonSpell.until_day)
        )
        .join_from(PersonSpell, Unit, on=PersonSpell.unit == Unit.id)
        .join_from(PersonSpell, branch, peewee.JOIN.LEFT_OUTER, on=PersonSpell.branch == branch.id)
        .where(PersonSpell.person == person_id)
        .order_by(PersonSpell.from_day)
        .tuples()
        .iterator()
    )


def _failures(person_id: int) -> Iterator[tuple[Any, ...]]:
    account = Account.get_or_none(Account.person == person_id)
    subject = f"account:{account.id}" if account else ""
    query = LoginFailure.select(LoginFailure.at, LoginFailure.address).where(LoginFailure.subject == subject)
    return query.order_by(LoginFailure.id).tuples().iterator()


def _entries_of(person_id: int) -> list[int]:
    """The person's own id and those of entries that were merged into theirs."""
    merged = PersonMerge.select(PersonMerge.gone).where(
        (PersonMerge.kept == person_id) & PersonMerge.undone_at.is_null()
    )
    return [person_id, *(gone for (gone,) in merged.tuples())]


def _changes(person_id: int) -> Iterator[tuple[Any, ...]]:
    mine = [str(one) for one in _entries_of(person_id)]
    accounts = [str(one) for (one,) in Account.select(Account.id).where(Account.person == person_id).tuples()]
    about = (AuditLine.subject_kind == "person") & AuditLine.subject_id.in_(mine)
    about |= (AuditLine.subject_kind == "account") & AuditLine.subject_id.in_(accounts)
    rows = (
        AuditLine.select(AuditLine.at, Person.name, AuditLine.action, AuditLine.detail, AuditLine.id)
        .join(Person, peewee.JOIN.LEFT_OUTER, on=AuditLine.actor == Person.id)
        .where(about)
        .order_by(AuditLine.id)
    )
    for at, who, action, detail, line in rows.tuples().iterator():
        yield at, who, _said(action), detail, line


def _readers(person_id: int) -> Iterator[tuple[Any, ...]]:
    rows = (
        Reading.select(Reading.at, Person.name, Reading.page, Reading.address)
        .join(Person, on=Reading.reader == Person.id)
        .where(Reading.person.in_(_entries_of(person_id)) & (Reading.reader != person_id))
        .order_by(Reading.id)
    )
    for at, who, page, address in rows.tuples().iterator():
        yield at, who, page_name(page), address


_OF_PERSON = (
    Part(
        "person",
        _l("Who you are"),
        {
            "number": _l("Record number"),
            "staff_no": _l("Staff number"),
            "name": _l("Name"),
            **_PLACE,
            "rank": _l("Rank"),
            "post": _l("Post"),
            "in_service": _l("In service"),
            "since": _l("Since"),
            "entered": _l("Entered on"),
        },
        _person,
        (Person,),
    ),
    Part(
        "memberships",
        _l("Where you belonged before"),
        {**_PLACE, "in_service": _l("In service"), "from": _l("From"), "until": _l("Until")},
        _memberships,
        (PersonSpell,),
    ),
    Part(
        "planned_transfers",
        _l("Planned transfers"),
        {"unit": _l("Unit"), "day": _l("From"), "reason": _l("Reason"), "state": _l("State")},
        lambda person: _at_unit(
            PlannedTransfer, person, Unit.name, PlannedTransfer.day, PlannedTransfer.reason, PlannedTransfer.state
        ),
        (PlannedTransfer,),
    ),
    Part(
        "merged_entries",
        _l("Entries that were merged into yours"),
        {"name": _l("Name"), "at": _l("When"), "undone_at": _l("Undone")},
        lambda person: (
            PersonMerge.select(Person.name, PersonMerge.merged_at, PersonMerge.undone_at)
            .join(Person, on=PersonMerge.gone == Person.id)
            .where(PersonMerge.kept == person)
            .tuples()
        ),
        (PersonMerge,),
    ),
)
_OF_ACCOUNT = (
    Part(
        "account",
        _l("Your account"),
        {
            "username": _l("User name"),
            "language": _l("Language"),
            "opened": _l("Opened on"),
            "last_login": _l("Last signed in"),
            "second_step": _l("Second step since"),
            "codes": _l("Recovery codes left"),
        },
        lambda person: (
            Account.select(
                *(Account.username, Account.locale, Account.created_at, Account.last_login_at),
                SecondFactor.confirmed_at,
                RecoveryCode.select(peewee.fn.COUNT(RecoveryCode.id)).where(
                    (RecoveryCode.account == Account.id) & RecoveryCode.used_at.is_null()
                ),
            )
            .join(SecondFactor, peewee.JOIN.LEFT_OUTER, on=SecondFactor.account == Account.id)
            .where(Account.person == person)
            .tuples()
        ),
        (Account, SecondFactor, RecoveryCode),
    ),
    Part(
        "sign_ins",
        _l("Where and when you signed in"),
        {
            "from": _l("Since"),
            "last_used": _l("Last used"),
            "ended": _l("Ended at"),
            "address": _l("Address"),
            "browser": _l("Browser"),
        },
        lambda person: (
            LoginSession.select(
                *(LoginSession.created_at, LoginSession.seen_at, LoginSession.ended_at),
                *(LoginSession.address, LoginSession.browser),
            )
            .join(Account)
            .where(Account.person == person)
            .order_by(LoginSession.id)
            .tuples()
            .iterator()
        ),
        (LoginSession,),
    ),
    Part(
        "failed_sign_ins",
        _l("Failed attempts to sign in as you"),
        {"at": _l("When"), "address": _l("From where")},
        _failures,
        (LoginFailure,),
    ),
    Part(
        "outside_logins",
        _l("Log-ins elsewhere that open your account"),
        {"provider": _l("Provider"), "subject": _l("Known there as"), "at": _l("Since")},
        lambda person: (
            OutsideLogin.select(OutsideLogin.issuer, OutsideLogin.subject, OutsideLogin.linked_at)
            .join(Account)
            .where(Account.person == person)
            .tuples()
        ),
        (OutsideLogin,),
    ),
    Part(
        "roles",
        _l("Roles that you hold or held"),
        {"role": _l("Role"), "unit": _l("Over"), "from": _l("From"), "until": _l("Until")},
        lambda person: _at_unit(RoleGrant, person, RoleGrant.role, Unit.name, RoleGrant.starts_at, RoleGrant.ends_at),
        (RoleGrant,),
    ),
    Part(
        "imports",
        _l("Lists of people that you imported"),
        {"file": _l("File"), "at": _l("When"), "state": _l("State")},
        lambda person: (
            ImportRun.select(ImportRun.file_name, ImportRun.created_at, ImportRun.state)
            .where(ImportRun.owner == person)
            .order_by(ImportRun.id)
            .tuples()
        ),
        (ImportRun, ImportMapping),
    ),
)
_OF_TRAIL = (
    Part(
        "changes_about_me",
        _l("Changes to your record"),
        {
            "at": _l("When"),
            "who": _l("Who"),
            "what": _l("What"),
            "detail": _l("More"),
            "line": _l("Line"),
        },
        _changes,
        (AuditLine,),
    ),
    Part(
        "changes_by_me",
        _l("Changes that you made"),
        {"at": _l("When"), "address": _l("From where"), "what": _l("What"), "line": _l("Line")},
        lambda person: (
            (at, address, _said(action), line)
            for at, address, action, line in AuditLine.select(
                AuditLine.at, AuditLine.address, AuditLine.action, AuditLine.id
            )
            .where(AuditLine.actor == person)
            .order_by(AuditLine.id)
            .tuples()
            .iterator()
        ),
        (AuditLine,),
    ),
    Part(
        "readers",
        _l("Who looked at your record"),
        {
            "at": _l("When"),
            "who": _l("Who"),
            "what": _l("What was read"),
            "address": _l("From where"),
        },
        _readers,
        (Reading,),
    ),
)


def register() -> None:
    """Names the parts of this feature."""
    register_part(*_OF_PERSON, *_OF_ACCOUNT, *_OF_TRAIL)
