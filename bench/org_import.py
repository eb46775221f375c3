"""People imports at full size: an xlsx roster of 110,000 rows, and one of 5,000 into the 110,000 that it brought.

    make bench-org_import        (make bench-org runs it too)

Each import runs in a process of its own, which measures the seconds of the dry run and of the application and the most
memory that it ever held. Beside it another process takes SQLite's write lock again and again, as study reports and
log-ins do, and tells how long it ever waited. Its peers are measured in turn with it on the same machine: openpyxl's
streaming reader over the same file (what it costs to read), and one executemany per table with the same people, audit lines
and lines of the run, in one transaction of the same database (what it costs to write). The last line is JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import openpyxl
import peewee

from bench.verdict import Bar, at_most, last_line
from learnhub.config import read_settings
from learnhub.demo.names import person_name
from learnhub.kernel import sheets
from learnhub.kernel.db import connect, db, transaction
from learnhub.migrations import migrate
from learnhub.org.actions import roster
from learnhub.org.models import AuditLine, Person, Rank, RoleGrant, Unit
from learnhub.org.ranks import load_ranks
from learnhub.org.roster.models import ImportLine, ImportRun
from learnhub.org.rules import Level, NewUnit
from learnhub.org.scope import load_actor
from learnhub.org.tree import place_units

PEOPLE, UNITS, SMALL = 110_000, 13_000, 5_000
TARGETS = {"small_s": 20.0, "whole_s": 300.0, "whole_mb": 300.0, "longest_wait_s": 5.0}
_WRITES_BESIDE = """
import sqlite3, sys, threading, time
base = sqlite3.connect(sys.argv[1], timeout=300, isolation_level=None)
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
longest = 0.0
while not over.wait(0.01):
    begun = time.perf_counter()
    base.execute("BEGIN IMMEDIATE")
    longest = max(longest, time.perf_counter() - begun)
    base.execute("COMMIT")
print(longest)
"""
"""Another writer: tells the longest that it waited once its standard input ends."""
_HEADINGS = ["工号", "姓名", "单位代码", "单位名称", "职级", "职务", "备注"]
_DUTIES = ("", "组织委员", "村党总支书记", "会计", "大学生村官", "驻村工作队员")


def _tree(units: int) -> None:
    """A city of counties of about 90 townships' worth of villages each; the names of villages repeat."""
    news = [NewUnit("5304", "", Level.CITY, "玉溪市")]
    for number in range(units - 1):
        county, place = divmod(number, 1_400)
        town, village = divmod(place - 1, 20)
        if place == 0:
            news.append(NewUnit(f"5304{county:02}", "5304", Level.COUNTY, f"第{county}县"))
        elif village == 0:
            news.append(NewUnit(f"5304{county:02}{town:03}", f"5304{county:02}", Level.TOWNSHIP, f"第{town}镇"))
        else:
            parent = f"5304{county:02}{town:03}"
            news.append(NewUnit(f"{parent}{village:03}", parent, Level.VILLAGE, f"河尾{village}村民委员会"))
    place_units(news)


def _officer(now: datetime) -> int:
    city = Unit.get(Unit.code == "5304")
    person = Person.create(name="管理员", name_folded="管理员", unit=city, created_at=now)
    RoleGrant.create(person=person, role="system_admin", unit=city, starts_at=now)
    return int(person.id)


def _rows(count: int, first: int) -> Iterator[list[str]]:
    """People as a roster lists them, unit by unit; equal names in one unit have their staff numbers."""
    random = Random(first)
    units = list(Unit.select(Unit.code, Unit.name).order_by(Unit.path).tuples())
    ranks = [name for (name,) in Rank.select(Rank.name).order_by(Rank.id).tuples()]
    for number in range(count):
        code, name = units[number * len(units) // count]
        said = [f"P{first + number:07}", person_name(random), code, name]
        yield [*said, random.choice(ranks), random.choice(_DUTIES), "备注文字" if number % 7 == 0 else ""]


def _write(path: Path, rows: Iterator[list[str]]) -> None:
    with path.open("wb") as out:
        for chunk in sheets.xlsx_chunks(_HEADINGS, rows):
            out.write(chunk)


def _import(home: Path, path: Path) -> dict[str, float]:
    """Runs in its own process: the dry run and the application of one file."""
    settings = read_settings({"LEARNHUB_LOG_LEVEL": "error"}, home=home)
    connect(f"sqlite:///{home}/bench.sqlite3")
    now = datetime.now(UTC)
    owner = load_actor(RoleGrant.get().person_id, now)
    bare_mb = _peak_mb()
    with path.open("rb") as source:
        chunks = iter(lambda: source.read(1 << 18), b"")
        run = roster.start_import(owner, chunks, file_name=path.name, data_dir=settings.data_dir, now=now)
    took = {}
    for step in ("dry_run_s", "apply_s"):
        begun, begun_cpu = time.perf_counter(), time.process_time()
        if step == "apply_s":
            roster.apply_import(owner, run.id, now=now)
        with _waiting(home, took, f"{step[:-2]}_longest_wait_s"):
            roster.carry_on(
                run.id, owner.person_id, address="", data_dir=settings.data_dir, now=now, progress=lambda _share: None
            )
        took[step] = round(time.perf_counter() - begun, 2)
        took[f"{step[:-2]}_cpu_s"] = round(time.process_time() - begun_cpu, 2)  # does not grow on a busy machine
    run = ImportRun.get_by_id(run.id)
    assert run.state == "applied" and not run.counts["refused"], (run.state, run.refusal, run.counts)
    return {**took, "rows": run.counts["created"], "peak_mb": _peak_mb(), "before_mb": bare_mb}


@contextmanager
def _waiting(home: Path, took: dict[str, float], name: str) -> Iterator[None]:
    """Has another process write to the database meanwhile; ``took[name]``: seconds of its longest wait."""
    command = [sys.executable, "-c", _WRITES_BESIDE, f"{home}/bench.sqlite3"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as beside:
        yield
        took[name] = round(float(beside.communicate()[0]), 2)


def _peak_mb() -> float:
    """The most memory that this process has held (VmHWM: unlike ru_maxrss it does not begin with the parent's)."""
    status = Path("/proc/self/status").read_text("ascii")
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)


def _apart(home: Path, path: Path) -> dict[str, float]:
    db.close()
    command = [sys.executable, "-P", __file__, "--import", str(home), str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _peers(path: Path) -> dict[str, float]:
    """Reading the same file with openpyxl; writing the rows of the last import once more, and taking that back."""
    begun = time.perf_counter()
    book = openpyxl.load_workbook(path, read_only=True)
    read = sum(1 for _row in book.active.iter_rows(values_only=True))
    book.close()
    reading = time.perf_counter() - begun
    writing = 0.0
    try:
        with transaction():
            for table in (Person, ImportLine, AuditLine):
                writing += _write_again(table, read - 1)
            raise _TakenBack
    except _TakenBack:
        return {"openpyxl_read_s": round(reading, 2), "executemany_s": round(writing, 2)}


def _write_again(table: type[peewee.Model], count: int) -> float:
    """Seconds for the last ``count`` rows of a table by one bare executemany, with other values where they are unique."""
    other = {"staff_no": "NULL", "number": '-"number"'}
    names = [name for name in table._meta.columns if name != "id"]
    chosen = ", ".join(other.get(name, f'"{name}"') for name in names)
    rows = db.execute_sql(
        f'SELECT {chosen} FROM "{table._meta.table_name}" ORDER BY id DESC LIMIT ?', (count,)
    ).fetchall()
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" for _ in names)
    begun = time.perf_counter()
    db.cursor().executemany(f'INSERT INTO "{table._meta.table_name}" ({columns}) VALUES ({marks})', rows)
    return time.perf_counter() - begun


class _TakenBack(Exception):
    """Ends the peer's transaction without keeping it."""


def measure(part: float) -> dict[str, dict[str, float]]:
    """Both imports and their peers with ``part`` of the people and units."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        now = datetime.now(UTC)
        migrate(connect(f"sqlite:///{home}/bench.sqlite3"))
        load_ranks()
        _tree(int(UNITS * part))
        _officer(now)
        found = {}
        for label, count, first in (("whole", int(PEOPLE * part), 0), ("small", int(SMALL * part), 5_000_000)):
            path = home / f"{label}.xlsx"
            _write(path, _rows(count, first))
            size = path.stat().st_size >> 10
            found[label] = {**_apart(home, path), "file_kb": size} | _peers(path)
        assert Person.select().count() == 1 + int(PEOPLE * part) + int(SMALL * part)
        assert AuditLine.select().count() > int(PEOPLE * part)
        db.close()
    return found


def bars_of(whole: dict[str, dict[str, float]]) -> list[Bar]:
    """The targets against the full size."""
    seconds = {label: one["dry_run_s"] + one["apply_s"] for label, one in whole.items()}
    return [
        at_most("import_5000_s", seconds["small"], TARGETS["small_s"]),
        at_most("import_110000_s", seconds["whole"], TARGETS["whole_s"]),
        at_most("import_longest_wait_s", whole["whole"]["apply_longest_wait_s"], TARGETS["longest_wait_s"]),
        at_most("import_peak_mb", whole["whole"]["peak_mb"], TARGETS["whole_mb"]),
    ]


def main() -> None:
    """Measures a sixteenth, a quarter and the whole, and says whether the whole meets the targets."""
    if "--import" in sys.argv:
        print(json.dumps(_import(Path(sys.argv[-2]), Path(sys.argv[-1]))))
        return
    grown = {}
    for label, part in (("1x", 1 / 16), ("4x", 1 / 4), ("16x", 1.0)):
        grown[label] = measure(part)
        print(label, grown[label], file=sys.stderr)
    print(last_line("org_import", bars_of(grown["16x"]), grown=grown))


if __name__ == "__main__":
    main()
