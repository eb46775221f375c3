"""What people studied, what the server believes of it, and the hours that follow."""

from __future__ import annotations

import peewee

from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.org.models import Person, Unit


class Viewing(Model):
    """One opening of a lesson by a person; the newest is the live one, an ended one names what ended it.

    ``budget_ms`` and ``filled_ms`` (milliseconds since 1970) are the bucket of rules.reports: what the server's clock
    still leaves room for, and up to when it was filled. ``seen``: what this viewing added to the person's union.
    """

    id = peewee.CharField(max_length=20, primary_key=True)
    person = peewee.ForeignKeyField(Person, backref="+")
    version = peewee.ForeignKeyField(LessonVersion, backref="+")
    opened_at = UtcDateTimeField()
    reported_at = UtcDateTimeField()
    budget_ms = peewee.BigIntegerField(default=0)
    filled_ms = peewee.BigIntegerField(default=0)
    seen = JsonField()
    refused_ms = peewee.BigIntegerField(default=0)
    last_seq = peewee.IntegerField(default=0)
    reports = peewee.IntegerField(default=0)
    refusals = peewee.IntegerField(default=0)
    ended_at = UtcDateTimeField(null=True)
    ended_by = peewee.CharField(max_length=20, default="")
    device = peewee.CharField(max_length=200, default="")

    class Meta:
        indexes = ((("person", "opened_at"), False), (("person", "version"), False))


# At most one viewing of a person is live, whatever the code does.
Viewing.add_index(Viewing.index(Viewing.person, unique=True, where=Viewing.ended_at.is_null(), name="viewing_live"))


class Progress(Model):
    """What a person has of one lesson version. ``seen``: list of [from_ms, to_ms], sorted, disjoint.

    ``length_ms`` and ``needed_ms`` are those by which the lesson is judged (rules.completion). ``done_by``: viewing,
    test or group.
    """

    person = peewee.ForeignKeyField(Person, backref="+")
    version = peewee.ForeignKeyField(LessonVersion, backref="+")
    lesson = peewee.ForeignKeyField(Lesson, backref="+")
    course = peewee.ForeignKeyField(Course, backref="+")
    length_ms = peewee.BigIntegerField(default=0)
    needed_ms = peewee.BigIntegerField(default=0)
    seen = JsonField()
    seen_ms = peewee.BigIntegerField(default=0)
    position_ms = peewee.BigIntegerField(default=0)
    started_at = UtcDateTimeField()
    changed_at = UtcDateTimeField()
    done_at = UtcDateTimeField(null=True)
    done_by = peewee.CharField(max_length=12, default="")

    class Meta:
        indexes = (
            (("person", "version"), True),
            (("person", "changed_at"), False),
            (("person", "lesson"), False),
            (("course", "person"), False),
        )


class Attempt(Model):
    """One try at a test, counted from 1. ``answers``: chosen option indexes per question. ``score``: share right, 0-1."""

    person = peewee.ForeignKeyField(Person, backref="+")
    version = peewee.ForeignKeyField(LessonVersion, backref="+")
    number = peewee.IntegerField()
    answers = JsonField()
    score = peewee.FloatField()
    is_passed = peewee.BooleanField()
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("person", "version", "number"), True),)


class LedgerEntry(Model):
    """Hours given (or reversed: negative). Never changed or deleted: triggers of the database refuse it.

    ``number`` counts a person's entries from 1; each carries the digest of the one before (rules.chain).
    ``credit_key`` is unique: no lesson counts twice in a year. ``source``: a kind of rules.hours. ``evidence``: its proof.
    """

    person = peewee.ForeignKeyField(Person, backref="+")
    number = peewee.IntegerField()
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
        indexes = (
            (("person", "number"), True),
            (("person", "year"), False),
            (("course", "person"), False),
            (("earned_at",), False),
        )


class Completion(Model):
    """A person met a course's completion rule."""

    person = peewee.ForeignKeyField(Person, backref="+")
    course = peewee.ForeignKeyField(Course, backref="+")
    completed_at = UtcDateTimeField(index=True)

    class Meta:
        indexes = ((("person", "course"), True), (("course", "completed_at"), False))


class RefusedReports(Model):
    """How many reports of a (Chinese) day were refused or not believed for one reason; see actions.refusals."""

    day = peewee.DateField()
    code = peewee.CharField(max_length=40)
    number = peewee.BigIntegerField()

    class Meta:
        indexes = ((("day", "code"), True),)


class RuleVersion(Model):
    """The text of an hours rule as it was when it was first used or entered; ``digest`` is that of the text.

    ``entered_by``: who wrote it on the page of rules; None for the rules that LearnHub brings along.
    """

    code = peewee.CharField(max_length=40)
    digest = peewee.CharField(max_length=64, unique=True)
    text = peewee.TextField()
    entered_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    entered_at = UtcDateTimeField()

    class Meta:
        indexes = ((("code",), False),)


class RuleChoice(Model):
    """From ``chosen_at`` on this rule holds for a year in a unit and all below it (``unit`` None: everywhere).

    Never changed: a later choice for the same unit and year takes its place.
    """

    unit = peewee.ForeignKeyField(Unit, null=True, backref="+")
    year = peewee.IntegerField()
    version = peewee.ForeignKeyField(RuleVersion, backref="+")
    chosen_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    chosen_at = UtcDateTimeField()
    reason = peewee.CharField(max_length=300, default="")

    class Meta:
        indexes = ((("year", "unit"), False),)


class YearHours(Model):
    """What a person's year holds by source, kept with every entry; always what a recount of the ledger gives.

    ``given``: the hours of entries that are not reversed; ``counted``: what is left of them after caps, of which
    ``required`` come from required courses. All centihours. ``rule``: the stamp of the rule by which they were counted.
    """

    person = peewee.ForeignKeyField(Person, backref="+")
    year = peewee.IntegerField()
    source = peewee.CharField(max_length=20)
    given = peewee.IntegerField()
    counted = peewee.IntegerField()
    required = peewee.IntegerField()
    rule = peewee.CharField(max_length=80)

    class Meta:
        indexes = ((("person", "year", "source"), True), (("year", "source"), False))


class LedgerHead(Model):
    """The ends of the chains that grew since the head before, signed (study.heads); a copy stands in a file."""

    number = peewee.IntegerField(unique=True)
    at = UtcDateTimeField()
    record = peewee.TextField()


TABLES = (Viewing, Progress, Attempt, LedgerEntry, Completion, RefusedReports)
TABLES += (RuleVersion, RuleChoice, YearHours, LedgerHead)
