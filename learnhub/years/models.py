"""What people claim, object to and are asked about their year, and rules tried out on it."""

from __future__ import annotations

import peewee

from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.org.models import Person, Unit
from learnhub.study.models import LedgerEntry, RuleVersion


class HoursClaim(Model):
    """Hours earned elsewhere, claimed with a document. ``state``: waiting, accepted, refused, withdrawn.

    ``document``: SHA-256 of the file; ``centihours``: as claimed, before the rule; ``entry``: what it gave.
    """

    person = peewee.ForeignKeyField(Person, backref="+")
    year = peewee.IntegerField()
    kind = peewee.CharField(max_length=20)
    title = peewee.CharField(max_length=200)
    organiser = peewee.CharField(max_length=200)
    first_day = peewee.DateField()
    last_day = peewee.DateField()
    centihours = peewee.IntegerField()
    is_required = peewee.BooleanField(default=False)
    document = peewee.CharField(max_length=64)
    document_name = peewee.CharField(max_length=200)
    document_kind = peewee.CharField(max_length=12)
    filed_at = UtcDateTimeField()
    state = peewee.CharField(max_length=12, default="waiting")
    decided_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    decided_at = UtcDateTimeField(null=True)
    reason = peewee.CharField(max_length=500, default="")
    entry = peewee.ForeignKeyField(LedgerEntry, null=True, backref="+")

    class Meta:
        indexes = ((("person", "year"), False), (("state", "filed_at"), False))


class Objection(Model):
    """A person says that an entry (or, without one, the year) is wrong. ``outcome``: open, kept, reversed."""

    person = peewee.ForeignKeyField(Person, backref="+")
    year = peewee.IntegerField()
    entry = peewee.ForeignKeyField(LedgerEntry, null=True, backref="+")
    text = peewee.CharField(max_length=1000)
    filed_at = UtcDateTimeField()
    outcome = peewee.CharField(max_length=12, default="open")
    answer = peewee.CharField(max_length=1000, default="")
    answered_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    answered_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("person", "year"), False), (("outcome", "filed_at"), False))


class Anomaly(Model):
    """Something that cannot well be, for a person to look at. ``kind``: a key of rules.anomalies; ``facts``: what was seen.

    ``person`` is asked about it and may answer; ``outcome``: open, harmless, confirmed. Nothing follows by itself.
    """

    key = peewee.CharField(max_length=120, unique=True)
    kind = peewee.CharField(max_length=20)
    person = peewee.ForeignKeyField(Person, backref="+")
    unit = peewee.ForeignKeyField(Unit, backref="+")
    facts = JsonField()
    happened_at = UtcDateTimeField()
    found_at = UtcDateTimeField()
    reply = peewee.CharField(max_length=1000, default="")
    replied_at = UtcDateTimeField(null=True)
    outcome = peewee.CharField(max_length=12, default="open")
    reason = peewee.CharField(max_length=1000, default="")
    decided_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    decided_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("outcome", "found_at"), False), (("person",), False))


class DryRun(Model):
    """A rule tried out on a year of a unit's people before it takes effect; ``summary`` when it is done."""

    version = peewee.ForeignKeyField(RuleVersion, backref="+")
    unit = peewee.ForeignKeyField(Unit, backref="+")
    year = peewee.IntegerField()
    asked_by = peewee.ForeignKeyField(Person, backref="+")
    asked_at = UtcDateTimeField()
    job = peewee.IntegerField(null=True)
    done_at = UtcDateTimeField(null=True)
    people = peewee.IntegerField(default=0)
    summary = JsonField(null=True)


class DryRunLine(Model):
    """One person of a dry run: hours and requirements by the rule in force, and by the one tried out."""

    run = peewee.ForeignKeyField(DryRun, backref="+", on_delete="CASCADE")
    person = peewee.ForeignKeyField(Person, backref="+")
    had = peewee.IntegerField()
    would_have = peewee.IntegerField()
    was_reached = peewee.BooleanField()
    would_reach = peewee.BooleanField()
    changed = peewee.BooleanField()

    class Meta:
        indexes = ((("run", "person"), True), (("run", "changed"), False))


TABLES = (HoursClaim, Objection, Anomaly, DryRun, DryRunLine)
