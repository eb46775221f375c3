"""Captions by versions: each saving is kept, and who saves tells on which version it rests."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import UtcDateTimeField


def up(migrator, db):
    class Asset(Model):
        class Meta:
            database = db
            table_name = "asset"

    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class CaptionVersion(Model):
        asset = ForeignKeyField(Asset, on_delete="CASCADE")
        language = CharField(max_length=20)
        number = IntegerField()
        path = CharField(max_length=200)
        cues = IntegerField()
        origin = CharField(max_length=12)
        person = ForeignKeyField(Person, null=True)
        created_at = UtcDateTimeField(null=True)

        class Meta:
            database = db
            table_name = "caption_version"
            indexes = ((("asset", "language", "number"), True),)

    db.create_tables([CaptionVersion])
    db.execute_sql("ALTER TABLE caption ADD COLUMN version INTEGER NOT NULL DEFAULT 1")
    db.execute_sql(
        "INSERT INTO caption_version (asset_id, language, number, path, cues, origin)"
        " SELECT asset_id, language, 1, path, cues, 'file' FROM caption"
    )


def down(migrator, db):
    db.execute_sql("ALTER TABLE caption DROP COLUMN version")
    migrator.migrate(migrator.drop_table("caption_version"))
