"""Proposals."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Asset(Model):
        class Meta:
            database = db
            table_name = 'asset'

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

    class MediaProposal(Model):
        course = ForeignKeyField(Course)
        lesson = ForeignKeyField(Lesson, null=True)
        base = ForeignKeyField(LessonVersion, null=True)
        title = CharField(max_length=300)
        asset = ForeignKeyField(Asset, null=True)
        file_name = CharField(max_length=300)
        sha256 = CharField(max_length=64)
        person = ForeignKeyField(Person)
        state = CharField(max_length=12, default='open')
        ended_by = ForeignKeyField(Person, null=True)
        comment = CharField(max_length=1000, default='')
        put_up_at = UtcDateTimeField()
        ended_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'media_proposal'
            indexes = ((('course', 'state'), False),)
    db.create_tables([MediaProposal])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('media_proposal'))
