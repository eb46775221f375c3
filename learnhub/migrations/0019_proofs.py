"""Proofs: signed statements of years and courses."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Course(Model):
        class Meta:
            database = db
            table_name = 'course'

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Proof(Model):
        serial = CharField(unique=True, max_length=20)
        person = ForeignKeyField(Person)
        kind = CharField(max_length=8)
        year = IntegerField()
        course = ForeignKeyField(Course, null=True)
        centihours = IntegerField()
        rule = CharField(max_length=80)
        token = TextField()
        issued_at = UtcDateTimeField()
        shows = JsonField()
        revoked_at = UtcDateTimeField(null=True)
        revoked_by = ForeignKeyField(Person, null=True)
        revoke_reason = CharField(max_length=500, default='')
        class Meta:
            database = db
            table_name = 'proof'
            indexes = ((('person', 'kind'), False), (('revoked_at',), False))
    db.create_tables([Proof])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('proof'))
