"""Hours that can be proved: rules kept and chosen, figures of the year, signed heads, claims, objections, questions."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class LedgerEntry(Model):
        class Meta:
            database = db
            table_name = 'ledger_entry'

    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Unit(Model):
        class Meta:
            database = db
            table_name = 'unit'

    class Anomaly(Model):
        key = CharField(unique=True, max_length=120)
        kind = CharField(max_length=20)
        person = ForeignKeyField(Person)
        unit = ForeignKeyField(Unit)
        facts = JsonField()
        happened_at = UtcDateTimeField()
        found_at = UtcDateTimeField()
        reply = CharField(max_length=1000, default='')
        replied_at = UtcDateTimeField(null=True)
        outcome = CharField(max_length=12, default='open')
        reason = CharField(max_length=1000, default='')
        decided_by = ForeignKeyField(Person, null=True)
        decided_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'anomaly'
            indexes = ((('outcome', 'found_at'), False), (('person',), False))
    db.create_tables([Anomaly])

    class RuleVersion(Model):
        code = CharField(max_length=40)
        digest = CharField(unique=True, max_length=64)
        text = TextField()
        entered_by = ForeignKeyField(Person, null=True)
        entered_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'rule_version'
            indexes = ((('code',), False),)
    db.create_tables([RuleVersion])

    class DryRun(Model):
        version = ForeignKeyField(RuleVersion)
        unit = ForeignKeyField(Unit)
        year = IntegerField()
        asked_by = ForeignKeyField(Person)
        asked_at = UtcDateTimeField()
        job = IntegerField(null=True)
        done_at = UtcDateTimeField(null=True)
        people = IntegerField(default=0)
        summary = JsonField(null=True)
        class Meta:
            database = db
            table_name = 'dry_run'
    db.create_tables([DryRun])

    class DryRunLine(Model):
        run = ForeignKeyField(DryRun, on_delete='CASCADE')
        person = ForeignKeyField(Person)
        had = IntegerField()
        would_have = IntegerField()
        was_reached = BooleanField()
        would_reach = BooleanField()
        changed = BooleanField()
        class Meta:
            database = db
            table_name = 'dry_run_line'
            indexes = ((('run', 'person'), True), (('run', 'changed'), False))
    db.create_tables([DryRunLine])

    class HoursClaim(Model):
        person = ForeignKeyField(Person)
        year = IntegerField()
        kind = CharField(max_length=20)
        title = CharField(max_length=200)
        organiser = CharField(max_length=200)
        first_day = DateField()
        last_day = DateField()
        centihours = IntegerField()
        is_required = BooleanField(default=False)
        document = CharField(max_length=64)
        document_name = CharField(max_length=200)
        document_kind = CharField(max_length=12)
        filed_at = UtcDateTimeField()
        state = CharField(max_length=12, default='waiting')
        decided_by = ForeignKeyField(Person, null=True)
        decided_at = UtcDateTimeField(null=True)
        reason = CharField(max_length=500, default='')
        entry = ForeignKeyField(LedgerEntry, null=True)
        class Meta:
            database = db
            table_name = 'hours_claim'
            indexes = ((('person', 'year'), False), (('state', 'filed_at'), False))
    db.create_tables([HoursClaim])

    class LedgerHead(Model):
        number = IntegerField(unique=True)
        at = UtcDateTimeField()
        record = TextField()
        class Meta:
            database = db
            table_name = 'ledger_head'
    db.create_tables([LedgerHead])

    class Objection(Model):
        person = ForeignKeyField(Person)
        year = IntegerField()
        entry = ForeignKeyField(LedgerEntry, null=True)
        text = CharField(max_length=1000)
        filed_at = UtcDateTimeField()
        outcome = CharField(max_length=12, default='open')
        answer = CharField(max_length=1000, default='')
        answered_by = ForeignKeyField(Person, null=True)
        answered_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'objection'
            indexes = ((('person', 'year'), False), (('outcome', 'filed_at'), False))
    db.create_tables([Objection])

    class RuleChoice(Model):
        unit = ForeignKeyField(Unit, null=True)
        year = IntegerField()
        version = ForeignKeyField(RuleVersion)
        chosen_by = ForeignKeyField(Person, null=True)
        chosen_at = UtcDateTimeField()
        reason = CharField(max_length=300, default='')
        class Meta:
            database = db
            table_name = 'rule_choice'
            indexes = ((('year', 'unit'), False),)
    db.create_tables([RuleChoice])

    class YearHours(Model):
        person = ForeignKeyField(Person)
        year = IntegerField()
        source = CharField(max_length=20)
        given = IntegerField()
        counted = IntegerField()
        required = IntegerField()
        rule = CharField(max_length=80)
        class Meta:
            database = db
            table_name = 'year_hours'
            indexes = ((('person', 'year', 'source'), True), (('year', 'source'), False))
    db.create_tables([YearHours])
    # Up to now no rule had caps: what was given counts.
    db.execute_sql('''
        INSERT INTO year_hours (person_id, year, source, given, counted, required, rule)
        SELECT person_id, year, source, SUM(centihours), SUM(centihours),
               SUM(CASE WHEN is_required THEN centihours ELSE 0 END), MAX(rule)
        FROM ledger_entry GROUP BY person_id, year, source HAVING SUM(centihours) > 0
    ''')
    for statement in SEAL_POSTGRES if isinstance(db, PostgresqlDatabase) else SEAL_SQLITE:
        db.execute_sql(statement)


SEALED = ('rule_version', 'rule_choice', 'ledger_head')

# No lesson gives hours to a person in a year in which it gives them already, whatever key an entry carries.
SEAL_SQLITE = (
    """CREATE TRIGGER ledger_entry_no_double BEFORE INSERT ON ledger_entry
    WHEN NEW.centihours > 0 AND NEW.lesson_id IS NOT NULL BEGIN
      SELECT RAISE(ABORT, 'these hours stand already') WHERE (
        SELECT COALESCE(SUM(centihours), 0) FROM ledger_entry
        WHERE person_id = NEW.person_id AND lesson_id = NEW.lesson_id AND year = NEW.year) > 0;
    END""",
    *(f"""CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table}
    BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"""
      for table in SEALED for what in ('UPDATE', 'DELETE')),
)
SEAL_POSTGRES = (
    """CREATE FUNCTION ledger_entry_refuse_double() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT COALESCE(SUM(centihours), 0) FROM ledger_entry
          WHERE person_id = NEW.person_id AND lesson_id = NEW.lesson_id AND year = NEW.year) > 0 THEN
        RAISE EXCEPTION 'these hours stand already' USING ERRCODE = 'unique_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER ledger_entry_no_double BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.centihours > 0 AND NEW.lesson_id IS NOT NULL) EXECUTE FUNCTION ledger_entry_refuse_double()""",
    """CREATE FUNCTION sealed_row_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never changed or deleted'; END $$""",
    *(f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION sealed_row_refuse()""" for table in SEALED),
)


def down(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql('DROP TRIGGER ledger_entry_no_double ON ledger_entry')
        db.execute_sql('DROP FUNCTION ledger_entry_refuse_double()')
        db.execute_sql('DROP FUNCTION sealed_row_refuse() CASCADE')
    else:
        db.execute_sql('DROP TRIGGER ledger_entry_no_double')
    migrator.migrate(migrator.drop_table('year_hours'))
    migrator.migrate(migrator.drop_table('rule_choice'))
    migrator.migrate(migrator.drop_table('objection'))
    migrator.migrate(migrator.drop_table('ledger_head'))
    migrator.migrate(migrator.drop_table('hours_claim'))
    migrator.migrate(migrator.drop_table('dry_run_line'))
    migrator.migrate(migrator.drop_table('dry_run'))
    migrator.migrate(migrator.drop_table('rule_version'))
    migrator.migrate(migrator.drop_table('anomaly'))
