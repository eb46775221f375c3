"""Group viewings at stations and who was there."""

from __future__ import annotations

import peewee

from learnhub.catalog.models import Lesson
from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.org.models import Person, Station


class StationSession(Model):
    """A scheduled group viewing. ``state``: a value of rules.State. ``note``: why it was cancelled."""

    station = peewee.ForeignKeyField(Station, backref="+")
    title = peewee.CharField(max_length=200)
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    host = peewee.ForeignKeyField(Person, null=True, backref="+")
    state = peewee.CharField(max_length=12, default="planned")
    note = peewee.TextField(default="")
    planned_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    opened_at = UtcDateTimeField(null=True)
    closed_at = UtcDateTimeField(null=True)
    closed_by = peewee.ForeignKeyField(Person, null=True, backref="+")

    class Meta:
        indexes = ((("station", "starts_at"), False), (("host", "starts_at"), False), (("starts_at",), False))


class SessionLesson(Model):
    """A lesson on the programme of a session."""

    session = peewee.ForeignKeyField(StationSession, backref="lessons", on_delete="CASCADE")
    lesson = peewee.ForeignKeyField(Lesson, backref="+")
    number = peewee.IntegerField()

    class Meta:
        indexes = ((("session", "lesson"), True),)


class Attendance(Model):
    """One line of the roll. ``status``: a value of rules.Status. ``version`` counts the marks that were set.

    ``history``: the earlier marks, oldest first, each {"status", "by", "at", "reason"}.
    """

    session = peewee.ForeignKeyField(StationSession, backref="roll", on_delete="CASCADE")
    person = peewee.ForeignKeyField(Person, backref="+")
    status = peewee.CharField(max_length=12, default="unmarked")
    version = peewee.IntegerField(default=0)
    reason = peewee.CharField(max_length=200, default="")
    marked_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    marked_at = UtcDateTimeField(null=True)
    history = JsonField()

    class Meta:
        indexes = ((("session", "person"), True), (("person",), False))


TABLES = (StationSession, SessionLesson, Attendance)
