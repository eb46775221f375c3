"""Jobs."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Job(Model):
        kind = CharField(max_length=60)
        key = CharField(null=True, max_length=120)
        payload = JsonField()
        state = CharField(max_length=12, default='waiting')
        share = FloatField(default=0)
        note = TextField(default='')
        attempts = IntegerField(default=0)
        run_at = UtcDateTimeField()
        created_at = UtcDateTimeField()
        started_at = UtcDateTimeField(null=True)
        beat_at = UtcDateTimeField(null=True)
        finished_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'job'
            indexes = ((('state', 'run_at'), False), (('key', 'state'), False))
    db.create_tables([Job])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('job'))
