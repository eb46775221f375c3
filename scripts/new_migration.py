"""Writes the next migration from what the models have and the migrated schema has not.

    python scripts/new_migration.py NAME            the difference for all features, as learnhub/migrations/NNNN_NAME.py
    python scripts/new_migration.py NAME FEATURE    the same for one feature's tables

The result is a draft: read it, order it, give new columns of filled tables a default. Never edit a released one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from peewee import sort_models
from playhouse.migrations import template
from playhouse.schema_diff import diff_models

from learnhub.kernel.db import connect
from learnhub.migrations import FOLDER, migrate
from learnhub.tables import all_tables, tables_of


def main(name: str, feature: str | None = None) -> None:
    """Migrates an empty database, compares it with the models and writes the file."""
    with tempfile.TemporaryDirectory() as folder:
        database = connect(f"sqlite:///{folder}/schema.sqlite3")
        migrate(database)
        diff = diff_models(database, sort_models(tables_of(feature) if feature else all_tables()))
        if not diff:
            sys.exit("The migrated schema matches the models.")
        taken = {int(path.name[:4]) for path in FOLDER.glob("[0-9]*.py")}
        number = next(number for number in range(len(taken) + 1) if number not in taken)
        path = FOLDER / f"{number:04d}_{name}.py"
        path.write_text(_tidy(template(diff), name), "utf-8")
        print(path.relative_to(Path.cwd()))


def _tidy(body: str, name: str) -> str:
    lines = [line for line in body.splitlines() if not line.startswith("# Generated")]
    text = "\n".join(lines).replace("from peewee import *", "from peewee import *  # noqa: F403")
    return f'"""{name.replace("_", " ").capitalize()}."""\n\n' + text.strip() + "\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
