"""Files on their way in, and how much each unit may keep."""

from __future__ import annotations

import peewee

from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.media.models import Asset
from learnhub.org.models import Person, Unit


class Upload(Model):
    """One file that a person sends for a unit; ``state`` is a value of uploads.rules.State.

    ``received`` counts the bytes that are certainly on the disk. ``turn`` goes up with each request that writes: only
    the newest may. ``sha256`` is what the sender promised, later what was found. When done, the row is the unit's hold
    on ``asset``; ``is_repeat``: the unit held the same content already, so it counts nothing.
    """

    person = peewee.ForeignKeyField(Person, backref="+")
    unit = peewee.ForeignKeyField(Unit, backref="+")
    file_name = peewee.CharField(max_length=300)
    size = peewee.BigIntegerField()
    received = peewee.BigIntegerField(default=0)
    turn = peewee.IntegerField(default=0)
    sha256 = peewee.CharField(max_length=64, default="")
    state = peewee.CharField(max_length=12)
    asset = peewee.ForeignKeyField(Asset, null=True, backref="+")
    is_repeat = peewee.BooleanField(default=False)
    refusal_code = peewee.CharField(max_length=60, default="")
    refusal_params = JsonField(null=True)
    created_at = UtcDateTimeField(index=True)
    changed_at = UtcDateTimeField()
    expires_at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((("unit", "state"), False), (("person", "state"), False))


class MediaQuota(Model):
    """The most that a unit and everything below it may keep, in bytes."""

    unit = peewee.ForeignKeyField(Unit, backref="+", unique=True)
    bytes = peewee.BigIntegerField()
    changed_at = UtcDateTimeField()


TABLES = (Upload, MediaQuota)
