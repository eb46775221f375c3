"""Statements that were signed."""

from __future__ import annotations

import peewee

from learnhub.catalog.models import Course
from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.org.models import Person


class Proof(Model):
    """One signed statement. ``kind``: year or course; ``token``: what the code carries (rules.encode).

    ``shows``: what the holder lets the public page show, of rules.SHOWN. A revoked one stays, with name and reason.
    """

    serial = peewee.CharField(max_length=20, unique=True)
    person = peewee.ForeignKeyField(Person, backref="+")
    kind = peewee.CharField(max_length=8)
    year = peewee.IntegerField()
    course = peewee.ForeignKeyField(Course, null=True, backref="+")
    centihours = peewee.IntegerField()
    rule = peewee.CharField(max_length=80)
    token = peewee.TextField()
    issued_at = UtcDateTimeField()
    shows = JsonField()
    revoked_at = UtcDateTimeField(null=True)
    revoked_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    revoke_reason = peewee.CharField(max_length=500, default="")

    class Meta:
        indexes = ((("person", "kind"), False), (("revoked_at",), False))


TABLES = (Proof,)
