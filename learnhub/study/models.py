"""What people studied, what the server believes of it, and the hours that follow."""

from __future__ import annotations

import peewee

from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.org.models import Person


class Viewing(Model):
    """One opening of a lesson by a person; at most one per person is live. ``budget_ms`` is what the server's clock
    still allows to be accepted, filled by elapsed time at the permitted speed."""

    id = peewee.CharField(max_length=20, primary_key=True)
    person = peewee.ForeignKeyField(Person, backref="+")
    version = peewee.ForeignKeyField(LessonVersion, backref="+")
    opened_at = UtcDateTimeField()
    reported_at = UtcDateTimeField()
    budget_ms = peewee.IntegerField(default=0)
    accepted_ms = peewee.IntegerField(default=0)
    refused_ms = peewee.IntegerField(default=0)
    reports = peewee.IntegerField(default=0)
    ended_at = UtcDateTimeField(null=True)
    ended_by = peewee.CharField(max_length=20, default="")
    device = peewee.CharField(max_length=200, default="")

    class Meta:
        indexes = ((("person", "ended_at"), False),)


class Progress(Model):
    """The union of what a person saw of one lesson version; ``seen`` is a list of [from_ms, to_ms], sorted, disjoint."""

    person = peewee.ForeignKeyField(Person, backref="+")
    version = peewee.ForeignKeyField(LessonVersion, backref="+")
    lesson = peewee.ForeignKeyField(Lesson, backref="+")
    course = peewee.ForeignKeyField(Course, backref="+")
    seen = JsonField()
    seen_ms = peewee.IntegerField(default=0)
    position_ms = peewee.IntegerField(default=0)
    started_at = UtcDateTimeField()
    changed_at = UtcDateTimeField()
    done_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("person", "version"), True), (("person", "changed_at"), False), (("course", "person"), False))


class Attempt(Model):
    """One try at a test. ``answers``: chosen option indexes per question. ``score``: share of questions right, 0–1."""

    person = peewee.ForeignKeyField(Person, backref="+")
    version = peewee.ForeignKeyField(LessonVersion, backref="+")
    answers = JsonField()
    score = peewee.FloatField()
    is_passed = peewee.BooleanField()
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("person", "version"), False),)


class LedgerEntry(Model):
    """Hours given (or reversed: negative). Append-only. ``credit_key`` is unique: no lesson counts twice in a year.

    ``source``: online, group, test. ``centihours``: hundredths of an hour. ``evidence``: what proves it.
    """

    person = peewee.ForeignKeyField(Person, backref="+")
    year = peewee.IntegerField()
    source = peewee.CharField(max_length=20)
    is_required = peewee.BooleanField()
    centihours = peewee.IntegerField()
    credit_key = peewee.CharField(max_length=120, unique=True)
    course = peewee.ForeignKeyField(Course, null=True, backref="+")
    lesson = peewee.ForeignKeyField(Lesson, null=True, backref="+")
    rule = peewee.CharField(max_length=80)
    evidence = JsonField()
    evidence_digest = peewee.CharField(max_length=64)
    previous_digest = peewee.CharField(max_length=64)
    digest = peewee.CharField(max_length=64)
    earned_at = UtcDateTimeField()
    written_at = UtcDateTimeField()

    class Meta:
        indexes = ((("person", "year"), False), (("course", "person"), False), (("earned_at",), False))


class Completion(Model):
    """A person met a course's completion rule."""

    person = peewee.ForeignKeyField(Person, backref="+")
    course = peewee.ForeignKeyField(Course, backref="+")
    completed_at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((("person", "course"), True), (("course", "completed_at"), False))


TABLES = (Viewing, Progress, Attempt, LedgerEntry, Completion)
