"""The real tree and the real-looking rosters together: everybody in, nothing the second time, nothing guessed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

import learnhub.org
from learnhub.org import actions
from learnhub.org.actions import roster
from learnhub.org.models import Person, RoleGrant, Station, Unit
from learnhub.org.queries import roster as queries
from learnhub.org.ranks import load_ranks
from learnhub.org.roster.models import ImportLine, ImportRun
from learnhub.org.scope import Actor, load_actor
from tests.org.roster.test_importing import carry_on
from tests.selection import shared_data_folder

pytestmark = pytest.mark.shared_data
REFUSED = {"org.roster_cell_formula": 1, "org.roster_name_bad": 2}
"""Rows of the file whose names begin with = or @."""
NAMES = ("yuxi-divisions.csv", "yuxi-stations-1409.csv", "yuxi-counts.csv")


@pytest.fixture
def root(db: str, now: datetime) -> Actor:
    """Somebody who administrates the whole of Yuxi, imported from the public files."""
    folder = shared_data_folder() / "divisions"
    actions.import_units(None, (folder / NAMES[0]).read_bytes(), file_name="u", now=now)
    actions.import_stations(None, (folder / NAMES[1]).read_bytes(), file_name="s", now=now)
    load_ranks()
    city = Unit.get(Unit.level == "city")
    person = Person.create(name="管理员", name_folded="管理员", unit=city, created_at=now)
    RoleGrant.create(person=person, role="system_admin", unit=city, starts_at=now)
    return load_actor(person.id, now)


def test_the_stations_of_yuxi_sum_per_county_to_the_published_counts(root: Actor) -> None:
    folder = shared_data_folder() / "divisions"
    total = 0
    with (folder / NAMES[2]).open(encoding="utf-8-sig", newline="") as source:
        for row in csv.DictReader(source):
            county = Unit.get(Unit.code == row["county_code"])
            count = Station.select().join(Unit).where(Unit.path.within(county.path)).count()
            assert count == int(row["stations_total"]), county.name
            total += count
    assert total + Station.select().join(Unit).where(Unit.level == "city").count() == Station.select().count() == 1409
    demo = Path(learnhub.org.__file__).parent / "demo"
    assert all((demo / name).read_bytes() == (folder / name).read_bytes() for name in NAMES)


def _import(root: Actor, name: str, folder: Path, now: datetime, *, apply: bool) -> ImportRun:
    raw = (shared_data_folder() / "rosters" / name).read_bytes()
    run = roster.start_import(root, [raw], file_name=name, data_dir=folder, now=now)
    carry_on(run, root, folder, now)
    if apply:
        roster.apply_import(root, run.id, now=now)
        carry_on(run, root, folder, now)
    return queries.get_run(run.id)


def test_a_roster_of_the_whole_city_comes_in_once_in_whatever_encoding(
    root: Actor, tmp_path: Path, now: datetime
) -> None:
    run = _import(root, "roster-clean-utf8-bom.csv", tmp_path, now, apply=True)
    lines = ImportLine.select().where(ImportLine.run == run)
    assert Counter(line.code for line in lines.where(ImportLine.outcome == "refused")) == REFUSED
    assert run.counts["created"] == 300 - sum(REFUSED.values())
    raw = (shared_data_folder() / "rosters" / "roster-clean-utf8-bom.csv").read_text("utf-8-sig")
    written = {row[0].strip("\u200b\ufeff \u3000\xa0") for row in csv.reader(io.StringIO(raw))}
    stored = {name for (name,) in Person.select(Person.name).where(Person.name != "管理员").tuples()}
    assert stored <= written
    again = _import(root, "roster-gb18030.csv", tmp_path, now, apply=False)
    assert (again.counts["created"], again.counts["changed"]) == (0, 0)
