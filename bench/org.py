"""The tree at its full size: powers, pages, re-organisations, for 1, 4 and 16 parts of 110,000 people and 13,000 units.

    make bench-org

Each figure stands beside its peer: the same question put to the same database as bare SQL, without the house around
it. That is also the limit: no code above the database can be faster. The database is temporary, SQLite as installed
(WAL, synchronous=FULL). People imports (bench/org_import.py) are measured after it. The last line is JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee

from bench.verdict import at_most, last_line
from learnhub.app import create_app
from learnhub.config import read_settings
from learnhub.kernel.db import connect, db, transaction
from learnhub.kernel.text import fold_name
from learnhub.migrations import migrate
from learnhub.org import actions, queries
from learnhub.org.models import Account, Person, RoleGrant, Unit
from learnhub.org.passwords import hash_password
from learnhub.org.ranks import load_ranks
from learnhub.org.rules import Level, NewUnit, SignInPolicy
from learnhub.org.scope import load_actor, may, scope_of
from learnhub.org.tree import place_units

NOW = datetime(2026, 6, 15, 2, tzinfo=UTC)
PEOPLE, UNITS, SUBTREE = 110_000, 13_000, 700
TARGETS = {"scope_ms": 1.0, "page_queries": 20, "move_s": 1.0}


def _median_ms(ask: Callable[[], Any], times: int = 200) -> float:
    took = []
    for _turn in range(times):
        begun = time.perf_counter()
        ask()
        took.append(time.perf_counter() - begun)
    return round(statistics.median(took) * 1000, 4)


def _build(people: int, units: int) -> None:
    """A city of counties, each a subtree of about :data:`SUBTREE` units, with people spread over all of them."""
    news = [NewUnit("c", "", Level.CITY, "玉溪市"), NewUnit("r", "c", Level.COUNTY, "接收县")]
    count = 0
    while len(news) < units:
        county = f"k{count // (SUBTREE - 1)}"
        place = count % (SUBTREE - 1)
        if place == 0:
            news.append(NewUnit(county, "c", Level.COUNTY, f"第{county}县"))
        town = f"{county}t{place // 12}"
        if place % 12 == 0:
            news.append(NewUnit(town, county, Level.TOWNSHIP, f"{town}镇"))
        else:
            news.append(NewUnit(f"{town}v{place}", town, Level.VILLAGE, f"{town}v{place}村"))
        count += 1
    place_units(news)
    ids = [unit_id for (unit_id,) in Unit.select(Unit.id).order_by(Unit.id).tuples()]
    rows = [(f"P{number}", "杨建国", fold_name("杨建国"), ids[number % len(ids)], NOW) for number in range(people)]
    fields = [Person.staff_no, Person.name, Person.name_folded, Person.unit, Person.created_at]
    with transaction():
        for chunk in peewee.chunked(rows, 5000):
            Person.insert_many(chunk, fields=fields).execute()


def _officer() -> int:
    city = Unit.get(Unit.code == "c")
    person = Person.get(Person.unit == city)
    hashed = hash_password("bench-only-2026")
    Account.create(person=person, username="bench", password_hash=hashed, must_change=False, created_at=NOW)
    RoleGrant.create(person=person, role="system_admin", unit=city, starts_at=NOW)
    for county in Unit.select().where(Unit.level == "county").limit(3):
        RoleGrant.create(person=person, role="department", unit=county, starts_at=NOW)
    return int(person.id)


def _of_actor(person_id: int) -> dict[str, float]:
    actor = load_actor(person_id, NOW)
    village = Unit.select().where(Unit.level == "village").order_by(Unit.id.desc()).first().path
    bare = "SELECT 1 FROM role_grant g JOIN unit u ON u.id = g.unit_id WHERE g.person_id = ? AND ? LIKE u.path || '%'"
    return {
        "scope_of_ms": _median_ms(lambda: scope_of(actor, "records.read")),
        "check_ms": _median_ms(lambda: may(actor, "people.manage", village)),
        "load_actor_ms": _median_ms(lambda: load_actor(person_id, NOW)),
        "bare_sql_check_ms": _median_ms(lambda: db.execute_sql(bare, (person_id, village)).fetchall()),
    }


def _of_move(person_id: int) -> dict[str, float]:
    """A township tree of 700 units to another county and back: by the action, and as the one bare UPDATE it rests on."""
    actor = load_actor(person_id, NOW)
    county = Unit.select().where(Unit.code == "k0").get()
    moved = Unit.create(code="big", name="大单位", level="county", parent=county.parent, path="")
    moved.path = f"/{county.parent_id}/{moved.id}/"
    moved.save()
    size = Unit.select().where(Unit.path.within(county.path)).count()
    begun = time.perf_counter()
    actions.merge_units(actor, county.id, moved.id, reason="bench", now=NOW)
    merged = time.perf_counter() - begun
    town = Unit.create(code="wide", name="宽镇", level="township", parent=moved, path="")
    Unit.update(path=f"{moved.path}{town.id}/").where(Unit.id == town.id).execute()
    place_units([NewUnit(f"w{number}", "wide", Level.VILLAGE, f"w{number}") for number in range(SUBTREE - 1)])
    other = Unit.get(Unit.code == "r")
    begun = time.perf_counter()
    actions.move_unit(actor, town.id, other.id, reason="bench", now=NOW)
    took = time.perf_counter() - begun
    town = Unit.get_by_id(town.id)
    begun = time.perf_counter()
    with transaction():
        statement = "UPDATE unit SET path = ? || substr(path, ?) WHERE path >= ? AND path < ?"
        new = f"{moved.path}{town.id}/"
        db.execute_sql(statement, (new, len(town.path) + 1, town.path, town.path[:-1] + "0"))
        db.execute_sql("UPDATE unit SET parent_id = ? WHERE id = ?", (moved.id, town.id))
    bare = time.perf_counter() - begun
    return {"moved_units": SUBTREE, "move_s": round(took, 4), "bare_move_s": round(bare, 4),
            "merged_units": size, "merge_s": round(merged, 4)}  # fmt: skip


def _of_page(url: str, folder: Path) -> dict[str, float]:
    import logging

    settings = replace(
        read_settings({"LEARNHUB_LOG_LEVEL": "error", "LEARNHUB_ADMIN_TOTP": "no"}, home=folder), database_url=url
    )
    app = create_app(settings)
    token = actions.sign_in("bench", "bench-only-2026", policy=SignInPolicy(), now=datetime.now(UTC))
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["token"] = token
    city = Unit.get(Unit.code == "c")
    counted: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = counted.append  # type: ignore[method-assign]
    logger = logging.getLogger("peewee")
    assert browser.get(f"/units/{city.id}").status_code == 200
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    browser.get(f"/units/{city.id}")
    logger.removeHandler(handler)
    logger.setLevel(level)
    bare = ("SELECT u.path, COUNT(*) FROM person p JOIN unit u ON u.id = p.unit_id WHERE p.is_active "
            "AND u.path >= ? AND u.path < ? GROUP BY u.path")  # fmt: skip
    bounds = (city.path, city.path[:-1] + "0")
    actor = load_actor(Person.get(Person.unit == city).id, NOW)
    return {
        "page_queries": len(counted),
        "page_ms": _median_ms(lambda: browser.get(f"/units/{city.id}"), 5),
        "bare_sums_ms": _median_ms(lambda: db.execute_sql(bare, bounds).fetchall(), 5),
        "as_of_ms": _median_ms(lambda: queries.figures_as_of(actor, city.id, NOW.date()), 5),
    }


def _measure(part: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/bench.sqlite3"
        migrate(connect(url))
        load_ranks()
        _build(int(PEOPLE * part), max(int(UNITS * part), SUBTREE + 50))
        person_id = _officer()
        found = {"people": Person.select().count(), "units": Unit.select().count()}
        found |= _of_page(url, folder) | _of_actor(person_id) | _of_move(person_id)
        db.close()
    return found


def main() -> None:
    """Measures a sixteenth, a quarter and the whole, and says whether the whole meets the targets."""
    grown = {}
    for label, part in (("1x", 1 / 16), ("4x", 1 / 4), ("16x", 1.0)):
        grown[label] = _measure(part)
        print(label, grown[label], file=sys.stderr)
    whole = grown["16x"]
    bars = [
        at_most("scope_of_ms", whole["scope_of_ms"], TARGETS["scope_ms"]),
        at_most("check_ms", whole["check_ms"], TARGETS["scope_ms"]),
        at_most("page_queries", whole["page_queries"], TARGETS["page_queries"]),
        at_most("move_s", whole["move_s"], TARGETS["move_s"]),
    ]
    imports = _imports()
    print(last_line("org", [*bars, *imports["bars"]], grown=grown, imports=imports["grown"]))


def _imports() -> dict[str, Any]:
    """The figures of people imports, from a process of their own."""
    path = Path(__file__).with_name("org_import.py")
    done = subprocess.run([sys.executable, "-P", path], check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    main()
