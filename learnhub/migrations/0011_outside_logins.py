"""Outside log-ins, one-time passwords with an end, slips in bulk, sealed keys, approvals of course folders."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import UtcDateTimeField


def up(migrator, db):
    is_postgres = isinstance(db, PostgresqlDatabase)

    class Account(Model):
        class Meta:
            database = db
            table_name = "account"

    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class Unit(Model):
        class Meta:
            database = db
            table_name = "unit"

    class OutsideLogin(Model):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        issuer = CharField(max_length=200)
        subject = CharField(max_length=255)
        linked_at = UtcDateTimeField()
        linked_by = ForeignKeyField(Person, null=True)

        class Meta:
            database = db
            table_name = "outside_login"
            indexes = ((("issuer", "subject"), True), (("account", "issuer"), True))

    class SlipRun(Model):
        key = CharField(max_length=40, unique=True)
        unit = ForeignKeyField(Unit)
        made_by = ForeignKeyField(Person)
        made_at = UtcDateTimeField()
        ends_at = UtcDateTimeField()
        count = IntegerField()

        class Meta:
            database = db
            table_name = "slip_run"

    class FolderReview(Model):
        folder = CharField(max_length=80)
        digest = CharField(max_length=64)
        unit = ForeignKeyField(Unit)
        reviewer = ForeignKeyField(Person)
        is_approval = BooleanField()
        comment = CharField(max_length=1000, default="")
        at = UtcDateTimeField()

        class Meta:
            database = db
            table_name = "folder_review"
            indexes = ((("folder", "digest"), False),)

    db.create_tables([OutsideLogin, SlipRun, FolderReview])
    no = "FALSE" if is_postgres else "0"
    kind = "BOOLEAN" if is_postgres else "INTEGER"
    db.execute_sql(f"ALTER TABLE login_session ADD COLUMN is_strong {kind} NOT NULL DEFAULT {no}")
    moment = "TIMESTAMP" if is_postgres else "DATETIME"
    db.execute_sql(f"ALTER TABLE account ADD COLUMN password_ends_at {moment}")
    if is_postgres:  # SQLite holds no text to its length
        db.execute_sql("ALTER TABLE second_factor ALTER COLUMN key TYPE VARCHAR(255)")


def down(migrator, db):
    # Sealed keys stay as they are: they are longer than the column was.
    db.execute_sql("ALTER TABLE account DROP COLUMN password_ends_at")
    db.execute_sql("ALTER TABLE login_session DROP COLUMN is_strong")
    for table in ("folder_review", "slip_run", "outside_login"):
        migrator.migrate(migrator.drop_table(table))
