"""The administrative tree, its stations and people, their powers, accounts and the audit trail."""

from __future__ import annotations

from datetime import date

import peewee

from learnhub.kernel.db import JsonField, Model, PathField, UtcDateTimeField

BEGINNING = date(2000, 1, 1)
"""The day from which a row counts whose beginning nobody wrote down."""


class Unit(Model):
    """A node of the administrative tree or of the Party's. ``path`` is the ids from the root down: ``/1/5/88/``.

    ``kind``: admin or party. ``since``: the day from which name, parent and level are as they stand here; how they were
    before is in :class:`UnitSpell`.
    """

    code = peewee.CharField(max_length=40, unique=True)
    name = peewee.CharField(max_length=200, index=True)
    level = peewee.CharField(max_length=12)  # a value of org.rules.Level or PartyLevel
    kind = peewee.CharField(max_length=8, default="admin")
    parent = peewee.ForeignKeyField("self", null=True, backref="children")
    path = PathField(index=True)
    is_retired = peewee.BooleanField(default=False)
    since = peewee.DateField(default=BEGINNING)


class Station(Model):
    """A place with a screen, attached to a unit of any level; ``since`` as with units."""

    station_no = peewee.CharField(max_length=40, unique=True)
    name = peewee.CharField(max_length=300)
    unit = peewee.ForeignKeyField(Unit, backref="stations")
    is_open = peewee.BooleanField(default=True)
    since = peewee.DateField(default=BEGINNING)


class Rank(Model):
    """职级: decides which yearly requirement applies; rule files name its ``code``; ``order`` 10 is the highest."""

    code = peewee.CharField(max_length=40, unique=True)
    name = peewee.CharField(max_length=80)
    name_en = peewee.CharField(max_length=120)
    order = peewee.IntegerField()


class Person(Model):
    """Somebody known to the system, with or without an account; ``branch`` is a unit of the Party's tree.

    ``since``: the day from which unit, branch and service are as they stand here (not before the row was created).
    """

    staff_no = peewee.CharField(max_length=40, unique=True, null=True)
    name = peewee.CharField(max_length=80)
    name_folded = peewee.CharField(max_length=80, index=True)
    unit = peewee.ForeignKeyField(Unit, backref="people")
    branch = peewee.ForeignKeyField(Unit, null=True, backref="members")
    rank = peewee.ForeignKeyField(Rank, null=True, backref="+")
    duty = peewee.CharField(max_length=120, default="")
    is_active = peewee.BooleanField(default=True)
    since = peewee.DateField(default=BEGINNING)
    created_at = UtcDateTimeField()

    class Meta:
        # The first for lists by unit and name and for counting a subtree, the second for counting members of the Party.
        indexes = ((("unit", "is_active", "name_folded"), False), (("branch", "is_active"), False))


class Account(Model):
    """A log-in of one person."""

    person = peewee.ForeignKeyField(Person, unique=True, backref="+")
    username = peewee.CharField(max_length=80, unique=True)
    password_hash = peewee.CharField(max_length=200)
    must_change = peewee.BooleanField(default=True)
    password_ends_at = UtcDateTimeField(null=True)  # of a one-time password that nobody has used yet
    locale = peewee.CharField(max_length=8, default="")
    last_login_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()


class LoginSession(Model):
    """One signed-in browser; the cookie carries a random token of which only the SHA-256 is kept."""

    token_hash = peewee.CharField(max_length=64, unique=True)
    account = peewee.ForeignKeyField(Account, backref="+", on_delete="CASCADE")
    created_at = UtcDateTimeField()
    seen_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)
    address = peewee.CharField(max_length=64, default="")
    browser = peewee.CharField(max_length=200, default="")
    is_shared = peewee.BooleanField(default=False)  # on a computer that several people use: short limits
    awaits_code = peewee.BooleanField(default=False)  # the password was right, the second step is still to come
    is_strong = peewee.BooleanField(default=False)  # the outside provider vouches for a second step of its own


class LoginFailure(Model):
    """An attempt to sign in that has not succeeded, counted by account and by address.

    ``subject`` is ``account:7``, or ``name:…`` for a name that nobody has, so that both lock alike.
    """

    subject = peewee.CharField(max_length=100)
    address = peewee.CharField(max_length=64)
    at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((("subject", "at"), False), (("address", "at"), False))


class RoleGrant(Model):
    """A role given to a person over one unit's subtree."""

    person = peewee.ForeignKeyField(Person, backref="+")
    role = peewee.CharField(max_length=40)
    unit = peewee.ForeignKeyField(Unit, backref="+")
    granted_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("person", "role", "unit"), False),)


class AuditChain(Model):
    """The end of one chain of the audit trail: the ``number`` and ``digest`` of its last line."""

    number = peewee.IntegerField()
    digest = peewee.CharField(max_length=64)


class AuditLine(Model):
    """One change: who, when, from where, what, to what, before and after, why. Never updated or deleted.

    ``number`` counts from 1 in its chain; ``digest`` covers the line and ``previous_digest`` (``org.audit.chain``).
    """

    at = UtcDateTimeField(index=True)
    actor = peewee.ForeignKeyField(Person, null=True, backref="+")
    address = peewee.CharField(max_length=64, default="")
    action = peewee.CharField(max_length=60)
    subject_kind = peewee.CharField(max_length=40)
    subject_id = peewee.CharField(max_length=60)
    unit = peewee.ForeignKeyField(Unit, null=True, backref="+")
    detail = JsonField()
    chain = peewee.ForeignKeyField(AuditChain, backref="+")
    number = peewee.IntegerField()
    previous_digest = peewee.CharField(max_length=64)
    digest = peewee.CharField(max_length=64)

    class Meta:
        indexes = ((("subject_kind", "subject_id"), False), (("chain", "number"), True))


class TreeChange(Model):
    """One dated act on the tree or its people: ``day`` is when it counts, ``at`` when it was entered."""

    kind = peewee.CharField(max_length=16)
    day = peewee.DateField()
    at = UtcDateTimeField()
    actor = peewee.ForeignKeyField(Person, null=True, backref="+")
    unit = peewee.ForeignKeyField(Unit, null=True, backref="+")
    other = peewee.ForeignKeyField(Unit, null=True, backref="+")
    reason = peewee.CharField(max_length=300, default="")
    detail = JsonField()


class UnitSpell(Model):
    """How a unit stood before a change: from ``from_day`` up to the day before ``until_day``."""

    unit = peewee.ForeignKeyField(Unit, backref="+")
    parent = peewee.ForeignKeyField(Unit, null=True, backref="+")
    name = peewee.CharField(max_length=200)
    level = peewee.CharField(max_length=12)
    is_retired = peewee.BooleanField()
    from_day = peewee.DateField()
    until_day = peewee.DateField()
    change = peewee.ForeignKeyField(TreeChange, backref="+")

    class Meta:
        indexes = ((("unit", "until_day"), True), (("unit", "from_day"), True), (("until_day",), False))
        constraints = [peewee.Check("from_day < until_day")]


class StationSpell(Model):
    """How a station stood before a change; days as in :class:`UnitSpell`."""

    station = peewee.ForeignKeyField(Station, backref="+")
    unit = peewee.ForeignKeyField(Unit, backref="+")
    name = peewee.CharField(max_length=300)
    is_open = peewee.BooleanField()
    from_day = peewee.DateField()
    until_day = peewee.DateField()
    change = peewee.ForeignKeyField(TreeChange, backref="+")

    class Meta:
        indexes = ((("station", "until_day"), True), (("station", "from_day"), True), (("until_day",), False))
        constraints = [peewee.Check("from_day < until_day")]


class PersonSpell(Model):
    """Where a person belonged before a change; days as in :class:`UnitSpell`."""

    person = peewee.ForeignKeyField(Person, backref="+")
    unit = peewee.ForeignKeyField(Unit, backref="+")
    branch = peewee.ForeignKeyField(Unit, null=True, backref="+")
    is_active = peewee.BooleanField()
    from_day = peewee.DateField()
    until_day = peewee.DateField()
    change = peewee.ForeignKeyField(TreeChange, backref="+")

    class Meta:
        indexes = ((("person", "until_day"), True), (("person", "from_day"), True), (("until_day",), False))
        constraints = [peewee.Check("from_day < until_day")]


class PlannedTransfer(Model):
    """A transfer entered ahead of its ``day``; ``state``: planned until it is carried out or called off."""

    person = peewee.ForeignKeyField(Person, backref="+")
    unit = peewee.ForeignKeyField(Unit, backref="+")
    branch = peewee.ForeignKeyField(Unit, null=True, backref="+")
    day = peewee.DateField(index=True)
    reason = peewee.CharField(max_length=300, default="")
    planned_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    planned_at = UtcDateTimeField()
    state = peewee.CharField(max_length=10, default="planned")


class PersonMerge(Model):
    """Two rows of one person made one: what was moved from ``gone`` to ``kept``, so that it can be undone."""

    kept = peewee.ForeignKeyField(Person, backref="+")
    gone = peewee.ForeignKeyField(Person, backref="+")
    change = peewee.ForeignKeyField(TreeChange, backref="+")
    merged_at = UtcDateTimeField()
    moved = JsonField()
    undone_at = UtcDateTimeField(null=True)


class Reading(Model):
    """Somebody read personal records of others: one line for each answer. Never changed.

    ``page``: the endpoint that answered. ``person``: whose record, None for a list of ``count`` people. ``unit``: that
    of the person at that time, or the one below which all people of the list belong.
    """

    at = UtcDateTimeField(index=True)
    reader = peewee.ForeignKeyField(Person, backref="+")
    address = peewee.CharField(max_length=64, default="")
    page = peewee.CharField(max_length=60)
    person = peewee.ForeignKeyField(Person, null=True, backref="+", index=False)
    unit = peewee.ForeignKeyField(Unit, backref="+", index=False)
    count = peewee.IntegerField(default=1)

    class Meta:
        indexes = ((("person", "at"), False), (("unit", "person", "at"), False))


class SecondFactor(Model):
    """The key of an account's six-digit codes (TOTP, RFC 6238), sealed; it counts once ``confirmed_at`` is set.

    ``last_step`` is the 30-second step of the last code taken: no code opens twice.
    """

    account = peewee.ForeignKeyField(Account, unique=True, backref="+", on_delete="CASCADE")
    key = peewee.CharField(max_length=255)
    last_step = peewee.BigIntegerField(default=0)
    created_at = UtcDateTimeField()
    confirmed_at = UtcDateTimeField(null=True)


class RecoveryCode(Model):
    """A code on paper for the day when the telephone is lost; of its 60 random bits only the SHA-256 is kept."""

    account = peewee.ForeignKeyField(Account, backref="+", on_delete="CASCADE")
    code_hash = peewee.CharField(max_length=64)
    used_at = UtcDateTimeField(null=True)


class OutsideLogin(Model):
    """An account may also be opened by somebody whom the provider at ``issuer`` (OpenID Connect) knows as ``subject``.

    ``linked_by`` is the person who made the link, None when the names matched at the first log-in.
    """

    account = peewee.ForeignKeyField(Account, backref="+", on_delete="CASCADE")
    issuer = peewee.CharField(max_length=200)
    subject = peewee.CharField(max_length=255)
    linked_at = UtcDateTimeField()
    linked_by = peewee.ForeignKeyField(Person, null=True, backref="+")

    class Meta:
        indexes = ((("issuer", "subject"), True), (("account", "issuer"), True))


class SlipRun(Model):
    """One print of slips with one-time passwords; ``key`` comes from the form, so that sending it twice makes none twice."""

    key = peewee.CharField(max_length=40, unique=True)
    unit = peewee.ForeignKeyField(Unit, backref="+")
    made_by = peewee.ForeignKeyField(Person, backref="+")
    made_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    count = peewee.IntegerField()


TABLES = (Unit, Station, Rank, Person, Account, LoginSession, LoginFailure, RoleGrant, AuditChain, AuditLine)
TABLES += (SecondFactor, RecoveryCode, OutsideLogin, SlipRun)
TABLES += (TreeChange, UnitSpell, StationSpell, PersonSpell, PlannedTransfer, PersonMerge, Reading)
