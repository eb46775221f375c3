"""Leases, priorities and time left of jobs; the ladder of an asset; languages of its sounds."""

from peewee import *  # noqa: F403


def up(migrator, db):
    postgres = isinstance(db, PostgresqlDatabase)
    kind, no = ("BOOLEAN", "FALSE") if postgres else ("INTEGER", "0")
    for column in (
        "priority INTEGER NOT NULL DEFAULT 0",
        "worker VARCHAR(80) NOT NULL DEFAULT ''",
        f"is_cancelled {kind} NOT NULL DEFAULT {no}",
        "left_s INTEGER",
    ):
        db.execute_sql(f"ALTER TABLE job ADD COLUMN {column}")
    db.execute_sql("ALTER TABLE asset ADD COLUMN ladder VARCHAR(20) NOT NULL DEFAULT ''")
    db.execute_sql("ALTER TABLE rendition ADD COLUMN language VARCHAR(20) NOT NULL DEFAULT ''")
    db.execute_sql("ALTER TABLE rendition ADD COLUMN label VARCHAR(60) NOT NULL DEFAULT ''")
    # Until now there was one ladder.
    db.execute_sql("UPDATE asset SET ladder = 'a1' WHERE state = 'ready' AND kind IN ('video', 'audio')")


def down(migrator, db):
    for table, columns in {
        "rendition": ("label", "language"),
        "asset": ("ladder",),
        "job": ("left_s", "is_cancelled", "worker", "priority"),
    }.items():
        for column in columns:
            db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
