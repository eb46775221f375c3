"""Reports."""

from peewee import *  # noqa: F403

def up(migrator, db):
    class RefusedReports(Model):
        day = DateField()
        code = CharField(max_length=40)
        number = BigIntegerField()
        class Meta:
            database = db
            table_name = 'refused_reports'
            indexes = ((('day', 'code'), True),)
    db.create_tables([RefusedReports])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('refused_reports'))
