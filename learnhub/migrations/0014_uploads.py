"""Uploads: files on their way in, quotas, and the end of a medium's life."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class Unit(Model):
        class Meta:
            database = db
            table_name = "unit"

    class Asset(Model):
        class Meta:
            database = db
            table_name = "asset"

    migrator.migrate(
        migrator.add_column("asset", "withdrawn_at", UtcDateTimeField(null=True)),
        migrator.add_column("asset", "withdrawn_reason", CharField(max_length=300, default="")),
        migrator.add_column("asset", "expires_on", DateField(null=True)),
    )

    class Upload(Model):
        person = ForeignKeyField(Person)
        unit = ForeignKeyField(Unit)
        file_name = CharField(max_length=300)
        size = BigIntegerField()
        received = BigIntegerField(default=0)
        turn = IntegerField(default=0)
        sha256 = CharField(max_length=64, default="")
        state = CharField(max_length=12)
        asset = ForeignKeyField(Asset, null=True)
        is_repeat = BooleanField(default=False)
        refusal_code = CharField(max_length=60, default="")
        refusal_params = JsonField(null=True)
        created_at = UtcDateTimeField(index=True)
        changed_at = UtcDateTimeField()
        expires_at = UtcDateTimeField(index=True)

        class Meta:
            database = db
            table_name = "upload"
            indexes = ((("unit", "state"), False), (("person", "state"), False))

    db.create_tables([Upload])

    class MediaQuota(Model):
        unit = ForeignKeyField(Unit, unique=True)
        bytes = BigIntegerField()
        changed_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "media_quota"

    db.create_tables([MediaQuota])


def down(migrator, db):
    migrator.migrate(
        migrator.drop_table("media_quota"),
        migrator.drop_table("upload"),
        migrator.drop_column("asset", "expires_on"),
        migrator.drop_column("asset", "withdrawn_reason"),
        migrator.drop_column("asset", "withdrawn_at"),
    )
