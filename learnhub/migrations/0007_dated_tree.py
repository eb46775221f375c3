"""Dated tree: how units, stations and people stood before each change; the Party's tree; who looked at a record.

What stands already counts from 1 January 2000 (people: from the day they were entered), so nothing has to be filled in.
"""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = 'person'

    class Station(Model):
        class Meta:
            database = db
            table_name = 'station'

    class Unit(Model):
        class Meta:
            database = db
            table_name = 'unit'

    class TreeChange(Model):
        kind = CharField(max_length=16)
        day = DateField()
        at = UtcDateTimeField()
        actor = ForeignKeyField(Person, null=True)
        unit = ForeignKeyField(Unit, null=True)
        other = ForeignKeyField(Unit, null=True)
        reason = CharField(max_length=300, default='')
        detail = JsonField()
        class Meta:
            database = db
            table_name = 'tree_change'
    db.create_tables([TreeChange])

    class PersonMerge(Model):
        kept = ForeignKeyField(Person)
        gone = ForeignKeyField(Person)
        change = ForeignKeyField(TreeChange)
        merged_at = UtcDateTimeField()
        moved = JsonField()
        undone_at = UtcDateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'person_merge'
    db.create_tables([PersonMerge])

    class PersonSpell(Model):
        person = ForeignKeyField(Person)
        unit = ForeignKeyField(Unit)
        branch = ForeignKeyField(Unit, null=True)
        is_active = BooleanField()
        from_day = DateField()
        until_day = DateField()
        change = ForeignKeyField(TreeChange)
        class Meta:
            database = db
            table_name = 'person_spell'
            indexes = ((('person', 'until_day'), True), (('person', 'from_day'), True), (('until_day',), False))
            constraints = [Check('from_day < until_day')]
    db.create_tables([PersonSpell])

    class PlannedTransfer(Model):
        person = ForeignKeyField(Person)
        unit = ForeignKeyField(Unit)
        branch = ForeignKeyField(Unit, null=True)
        day = DateField(index=True)
        reason = CharField(max_length=300, default='')
        planned_by = ForeignKeyField(Person, null=True)
        planned_at = UtcDateTimeField()
        state = CharField(max_length=10, default='planned')
        class Meta:
            database = db
            table_name = 'planned_transfer'
    db.create_tables([PlannedTransfer])

    class RecordView(Model):
        reader = ForeignKeyField(Person)
        person = ForeignKeyField(Person)
        page = CharField(max_length=20)
        day = DateField()
        last_at = UtcDateTimeField()
        times = IntegerField(default=1)
        class Meta:
            database = db
            table_name = 'record_view'
            indexes = ((('person', 'day', 'reader', 'page'), True),)
    db.create_tables([RecordView])

    class StationSpell(Model):
        station = ForeignKeyField(Station)
        unit = ForeignKeyField(Unit)
        name = CharField(max_length=300)
        is_open = BooleanField()
        from_day = DateField()
        until_day = DateField()
        change = ForeignKeyField(TreeChange)
        class Meta:
            database = db
            table_name = 'station_spell'
            indexes = ((('station', 'until_day'), True), (('station', 'from_day'), True), (('until_day',), False))
            constraints = [Check('from_day < until_day')]
    db.create_tables([StationSpell])

    class UnitSpell(Model):
        unit = ForeignKeyField(Unit)
        parent = ForeignKeyField(Unit, null=True)
        name = CharField(max_length=200)
        level = CharField(max_length=12)
        is_retired = BooleanField()
        from_day = DateField()
        until_day = DateField()
        change = ForeignKeyField(TreeChange)
        class Meta:
            database = db
            table_name = 'unit_spell'
            indexes = ((('unit', 'until_day'), True), (('unit', 'from_day'), True), (('until_day',), False))
            constraints = [Check('from_day < until_day')]
    db.create_tables([UnitSpell])

    for statement in COLUMNS:
        db.execute_sql(statement)
    for statement in GUARDS_POSTGRES if isinstance(db, PostgresqlDatabase) else GUARDS_SQLITE:
        db.execute_sql(statement)


# Added by plain SQL: peewee would rebuild the tables on SQLite, and rows that point at them forbid that.
COLUMNS = (
    "ALTER TABLE unit ADD COLUMN kind VARCHAR(8) NOT NULL DEFAULT 'admin'",
    "ALTER TABLE unit ADD COLUMN since DATE NOT NULL DEFAULT '2000-01-01'",
    "ALTER TABLE station ADD COLUMN since DATE NOT NULL DEFAULT '2000-01-01'",
    "ALTER TABLE person ADD COLUMN since DATE NOT NULL DEFAULT '2000-01-01'",
    "ALTER TABLE person ADD COLUMN branch_id INTEGER REFERENCES unit (id)",
    "CREATE INDEX person_branch_id ON person (branch_id)",
)

# Wrong levels, a parent of the other tree, loops and spells that overlap are refused whatever the code above does.
_DEPTH = (
    "CASE {0}.level WHEN 'city' THEN 1 WHEN 'county' THEN 2 WHEN 'township' THEN 3 WHEN 'village' THEN 4 "
    "WHEN 'group' THEN 5 WHEN 'committee' THEN 1 WHEN 'general' THEN 2 WHEN 'branch' THEN 3 ELSE 0 END"
)
_FITS = (
    f"(above.kind = below.kind AND ({_DEPTH.format('above')} < {_DEPTH.format('below')} "
    "OR (above.level = 'committee' AND below.level = 'committee')))"
)
_FITS_ABOVE = _FITS.replace("below.", "NEW.")
_FITS_BELOW = _FITS.replace("above.", "NEW.")
_WRONG = f"""(NEW.parent_id IS NULL AND NEW.level NOT IN ('city', 'committee'))
    OR (NEW.kind = 'party') <> (NEW.level IN ('committee', 'general', 'branch'))
    OR (NEW.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM unit above WHERE above.id = NEW.parent_id AND {_FITS_ABOVE}))"""
_WRONG_CHANGE = f"""EXISTS (SELECT 1 FROM unit below WHERE below.parent_id = NEW.id AND NOT {_FITS_BELOW})
    OR NEW.parent_id = NEW.id
    OR EXISTS (SELECT 1 FROM unit above WHERE above.id = NEW.parent_id AND OLD.path <> ''
               AND substr(above.path, 1, length(OLD.path)) = OLD.path)"""
SPELLS = (("unit_spell", "unit_id"), ("station_spell", "station_id"), ("person_spell", "person_id"))
_OVERLAPS = """EXISTS (SELECT 1 FROM {0} other WHERE other.{1} = NEW.{1} AND other.id <> NEW.id
    AND other.from_day < NEW.until_day AND NEW.from_day < other.until_day)"""

GUARDS_SQLITE = (
    f"""CREATE TRIGGER unit_place_insert BEFORE INSERT ON unit WHEN {_WRONG}
    BEGIN SELECT RAISE(ABORT, 'a unit of this level cannot stand there'); END""",
    f"""CREATE TRIGGER unit_place_update BEFORE UPDATE OF parent_id, level, kind ON unit WHEN {_WRONG} OR {_WRONG_CHANGE}
    BEGIN SELECT RAISE(ABORT, 'a unit of this level cannot stand there'); END""",
    *(
        f"""CREATE TRIGGER {table}_overlap BEFORE INSERT ON {table} WHEN {_OVERLAPS.format(table, subject)}
        BEGIN SELECT RAISE(ABORT, 'two spells overlap'); END"""
        for table, subject in SPELLS
    ),
)
GUARDS_POSTGRES = (
    f"""CREATE FUNCTION unit_place_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF {_WRONG} THEN RAISE EXCEPTION 'a unit of this level cannot stand there' USING ERRCODE = 'check_violation'; END IF;
    IF TG_OP = 'UPDATE' THEN
        IF {_WRONG_CHANGE} THEN
            RAISE EXCEPTION 'a unit of this level cannot stand there' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW; END $$""",
    """CREATE TRIGGER unit_place_insert BEFORE INSERT ON unit FOR EACH ROW EXECUTE FUNCTION unit_place_refuse()""",
    """CREATE TRIGGER unit_place_update BEFORE UPDATE OF parent_id, level, kind ON unit
    FOR EACH ROW EXECUTE FUNCTION unit_place_refuse()""",
    *(
        statement
        for table, subject in SPELLS
        for statement in (
            f"""CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF {_OVERLAPS.format(table, subject)} THEN
                RAISE EXCEPTION 'two spells overlap' USING ERRCODE = 'check_violation';
            END IF; RETURN NEW; END $$""",
            f"""CREATE TRIGGER {table}_overlap BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
        )
    ),
)


def down(migrator, db):
    postgres = isinstance(db, PostgresqlDatabase)
    for trigger in ("unit_place_insert", "unit_place_update"):
        db.execute_sql(f"DROP TRIGGER {trigger}" + (" ON unit" if postgres else ""))
    if postgres:
        db.execute_sql("DROP FUNCTION unit_place_refuse()")
    db.execute_sql("DROP INDEX person_branch_id")
    for table, column in (("person", "branch_id"), ("person", "since"), ("station", "since"), ("unit", "since"), ("unit", "kind")):
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    migrator.migrate(migrator.drop_table('unit_spell'))
    migrator.migrate(migrator.drop_table('station_spell'))
    migrator.migrate(migrator.drop_table('record_view'))
    migrator.migrate(migrator.drop_table('planned_transfer'))
    migrator.migrate(migrator.drop_table('person_spell'))
    migrator.migrate(migrator.drop_table('person_merge'))
    migrator.migrate(migrator.drop_table('tree_change'))
    if postgres:
        for table, _subject in SPELLS:
            db.execute_sql(f"DROP FUNCTION {table}_refuse()")
