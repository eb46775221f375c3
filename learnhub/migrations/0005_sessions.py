"""Sessions."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Lesson(Model):
        class Meta:
            database = db
            table_name = 'lesson'

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Station(Model):
        class Meta:
            database = db
            table_name = 'station'

    class StationSession(Model):
        station = ForeignKeyField(Station)
        title = CharField(max_length=200)
        starts_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()
        host = ForeignKeyField(Person, null=True)
        state = CharField(max_length=12, default='planned')
        note = TextField(default='')
        planned_by = ForeignKeyField(Person, null=True)
        opened_at = UtcDateTimeField(null=True)
        closed_at = UtcDateTimeField(null=True)
        closed_by = ForeignKeyField(Person, null=True)
        class Meta:
            database = db
            table_name = 'station_session'
            indexes = ((('station', 'starts_at'), False), (('host', 'starts_at'), False), (('starts_at',), False))
    db.create_tables([StationSession])

    class Attendance(Model):
        session = ForeignKeyField(StationSession, on_delete='CASCADE')
        person = ForeignKeyField(Person)
        status = CharField(max_length=12, default='unmarked')
        version = IntegerField(default=0)
        reason = CharField(max_length=200, default='')
        marked_by = ForeignKeyField(Person, null=True)
        marked_at = UtcDateTimeField(null=True)
        history = JsonField()
        class Meta:
            database = db
            table_name = 'attendance'
            indexes = ((('session', 'person'), True), (('person',), False))
    db.create_tables([Attendance])

    class SessionLesson(Model):
        session = ForeignKeyField(StationSession, on_delete='CASCADE')
        lesson = ForeignKeyField(Lesson)
        number = IntegerField()
        class Meta:
            database = db
            table_name = 'session_lesson'
            indexes = ((('session', 'lesson'), True),)
    db.create_tables([SessionLesson])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('session_lesson'))
    migrator.migrate(migrator.drop_table('attendance'))
    migrator.migrate(migrator.drop_table('station_session'))
