"""Search."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class SearchMiss(Model):
        query = CharField(unique=True, max_length=60)
        count = IntegerField(default=0)
        first_at = UtcDateTimeField()
        last_at = UtcDateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'search_miss'
    db.create_tables([SearchMiss])

    class SearchOutbox(Model):
        source = CharField(max_length=40)
        source_id = CharField(max_length=60)
        created_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'search_outbox'
            indexes = ((('source', 'source_id'), False),)
    db.create_tables([SearchOutbox])

    class SearchText(Model):
        source = CharField(max_length=40)
        source_id = CharField(max_length=60)
        part = CharField(max_length=80)
        kind = CharField(max_length=12)
        title = CharField(max_length=300)
        body = TextField()
        folded = TextField()
        url = CharField(max_length=300)
        parents = JsonField()
        category = CharField(max_length=80, default='')
        level = CharField(max_length=40, default='')
        unit_ids = JsonField()
        cues = JsonField()
        start_ms = IntegerField(null=True)
        length_s = IntegerField(null=True)
        updated_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'search_text'
            indexes = ((('source', 'source_id', 'part'), True),)
    db.create_tables([SearchText])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('search_text'))
    migrator.migrate(migrator.drop_table('search_outbox'))
    migrator.migrate(migrator.drop_table('search_miss'))
