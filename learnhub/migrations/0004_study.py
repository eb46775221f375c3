"""Study."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Course(Model):
        class Meta:
            database = db
            table_name = 'course'

    class Lesson(Model):
        class Meta:
            database = db
            table_name = 'lesson'

    class LessonVersion(Model):
        class Meta:
            database = db
            table_name = 'lesson_version'

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Attempt(Model):
        person = ForeignKeyField(Person)
        version = ForeignKeyField(LessonVersion)
        number = IntegerField()
        answers = JsonField()
        score = FloatField()
        is_passed = BooleanField()
        at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'attempt'
            indexes = ((('person', 'version', 'number'), True),)
    db.create_tables([Attempt])

    class Completion(Model):
        person = ForeignKeyField(Person)
        course = ForeignKeyField(Course)
        completed_at = UtcDateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'completion'
            indexes = ((('person', 'course'), True), (('course', 'completed_at'), False))
    db.create_tables([Completion])

    class LedgerEntry(Model):
        person = ForeignKeyField(Person)
        number = IntegerField()
        year = IntegerField()
        source = CharField(max_length=20)
        is_required = BooleanField()
        centihours = IntegerField()
        credit_key = CharField(unique=True, max_length=120)
        course = ForeignKeyField(Course, null=True)
        lesson = ForeignKeyField(Lesson, null=True)
        rule = CharField(max_length=80)
        evidence = JsonField()
        evidence_digest = CharField(max_length=64)
        previous_digest = CharField(max_length=64)
        digest = CharField(max_length=64)
        earned_at = UtcDateTimeField()
        written_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'ledger_entry'
            indexes = ((('person', 'number'), True), (('person', 'year'), False), (('course', 'person'), False), (('earned_at',), False))
    db.create_tables([LedgerEntry])

    class Progress(Model):
        person = ForeignKeyField(Person)
        version = ForeignKeyField(LessonVersion)
        lesson = ForeignKeyField(Lesson)
        course = ForeignKeyField(Course)
        length_ms = BigIntegerField(default=0)
        needed_ms = BigIntegerField(default=0)
        seen = JsonField()
        seen_ms = BigIntegerField(default=0)
        position_ms = BigIntegerField(default=0)
        started_at = UtcDateTimeField()
        changed_at = UtcDateTimeField()
        done_at = UtcDateTimeField(null=True)
        done_by = CharField(max_length=12, default='')
        class Meta:
            database = db
            table_name = 'progress'
            indexes = ((('person', 'version'), True), (('person', 'changed_at'), False), (('person', 'lesson'), False), (('course', 'person'), False))
    db.create_tables([Progress])

    class Viewing(Model):
        id = CharField(primary_key=True, max_length=20)
        person = ForeignKeyField(Person)
        version = ForeignKeyField(LessonVersion)
        opened_at = UtcDateTimeField()
        reported_at = UtcDateTimeField()
        budget_ms = BigIntegerField(default=0)
        filled_ms = BigIntegerField(default=0)
        seen = JsonField()
        refused_ms = BigIntegerField(default=0)
        last_seq = IntegerField(default=0)
        reports = IntegerField(default=0)
        refusals = IntegerField(default=0)
        ended_at = UtcDateTimeField(null=True)
        ended_by = CharField(max_length=20, default='')
        device = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'viewing'
            indexes = ((('person', 'opened_at'), False), (('person', 'version'), False))
    db.create_tables([Viewing])
    db.execute_sql('CREATE UNIQUE INDEX viewing_live ON viewing (person_id) WHERE ended_at IS NULL')
    for statement in SEAL_POSTGRES if isinstance(db, PostgresqlDatabase) else SEAL_SQLITE:
        db.execute_sql(statement)


# Nobody changes or deletes what was written into the ledger, whatever the code above the database does.
SEAL_SQLITE = (
    """CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END""",
    """CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END""",
)
SEAL_POSTGRES = (
    """CREATE FUNCTION ledger_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'ledger entries are never changed or deleted'; END $$""",
    """CREATE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_refuse()""",
    """CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_refuse()""",
)


def down(migrator, db):
    migrator.migrate(migrator.drop_table('viewing'))
    migrator.migrate(migrator.drop_table('progress'))
    migrator.migrate(migrator.drop_table('ledger_entry'))
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql('DROP FUNCTION ledger_entry_refuse()')
    migrator.migrate(migrator.drop_table('completion'))
    migrator.migrate(migrator.drop_table('attempt'))
