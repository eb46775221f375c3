"""Second step: keys of authenticator apps, recovery codes; sessions that await a code or are on a shared computer."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import UtcDateTimeField


def up(migrator, db):
    class Account(Model):
        class Meta:
            database = db
            table_name = 'account'

    class SecondFactor(Model):
        account = ForeignKeyField(Account, unique=True, on_delete='CASCADE')
        key = CharField(max_length=64)
        last_step = BigIntegerField(default=0)
        created_at = UtcDateTimeField()
        confirmed_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'second_factor'
    db.create_tables([SecondFactor])

    class RecoveryCode(Model):
        account = ForeignKeyField(Account, on_delete='CASCADE')
        code_hash = CharField(max_length=64)
        used_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'recovery_code'
    db.create_tables([RecoveryCode])

    no = 'FALSE' if isinstance(db, PostgresqlDatabase) else '0'
    kind = 'BOOLEAN' if isinstance(db, PostgresqlDatabase) else 'INTEGER'
    for column in ('is_shared', 'awaits_code'):
        db.execute_sql(f'ALTER TABLE login_session ADD COLUMN {column} {kind} NOT NULL DEFAULT {no}')


def down(migrator, db):
    for column in ('is_shared', 'awaits_code'):
        db.execute_sql(f'ALTER TABLE login_session DROP COLUMN {column}')
    migrator.migrate(migrator.drop_table('recovery_code'))
    migrator.migrate(migrator.drop_table('second_factor'))
