"""Readings: who read whose record, one line for each answer; people found and counted by unit without touching rows.

The lines of ``record_view``, one for each reader, page and day, become readings at their last time.
"""

from peewee import *  # noqa: F403
from learnhub.kernel.db import UtcDateTimeField

INDEXES = {
    'person_unit_id_is_active_name_folded': 'person (unit_id, is_active, name_folded)',
    'person_branch_id_is_active': 'person (branch_id, is_active)',
}


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Unit(Model):
        class Meta:
            database = db
            table_name = 'unit'

    class Reading(Model):
        at = UtcDateTimeField(index=True)
        reader = ForeignKeyField(Person)
        address = CharField(max_length=64, default='')
        page = CharField(max_length=60)
        person = ForeignKeyField(Person, null=True, index=False)
        unit = ForeignKeyField(Unit, index=False)
        count = IntegerField(default=1)
        class Meta:
            database = db
            table_name = 'reading'
            indexes = ((('person', 'at'), False), (('unit', 'person', 'at'), False))
    db.create_tables([Reading])
    db.execute_sql(
        'INSERT INTO reading (at, reader_id, address, page, person_id, unit_id, count) '
        "SELECT v.last_at, v.reader_id, '', v.page, v.person_id, p.unit_id, 1 "
        'FROM record_view v JOIN person p ON p.id = v.person_id'
    )
    migrator.migrate(migrator.drop_table('record_view'))
    for name, columns in INDEXES.items():
        db.execute_sql(f'CREATE INDEX {name} ON {columns}')


def down(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class RecordView(Model):
        reader = ForeignKeyField(Person)
        person = ForeignKeyField(Person)
        page = CharField(max_length=20)
        day = DateField()
        last_at = UtcDateTimeField()
        times = IntegerField(default=1)
        class Meta:
            database = db
            table_name = 'record_view'
            indexes = ((('person', 'day', 'reader', 'page'), True),)
    for name in INDEXES:
        db.execute_sql(f'DROP INDEX {name}')
    db.create_tables([RecordView])
    migrator.migrate(migrator.drop_table('reading'))
