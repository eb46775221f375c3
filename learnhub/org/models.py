"""The administrative tree, its stations and people, their powers, accounts and the audit trail."""

from __future__ import annotations

import peewee

from learnhub.kernel.db import JsonField, Model, PathField, UtcDateTimeField


class Unit(Model):
    """A node of the administrative tree. ``path`` is the ids from the root down to itself: ``/1/5/88/``."""

    code = peewee.CharField(max_length=40, unique=True)
    name = peewee.CharField(max_length=200, index=True)
    level = peewee.CharField(max_length=12)  # a value of org.rules.Level
    parent = peewee.ForeignKeyField("self", null=True, backref="children")
    path = PathField(index=True)
    is_retired = peewee.BooleanField(default=False)


class Station(Model):
    """A place with a screen, attached to a unit of any level."""

    station_no = peewee.CharField(max_length=40, unique=True)
    name = peewee.CharField(max_length=300)
    unit = peewee.ForeignKeyField(Unit, backref="stations")
    is_open = peewee.BooleanField(default=True)


class Rank(Model):
    """职级: decides which yearly requirement applies; rule files name its ``code``; ``order`` 10 is the highest."""

    code = peewee.CharField(max_length=40, unique=True)
    name = peewee.CharField(max_length=80)
    name_en = peewee.CharField(max_length=120)
    order = peewee.IntegerField()


class Person(Model):
    """Somebody known to the system, with or without an account."""

    staff_no = peewee.CharField(max_length=40, unique=True, null=True)
    name = peewee.CharField(max_length=80)
    name_folded = peewee.CharField(max_length=80, index=True)
    unit = peewee.ForeignKeyField(Unit, backref="people")
    rank = peewee.ForeignKeyField(Rank, null=True, backref="+")
    duty = peewee.CharField(max_length=120, default="")
    is_active = peewee.BooleanField(default=True)
    created_at = UtcDateTimeField()


class Account(Model):
    """A log-in of one person."""

    person = peewee.ForeignKeyField(Person, unique=True, backref="+")
    username = peewee.CharField(max_length=80, unique=True)
    password_hash = peewee.CharField(max_length=200)
    must_change = peewee.BooleanField(default=True)
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


class AuditLine(Model):
    """One change: who, when, from where, what, to what, before and after, why. Never updated or deleted."""

    at = UtcDateTimeField(index=True)
    actor = peewee.ForeignKeyField(Person, null=True, backref="+")
    address = peewee.CharField(max_length=64, default="")
    action = peewee.CharField(max_length=60)
    subject_kind = peewee.CharField(max_length=40)
    subject_id = peewee.CharField(max_length=60)
    unit = peewee.ForeignKeyField(Unit, null=True, backref="+")
    detail = JsonField()

    class Meta:
        indexes = ((("subject_kind", "subject_id"), False),)


TABLES = (Unit, Station, Rank, Person, Account, LoginSession, LoginFailure, RoleGrant, AuditLine)
