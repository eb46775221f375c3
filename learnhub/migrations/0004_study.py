"""Study."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Course(Model):
        class Meta:
            database = db
            table_name = 'course'

    class Lesson(Model):
        class Meta:
            database = db
            table_name = 'lesson'

    class LessonVersion(Model):
        class Meta:
            database = db
            table_name = 'lesson_version'

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Attempt(Model):
        person = ForeignKeyField(Person)
        version = ForeignKeyField(LessonVersion)
        answers = JsonField()
        score = FloatField()
        is_passed = BooleanField()
        at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'attempt'
            indexes = ((('person', 'version'), False),)
    db.create_tables([Attempt])

    class Completion(Model):
        person = ForeignKeyField(Person)
        course = ForeignKeyField(Course)
        completed_at = UtcDateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'completion'
            indexes = ((('person', 'course'), True), (('course', 'completed_at'), False))
    db.create_tables([Completion])

    class LedgerEntry(Model):
        person = ForeignKeyField(Person)
        year = IntegerField()
        source = CharField(max_length=20)
        is_required = BooleanField()
        centihours = IntegerField()
        credit_key = CharField(unique=True, max_length=120)
        course = ForeignKeyField(Course, null=True)
        lesson = ForeignKeyField(Lesson, null=True)
        rule = CharField(max_length=80)
        evidence = JsonField()
        evidence_digest = CharField(max_length=64)
        previous_digest = CharField(max_length=64)
        digest = CharField(max_length=64)
        earned_at = UtcDateTimeField()
        written_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'ledger_entry'
            indexes = ((('person', 'year'), False), (('course', 'person'), False), (('earned_at',), False))
    db.create_tables([LedgerEntry])

    class Progress(Model):
        person = ForeignKeyField(Person)
        version = ForeignKeyField(LessonVersion)
        lesson = ForeignKeyField(Lesson)
        course = ForeignKeyField(Course)
        seen = JsonField()
        seen_ms = IntegerField(default=0)
        position_ms = IntegerField(default=0)
        started_at = UtcDateTimeField()
        changed_at = UtcDateTimeField()
        done_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'progress'
            indexes = ((('person', 'version'), True), (('person', 'changed_at'), False), (('course', 'person'), False))
    db.create_tables([Progress])

    class Viewing(Model):
        id = CharField(primary_key=True, max_length=20)
        person = ForeignKeyField(Person)
        version = ForeignKeyField(LessonVersion)
        opened_at = UtcDateTimeField()
        reported_at = UtcDateTimeField()
        budget_ms = IntegerField(default=0)
        accepted_ms = IntegerField(default=0)
        refused_ms = IntegerField(default=0)
        reports = IntegerField(default=0)
        ended_at = UtcDateTimeField(null=True)
        ended_by = CharField(max_length=20, default='')
        device = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'viewing'
            indexes = ((('person', 'ended_at'), False),)
    db.create_tables([Viewing])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('viewing'))
    migrator.migrate(migrator.drop_table('progress'))
    migrator.migrate(migrator.drop_table('ledger_entry'))
    migrator.migrate(migrator.drop_table('completion'))
    migrator.migrate(migrator.drop_table('attempt'))
