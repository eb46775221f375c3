"""Media."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Unit(Model):
        class Meta:
            database = db
            table_name = 'unit'

    class Asset(Model):
        sha256 = CharField(unique=True, max_length=64)
        kind = CharField(max_length=12)
        file_name = CharField(max_length=300)
        size = BigIntegerField()
        mime = CharField(max_length=120, default='')
        duration_ms = IntegerField(null=True)
        width = IntegerField(null=True)
        height = IntegerField(null=True)
        state = CharField(max_length=12, default='waiting')
        refusal_code = CharField(max_length=60, default='')
        refusal_params = JsonField(null=True)
        unit = ForeignKeyField(Unit, null=True)
        created_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'asset'
    db.create_tables([Asset])

    class Caption(Model):
        asset = ForeignKeyField(Asset, on_delete='CASCADE')
        language = CharField(max_length=20)
        label = CharField(max_length=60)
        path = CharField(max_length=200)
        cues = IntegerField()
        class Meta:
            database = db
            table_name = 'caption'
            indexes = ((('asset', 'language'), True),)
    db.create_tables([Caption])

    class Rendition(Model):
        asset = ForeignKeyField(Asset, on_delete='CASCADE')
        name = CharField(max_length=40)
        kind = CharField(max_length=12)
        height = IntegerField(null=True)
        bandwidth = IntegerField(null=True)
        average_bandwidth = IntegerField(null=True)
        folder = CharField(max_length=200)
        class Meta:
            database = db
            table_name = 'rendition'
            indexes = ((('asset', 'name'), True),)
    db.create_tables([Rendition])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('rendition'))
    migrator.migrate(migrator.drop_table('caption'))
    migrator.migrate(migrator.drop_table('asset'))
