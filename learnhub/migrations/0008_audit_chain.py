"""Audit chain: every line carries its place in a chain and the digests that hold it there; nobody changes or deletes one.

The lines that stand already become the chain number 1, in the order of their ids.
"""

import hashlib
import json

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

BATCH = 2000
SAID = 'at, actor_id, address, action, subject_kind, subject_id, unit_id, detail'


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Unit(Model):
        class Meta:
            database = db
            table_name = 'unit'

    class AuditChain(Model):
        number = IntegerField()
        digest = CharField(max_length=64)
        class Meta:
            database = db
            table_name = 'audit_chain'

    class AuditLine(Model):
        at = UtcDateTimeField(index=True)
        actor = ForeignKeyField(Person, null=True)
        address = CharField(max_length=64, default='')
        action = CharField(max_length=60)
        subject_kind = CharField(max_length=40)
        subject_id = CharField(max_length=60)
        unit = ForeignKeyField(Unit, null=True)
        detail = JsonField()
        chain = ForeignKeyField(AuditChain)
        number = IntegerField()
        previous_digest = CharField(max_length=64)
        digest = CharField(max_length=64)
        class Meta:
            database = db
            table_name = 'audit_line'
            indexes = ((('subject_kind', 'subject_id'), False), (('chain', 'number'), True))

    # A new table and not new columns: SQLite can add none that must be filled.
    db.execute_sql('CREATE TABLE audit_line_before AS SELECT * FROM audit_line')
    db.execute_sql('DROP TABLE audit_line')
    db.create_tables([AuditChain, AuditLine])
    number, digest, last_id = 0, '0' * 64, 0
    chain = AuditChain.create(number=0, digest=digest)
    mark = '%s' if isinstance(db, PostgresqlDatabase) else '?'
    select = f'SELECT id, {SAID} FROM audit_line_before WHERE id > {mark} ORDER BY id LIMIT {BATCH}'
    insert = (f'INSERT INTO audit_line (id, {SAID}, chain_id, number, previous_digest, digest) '
              f'VALUES ({", ".join([mark] * 13)})')
    while rows := db.execute_sql(select, (last_id,)).fetchall():
        for row in rows:
            at, *said = row[1:]
            moment = AuditLine.at.python_value(at).replace(tzinfo=None).isoformat()
            previous, number = digest, number + 1
            values = [moment, *said, chain.id, number, previous]
            digest = hashlib.sha256(json.dumps(values, ensure_ascii=False, separators=(',', ':')).encode()).hexdigest()
            db.execute_sql(insert, (*row, chain.id, number, previous, digest))
        last_id = rows[-1][0]
    AuditChain.update(number=number, digest=digest).where(AuditChain.id == chain.id).execute()
    db.execute_sql('DROP TABLE audit_line_before')
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql("SELECT setval(pg_get_serial_sequence('audit_line', 'id'), %s, %s)", (max(1, last_id), last_id > 0))
    for statement in SEAL_POSTGRES if isinstance(db, PostgresqlDatabase) else SEAL_SQLITE:
        db.execute_sql(statement)


SEAL_SQLITE = (
    """CREATE TRIGGER audit_line_no_update BEFORE UPDATE ON audit_line
    BEGIN SELECT RAISE(ABORT, 'audit lines are never changed'); END""",
    """CREATE TRIGGER audit_line_no_delete BEFORE DELETE ON audit_line
    BEGIN SELECT RAISE(ABORT, 'audit lines are never deleted'); END""",
)
SEAL_POSTGRES = (
    """CREATE FUNCTION audit_line_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit lines are never changed or deleted'; END $$""",
    """CREATE TRIGGER audit_line_no_change BEFORE UPDATE OR DELETE ON audit_line
    FOR EACH ROW EXECUTE FUNCTION audit_line_refuse()""",
    """CREATE TRIGGER audit_line_no_truncate BEFORE TRUNCATE ON audit_line
    FOR EACH STATEMENT EXECUTE FUNCTION audit_line_refuse()""",
)


def down(migrator, db):
    db.execute_sql('CREATE TABLE audit_line_before AS SELECT id, ' + SAID + ' FROM audit_line')
    migrator.migrate(migrator.drop_table('audit_line'))
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql('DROP FUNCTION audit_line_refuse()')
    migrator.migrate(migrator.drop_table('audit_chain'))

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Unit(Model):
        class Meta:
            database = db
            table_name = 'unit'

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
    db.execute_sql(f'INSERT INTO audit_line (id, {SAID}) SELECT id, {SAID} FROM audit_line_before')
    db.execute_sql('DROP TABLE audit_line_before')
