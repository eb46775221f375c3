"""The database: fields, transactions, what is told when it is full, busy or away."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import peewee
import psycopg
import pytest

from learnhub.kernel import db as kernel_db
from learnhub.kernel.db import (
    JsonField,
    Model,
    PathField,
    UtcDateTimeField,
    after_commit,
    connect,
    give_back_if_broken,
    is_postgres,
    locked,
    open_database,
    transaction,
)
from learnhub.kernel.db import (
    db as database,
)
from learnhub.kernel.errors import Refusal, Unavailable

ROOT = Path(__file__).resolve().parents[2]


class Sample(Model):
    """A table of these tests alone."""

    name = peewee.CharField(max_length=40, default="")
    path = PathField(default="/")
    at = UtcDateTimeField(null=True)
    facts = JsonField(null=True)


@pytest.fixture
def table(db: str) -> str:
    """The URL of a database with the table ``sample``."""
    database.create_tables([Sample])
    return db


def in_a_thread(call: Callable[[], Any]) -> threading.Thread:
    """``call`` in a thread of its own, with a connection of its own."""

    def run() -> None:
        try:
            call()
        finally:
            database.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def names() -> list[str]:
    """The names in the table, sorted."""
    return sorted(name for (name,) in Sample.select(Sample.name).tuples())


# --- fields ---------------------------------------------------------------------------------------------------------


def test_an_instant_comes_back_aware_and_in_utc(table: str) -> None:
    local = datetime(2026, 6, 15, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    found = Sample.get_by_id(Sample.create(at=local).id)
    assert found.at == local
    assert found.at.tzinfo is UTC and found.at.hour == 2 and found.at.microsecond == 123456


def test_a_naive_instant_is_refused_in_writing_and_in_asking(table: str) -> None:
    naive = datetime(2026, 6, 15, 10)
    with pytest.raises(ValueError, match="naive datetime for at"):
        Sample.create(at=naive)
    with pytest.raises(ValueError, match="naive datetime for at"):
        Sample.select().where(Sample.at > naive).exists()
    assert Sample.select().count() == 0


def test_instants_are_compared_as_instants_whatever_their_zone(table: str, now: datetime) -> None:
    Sample.create(at=now)
    elsewhere = now.astimezone(timezone(timedelta(hours=-5)))
    assert Sample.select().where(Sample.at == elsewhere).exists()
    assert not Sample.select().where(Sample.at < elsewhere).exists()


@pytest.mark.parametrize(
    "value", [None, [], {}, "", 0, {"名": "阿依古丽·买买提", "b": [1, 2.5, None, True], "a": {"䶮": "\U0002c24e"}}]
)
def test_json_comes_back_as_it_was_with_its_keys_in_order(table: str, value: Any) -> None:
    found = Sample.get_by_id(Sample.create(facts=value).id).facts
    assert found == value
    if isinstance(value, dict):
        assert list(found) == list(value)


def test_chinese_in_json_can_be_read_in_the_table(table: str) -> None:
    Sample.create(facts={"名": "李㛃"})
    assert database.execute_sql("SELECT facts FROM sample").fetchone()[0] == '{"名":"李㛃"}'


@pytest.mark.parametrize(
    ("root", "inside", "outside"),
    [
        ("/1/", ["/1/", "/1/2/", "/1/10/", "/1/2/3/"], ["/", "/10/", "/10/1/", "/2/1/", "/11/"]),
        ("/1/1/", ["/1/1/", "/1/1/9/"], ["/1/", "/1/10/", "/1/11/2/", "/11/1/", "/1/2/"]),
        ("/", ["/", "/1/", "/10/5/"], []),
    ],
)
def test_within_holds_the_root_and_all_below_it_and_no_longer_number(
    table: str, root: str, inside: list[str], outside: list[str]
) -> None:
    for path in inside + outside:
        Sample.create(path=path)
    found = {path for (path,) in Sample.select(Sample.path).where(Sample.path.within(root)).tuples()}
    assert found == set(inside)


def test_paths_are_ordered_byte_by_byte_on_both_databases(table: str) -> None:
    paths = ["/1/", "/1/10/", "/1/2/", "/1/2/1/", "/10/", "/2/"]
    for path in reversed(paths):
        Sample.create(path=path)
    assert [path for (path,) in Sample.select(Sample.path).order_by(Sample.path).tuples()] == paths


def test_sqlite_keeps_what_it_has_answered_through_a_power_cut(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/x.sqlite3")
    told = {name: database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    foreign_keys = database.execute_sql("PRAGMA foreign_keys").fetchone()[0]
    database.close()
    assert (told, foreign_keys) == ({"journal_mode": "wal", "synchronous": 2}, 1)


@pytest.mark.parametrize("url", ["mysql://x/y", "learnhub.sqlite3", ""])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="neither sqlite nor postgresql"):
        open_database(url)


def test_odd_characters_in_the_address_are_understood(tmp_path: Path) -> None:
    assert open_database(f"sqlite:///{tmp_path}/a%20%E5%90%8D.sqlite3").database == f"{tmp_path}/a 名.sqlite3"
    found = open_database("postgresql://learn%40hub:p%2Fw@db.example:5433/main%20one")
    assert found.database == "main one"
    wanted = {"user": "learn@hub", "password": "p/w", "host": "db.example", "port": 5433}
    assert {name: found.connect_params[name] for name in wanted} == wanted


def test_connecting_elsewhere_closes_what_was_open(db: str, tmp_path: Path) -> None:
    before = database.obj
    database.execute_sql("SELECT 1")
    connect(f"sqlite:///{tmp_path}/other.sqlite3")
    assert before.is_closed()


# --- transactions ---------------------------------------------------------------------------------------------------


class Undone(Exception):
    """What these tests raise to undo a block."""


def test_a_transaction_is_written_whole_or_not_at_all(table: str) -> None:
    with transaction():
        Sample.create(name="kept")
    with pytest.raises(Undone), transaction():
        Sample.create(name="lost")
        raise Undone
    assert names() == ["kept"]


def test_an_inner_block_that_fails_leaves_the_outer_one_alone(table: str) -> None:
    with transaction():
        Sample.create(name="before")
        with pytest.raises(Undone), transaction():
            Sample.create(name="inner")
            raise Undone
        Sample.create(name="after")
    assert names() == ["after", "before"]


def test_an_outer_block_that_fails_takes_the_inner_one_with_it(table: str) -> None:
    with pytest.raises(Undone), transaction():
        with transaction():
            Sample.create(name="inner")
        raise Undone
    assert names() == []


def test_a_refusal_passes_through_unchanged_and_undoes(table: str) -> None:
    with pytest.raises(Refusal) as refused, transaction(), transaction():
        Sample.create(name="lost")
        raise Refusal("some.code", where="here")
    assert str(refused.value) == "some.code(where='here')"
    assert names() == []


def test_a_broken_constraint_keeps_its_own_name(table: str) -> None:
    with pytest.raises(peewee.IntegrityError), transaction():
        Sample.insert(name=None).execute()
    with transaction():
        Sample.create(name="goes on")
    assert names() == ["goes on"]


def test_what_was_planned_runs_after_the_outermost_commit(table: str) -> None:
    told: list[str] = []
    with transaction():
        with transaction():
            after_commit(lambda: told.append(f"depth {database.transaction_depth()}, rows {Sample.select().count()}"))
            Sample.create()
        assert told == []
        Sample.create()
    assert told == ["depth 0, rows 2"]


def test_what_was_planned_outside_of_a_transaction_runs_at_once(table: str) -> None:
    told: list[str] = []
    after_commit(lambda: told.append("ran"))
    assert told == ["ran"]


@pytest.mark.parametrize("outer_fails", [False, True])
def test_what_was_planned_in_an_undone_block_never_runs(table: str, outer_fails: bool) -> None:
    told: list[str] = []
    try:
        with transaction():
            after_commit(lambda: told.append("outer"))
            with pytest.raises(Undone), transaction():
                after_commit(lambda: told.append("inner"))
                raise Undone
            if outer_fails:
                raise Undone
    except Undone:
        pass
    with transaction():
        Sample.create()
    assert told == ([] if outer_fails else ["outer"])


def test_two_writers_queue_and_lose_nothing(table: str) -> None:
    Sample.create(name="0")

    def count_up() -> None:
        for _time in range(25):
            with transaction():
                row = locked(Sample.select()).get()
                number = int(row.name)
                time.sleep(0.001)
                Sample.update(name=str(number + 1)).where(Sample.id == row.id).execute()

    for thread in [in_a_thread(count_up) for _writer in range(3)]:
        thread.join()
    assert names() == ["75"]


def test_a_reader_is_not_kept_waiting_by_a_writer(table: str) -> None:
    Sample.create(name="old")
    seen: list[list[str]] = []
    with transaction():
        Sample.update(name="new").execute()
        in_a_thread(lambda: seen.append(names())).join(timeout=5)
    assert seen == [["old"]]
    assert names() == ["new"]


# --- what fails -----------------------------------------------------------------------------------------------------


def fill_up() -> None:
    """Writes until the database says no."""
    for _row in range(10_000):
        with transaction():
            Sample.insert_many([{"facts": {"text": os.urandom(4000).hex()}} for _ in range(20)]).execute()


def test_a_full_sqlite_database_is_told_and_keeps_what_it_had(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/full.sqlite3")
    database.create_tables([Sample])
    Sample.create(name="kept")
    database.execute_sql("PRAGMA max_page_count = 200")
    with pytest.raises(Unavailable) as refused:
        fill_up()
    assert refused.value.code == "kernel.disk_full"
    assert names().count("kept") == 1
    database.execute_sql("PRAGMA max_page_count = 100000")
    with transaction():
        Sample.create(name="later")
    assert "later" in names()
    database.close()


def test_a_full_disk_inside_an_inner_block_is_told_all_the_same(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/full.sqlite3")
    database.create_tables([Sample])
    database.execute_sql("PRAGMA max_page_count = 100")
    with pytest.raises(Unavailable) as refused, transaction(), transaction():
        fill_up()
    assert refused.value.code == "kernel.disk_full"
    assert names() == []
    database.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes, where this process may mount one; the test's own folder otherwise."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    yield folder
    if database.obj is not None and not database.is_closed():
        database.close()
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_really_full_disk_is_told_and_the_database_stays_whole(small_disk: Path) -> None:
    connect(f"sqlite:///{small_disk}/full.sqlite3")
    database.create_tables([Sample])
    Sample.create(name="kept")
    if not os.path.ismount(small_disk):
        database.execute_sql("PRAGMA max_page_count = 400")
    with pytest.raises(Unavailable) as refused:
        fill_up()
    assert refused.value.code in ("kernel.disk_full", "kernel.disk_failed")
    give_back_if_broken()
    assert "kept" in names()
    assert database.execute_sql("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_database_that_stays_locked_is_told_as_busy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/busy.sqlite3"
    connect(url)
    database.create_tables([Sample])
    other = open_database(url)
    other.connect()
    other.execute_sql("BEGIN IMMEDIATE")
    database.execute_sql("PRAGMA busy_timeout = 50")
    with pytest.raises(Unavailable) as refused, transaction():
        Sample.create(name="waits")
    assert refused.value.code == "kernel.database_busy"
    other.execute_sql("ROLLBACK")
    other.close()
    with transaction():
        Sample.create(name="goes on")
    assert names() == ["goes on"]
    database.close()


def test_a_server_that_is_not_there_is_told_as_away() -> None:
    connect("postgresql://learnhub@127.0.0.1:9/none")
    with pytest.raises(Unavailable) as refused, transaction():
        Sample.create()
    assert refused.value.code == "kernel.database_away"


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_connection_that_the_server_ended_is_told_and_replaced(table: str) -> None:
    Sample.create(name="kept")
    (number,) = database.execute_sql("SELECT pg_backend_pid()").fetchone()
    with psycopg.connect(table, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [number])
    for _time in range(2):  # the first statement hears of it, the second finds the connection closed
        with pytest.raises(Unavailable) as refused, transaction():
            Sample.create(name="lost")
        assert refused.value.code == "kernel.database_away"
    give_back_if_broken()
    assert names() == ["kept"]


def test_a_connection_left_inside_a_transaction_is_given_back(table: str) -> None:
    database.begin()
    Sample.create(name="left behind")
    if is_postgres():
        database.push_transaction(database.transaction())
    give_back_if_broken()
    assert names() == []


def test_a_sound_connection_is_kept(table: str) -> None:
    Sample.create()
    before = database.connection()
    give_back_if_broken()
    assert database.connection() is before
    assert kernel_db.db.transaction_depth() == 0
