"""The schema's history leads to exactly what the models say, on both databases and from each earlier state."""

from __future__ import annotations

from peewee import sort_models
from playhouse.schema_diff import diff_models

from learnhub.kernel import db as kernel_db
from learnhub.migrations import FOLDER, migrate, pending
from learnhub.tables import all_tables


def test_migrated_schema_equals_the_models(db: str) -> None:
    difference = diff_models(kernel_db.db.obj, sort_models(all_tables()))
    assert not difference, str(difference)


def test_every_model_is_listed(db: str) -> None:
    listed = {table._meta.table_name for table in all_tables()} | {"schema_migration"}
    assert set(kernel_db.db.get_tables()) <= listed | {"sqlite_sequence"}


def test_migrating_again_changes_nothing(db: str) -> None:
    assert migrate(kernel_db.db.obj) == []
    assert pending(kernel_db.db.obj) == []


def test_migrations_have_each_a_number_of_their_own_and_say_what_they_do() -> None:
    files = sorted(path for path in FOLDER.glob("[0-9]*.py"))
    numbers = [int(path.name[:4]) for path in files]
    assert len(set(numbers)) == len(numbers)
    for path in files:
        assert path.read_text("utf-8").startswith('"""'), f"{path.name} needs a docstring"
