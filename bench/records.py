"""Exporting about 50,000 completion records: the page's own path against bare SQL and csv.writer, in the same run.

    python bench/records.py [--rows 50000]

Peer: one SQL statement with the same joins through sqlite3 and `csv.writer`, rows written as they come, no scope, no
audit line, no formula guard. Physical limit: reading the rows of the same joins and dropping them. Prints one JSON
object; times are CPU seconds of this process (the disk is warm), memory is the growth of the peak in MiB.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.verdict import at_most, last_line  # noqa: E402
from learnhub.catalog.models import Category, Course  # noqa: E402
from learnhub.kernel import sheets  # noqa: E402
from learnhub.kernel.db import connect, db  # noqa: E402
from learnhub.migrations import migrate  # noqa: E402
from learnhub.org.models import Person, Rank, Unit  # noqa: E402
from learnhub.org.ranks import load_ranks  # noqa: E402
from learnhub.org.rules import Level  # noqa: E402
from learnhub.org.scope import Actor, Grant  # noqa: E402
from learnhub.org.tree import NewUnit, place_unit, place_units  # noqa: E402
from learnhub.reports import actions, queries  # noqa: E402
from learnhub.reports.queries import RecordFilter  # noqa: E402
from learnhub.reports.rules import COLUMNS  # noqa: E402
from learnhub.study.models import Completion, LedgerEntry  # noqa: E402

NOW = datetime(2026, 11, 1, tzinfo=UTC)
COURSES = 10
VILLAGES_PER_TOWNSHIP, TOWNSHIPS, COUNTIES = 9, 9, 9

PEER = """
SELECT p.name, p.staff_no, u.name, u.path, r.name, c.title, k.completed_at,
       COALESCE(SUM(CASE l.source WHEN 'online' THEN l.centihours END), 0) / 100.0,
       COALESCE(SUM(CASE l.source WHEN 'group' THEN l.centihours END), 0) / 100.0,
       COALESCE(SUM(CASE l.source WHEN 'test' THEN l.centihours END), 0) / 100.0
FROM completion k
JOIN person p ON p.id = k.person_id
JOIN unit u ON u.id = p.unit_id
JOIN course c ON c.id = k.course_id
LEFT JOIN rank r ON r.id = p.rank_id
LEFT JOIN ledger_entry l ON l.course_id = k.course_id AND l.person_id = k.person_id
GROUP BY k.id
"""


def main() -> None:
    """Fill a temporary database, run each way three times, print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.sqlite3"
        connect(f"sqlite:///{path}")
        migrate(db.obj)
        city = fill(chosen.rows)
        officer = Actor(1, "officer", city.id, city.path, (Grant("department", city.id, city.path),))
        result = {
            "bench": "records",
            "rows": chosen.rows,
            "limit": best(lambda: read_only(path)),
            "peer": best(lambda: peer(path)),
            "csv": best(lambda: export(officer, sheets.csv_chunks)),
            "xlsx": best(lambda: export(officer, sheets.xlsx_chunks)),
            "page": best(lambda: page(officer)),
        }
        result["csv_against_peer"] = round(result["csv"]["cpu_s"] / result["peer"]["cpu_s"], 2)
        result["csv_rows_per_s"] = round(chosen.rows / result["csv"]["cpu_s"])
        db.close()
    bars = [
        at_most("csv_cpu_to_bare", result["csv_against_peer"], 5),
        at_most("csv_peak_mib", result["csv"]["peak_growth_mib"], 100),
    ]
    del result["bench"]
    print(last_line("records", bars, **result))


def best(run: Callable[[], int]) -> dict[str, Any]:
    """The least CPU of three runs, the bytes or rows that it made, and the growth of the peak memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times, made = [], 0
    for _ in range(3):
        begun = time.process_time()
        made = run()
        times.append(time.process_time() - begun)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"cpu_s": round(min(times), 3), "made": made, "peak_growth_mib": round(grown, 1)}


def read_only(path: Path) -> int:
    """The rows of the joins, dropped."""
    with sqlite3.connect(path) as connection:
        return sum(1 for _row in connection.execute(PEER))


def peer(path: Path) -> int:
    """One statement and csv.writer."""
    out = io.StringIO()
    with sqlite3.connect(path) as connection:
        csv.writer(out).writerows(connection.execute(PEER))
    return len(out.getvalue().encode())


def export(officer: Actor, chunks: Callable[..., Iterator[bytes]]) -> int:
    """What a download does: scope, audit line, rows, file; the bytes are dropped."""
    from learnhub.reports.views import _file_rows

    records = actions.export_records(officer, RecordFilter(), columns=COLUMNS, file_format="csv", now=NOW)
    return sum(len(chunk) for chunk in chunks(list(COLUMNS), _file_rows(records, COLUMNS, english=False)))


def page(officer: Actor) -> int:
    """What opening the page asks: one page, the sums by child unit."""
    wanted = queries.settle_unit(officer, RecordFilter())
    return len(queries.page_of_records(officer, wanted, 1).items) + len(queries.overview_of(officer, wanted).sums)


def fill(rows: int) -> Unit:
    """A city with 739 villages, people with ten completions each, two ledger entries per completion."""
    chance = random.Random(1)
    load_ranks()
    ranks = [row[0] for row in Rank.select(Rank.id).tuples()]
    city = place_unit(NewUnit("5304", "", Level.CITY, "玉溪市"), None)
    place_units(list(_units()))
    villages = [row[0] for row in Unit.select(Unit.id).where(Unit.level == "village").tuples()]
    people = rows // COURSES
    Person.create(staff_no="OFFICER", name="干事", name_folded="干事", unit=city, created_at=NOW)
    insert(
        Person,
        [Person.staff_no, Person.name, Person.name_folded, Person.unit, Person.rank, Person.created_at],
        [
            (f"S{n:06d}", f"杨建国{n}", f"杨建国{n}", chance.choice(villages), chance.choice(ranks), NOW)
            for n in range(people)
        ],
    )
    category = Category.create(code="c", name="党建", name_en="Party", order=1)
    courses = [
        Course.create(code=f"c{n}", title=f"课程{n}", category=category, unit=city, level="city", changed_at=NOW).id
        for n in range(COURSES)
    ]
    first = Person.select(Person.id).where(Person.staff_no == "S000000").scalar()
    pairs = [(first + n, course) for n in range(people) for course in courses]
    insert(
        Completion,
        [Completion.person, Completion.course, Completion.completed_at],
        [(who, course, NOW - timedelta(hours=chance.randrange(6000))) for who, course in pairs],
    )
    _fill_ledger(pairs)
    db.execute_sql("ANALYZE")
    return city


def _units() -> Iterator[NewUnit]:
    for county in range(COUNTIES):
        code = f"5304{county:02d}"
        yield NewUnit(code, "5304", Level.COUNTY, f"第{county}县")
        for town in range(TOWNSHIPS):
            below = f"{code}{town:03d}"
            yield NewUnit(below, code, Level.TOWNSHIP, f"第{town}镇")
            for village in range(VILLAGES_PER_TOWNSHIP):
                yield NewUnit(f"{below}{village:03d}", below, Level.VILLAGE, f"第{village}村民委员会")


def _fill_ledger(pairs: list[tuple[int, int]]) -> None:
    """Entries as the ledger has them, without a true chain: nothing here looks at it."""
    numbers: dict[int, int] = {}
    rows = []
    for who, course in pairs:
        for source, centihours in (("online", 100), ("group", 50)):
            numbers[who] = number = numbers.get(who, 0) + 1
            key = f"{who}:{course}:{source}"
            rows.append((who, number, 2026, source, True, centihours, key, course, "bench", {}, "", "", key, NOW, NOW))
    fields = [
        *(LedgerEntry.person, LedgerEntry.number, LedgerEntry.year, LedgerEntry.source, LedgerEntry.is_required),
        *(LedgerEntry.centihours, LedgerEntry.credit_key, LedgerEntry.course, LedgerEntry.rule, LedgerEntry.evidence),
        *(LedgerEntry.evidence_digest, LedgerEntry.previous_digest, LedgerEntry.digest),
        *(LedgerEntry.earned_at, LedgerEntry.written_at),
    ]
    insert(LedgerEntry, fields, rows)


def insert(table: Any, fields: list[Any], rows: list[tuple[Any, ...]]) -> None:
    """Many rows in one transaction."""
    with db.atomic():
        for start in range(0, len(rows), 1000):
            table.insert_many(rows[start : start + 1000], fields=fields).execute()


if __name__ == "__main__":
    main()
