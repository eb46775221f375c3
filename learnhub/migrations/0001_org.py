"""Org."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import PathField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Unit(Model):
        code = CharField(unique=True, max_length=40)
        name = CharField(index=True, max_length=200)
        level = CharField(max_length=12)
        parent = ForeignKeyField('self', null=True)
        path = PathField(index=True)
        is_retired = BooleanField(default=False)
        class Meta:
            database = db
            table_name = 'unit'
    db.create_tables([Unit])

    class Rank(Model):
        code = CharField(unique=True, max_length=40)
        name = CharField(max_length=80)
        name_en = CharField(max_length=120)
        order = IntegerField()
        class Meta:
            database = db
            table_name = 'rank'
    db.create_tables([Rank])

    class Person(Model):
        staff_no = CharField(unique=True, null=True, max_length=40)
        name = CharField(max_length=80)
        name_folded = CharField(index=True, max_length=80)
        unit = ForeignKeyField(Unit)
        rank = ForeignKeyField(Rank, null=True)
        duty = CharField(max_length=120, default='')
        is_active = BooleanField(default=True)
        created_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'person'
    db.create_tables([Person])

    class Account(Model):
        person = ForeignKeyField(Person, unique=True)
        username = CharField(unique=True, max_length=80)
        password_hash = CharField(max_length=200)
        must_change = BooleanField(default=True)
        locale = CharField(max_length=8, default='')
        last_login_at = UtcDateTimeField(null=True)
        created_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'account'
    db.create_tables([Account])

    class AuditLine(Model):
        at = UtcDateTimeField(index=True)
        actor = ForeignKeyField(Person, null=True)
        address = CharField(max_length=64, default='')
        action = CharField(max_length=60)
        subject_kind = CharField(max_length=40)
        subject_id = CharField(max_length=60)
        unit = ForeignKeyField(Unit, null=True)
        detail = JsonField()
        class Meta:
            database = db
            table_name = 'audit_line'
            indexes = ((('subject_kind', 'subject_id'), False),)
    db.create_tables([AuditLine])

    class LoginFailure(Model):
        subject = CharField(max_length=100)
        address = CharField(max_length=64)
        at = UtcDateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'login_failure'
            indexes = ((('subject', 'at'), False), (('address', 'at'), False))
    db.create_tables([LoginFailure])

    class LoginSession(Model):
        token_hash = CharField(unique=True, max_length=64)
        account = ForeignKeyField(Account, on_delete='CASCADE')
        created_at = UtcDateTimeField()
        seen_at = UtcDateTimeField()
        expires_at = UtcDateTimeField()
        ended_at = UtcDateTimeField(null=True)
        address = CharField(max_length=64, default='')
        browser = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'login_session'
    db.create_tables([LoginSession])

    class RoleGrant(Model):
        person = ForeignKeyField(Person)
        role = CharField(max_length=40)
        unit = ForeignKeyField(Unit)
        granted_by = ForeignKeyField(Person, null=True)
        starts_at = UtcDateTimeField()
        ends_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'role_grant'
            indexes = ((('person', 'role', 'unit'), False),)
    db.create_tables([RoleGrant])

    class Station(Model):
        station_no = CharField(unique=True, max_length=40)
        name = CharField(max_length=300)
        unit = ForeignKeyField(Unit)
        is_open = BooleanField(default=True)
        class Meta:
            database = db
            table_name = 'station'
    db.create_tables([Station])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('station'))
    migrator.migrate(migrator.drop_table('role_grant'))
    migrator.migrate(migrator.drop_table('login_session'))
    migrator.migrate(migrator.drop_table('login_failure'))
    migrator.migrate(migrator.drop_table('audit_line'))
    migrator.migrate(migrator.drop_table('account'))
    migrator.migrate(migrator.drop_table('person'))
    migrator.migrate(migrator.drop_table('rank'))
    migrator.migrate(migrator.drop_table('unit'))
