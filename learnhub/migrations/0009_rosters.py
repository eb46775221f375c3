"""Rosters."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class ImportRun(Model):
        owner = ForeignKeyField(Person)
        address = CharField(max_length=64, default="")
        file_name = CharField(max_length=200)
        state = CharField(index=True, max_length=12)
        roots = JsonField()
        found = JsonField()
        columns = JsonField()
        counts = JsonField()
        digest = CharField(max_length=64, default="")
        refusal = CharField(max_length=60, default="")
        refusal_params = JsonField()
        job_id = IntegerField(null=True)
        created_at = UtcDateTimeField(index=True)
        applied_at = UtcDateTimeField(null=True)
        undone_at = UtcDateTimeField(null=True)
        reason = CharField(max_length=300, default="")

        class Meta:
            database = db
            table_name = "import_run"

    db.create_tables([ImportRun])

    class ImportLine(Model):
        run = ForeignKeyField(ImportRun, on_delete="CASCADE", index=False)
        sheet = CharField(max_length=60, default="")
        row = IntegerField()
        outcome = CharField(max_length=8)
        code = CharField(max_length=60, default="")
        params = JsonField(null=True)
        cells = JsonField()
        after = JsonField(null=True)
        before = JsonField(null=True)
        unit_id = IntegerField(null=True)
        person_id = IntegerField(null=True)

        class Meta:
            database = db
            table_name = "import_line"
            indexes = ((("run", "outcome", "id"), False),)

    db.create_tables([ImportLine])

    class ImportMapping(Model):
        person = ForeignKeyField(Person)
        headings_key = CharField(max_length=64)
        columns = JsonField()
        changed_at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "import_mapping"
            indexes = ((("person", "headings_key"), True),)

    db.create_tables([ImportMapping])


def down(migrator, db):
    migrator.migrate(migrator.drop_table("import_mapping"))
    migrator.migrate(migrator.drop_table("import_line"))
    migrator.migrate(migrator.drop_table("import_run"))
