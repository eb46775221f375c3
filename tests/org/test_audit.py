"""The audit trail: chained, sealed, verified; what was meddled with is found and named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import peewee
import pytest
from click.testing import CliRunner
from flask import Flask

from learnhub.cli import main
from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.db import db as database
from learnhub.kernel.db import is_postgres, transaction
from learnhub.kernel.models import Job
from learnhub.migrations import FOLDER, migrate
from learnhub.org import audit, audit_tasks
from learnhub.org.audit.chain import NO_DIGEST, Flaw, Head, digest_of
from learnhub.org.audit.heads import FILE_NAME, note_heads, read_heads
from learnhub.org.audit.verify import _lines, count_lines, list_heads, verify
from learnhub.org.models import AuditChain, AuditLine
from tests.cast import Cast

KEY = "k" * 40


def _write(cast: Cast, count: int, now: datetime) -> None:
    entries = [
        audit.Entry("unit.renamed", "unit", number, cast.village.id, {"before": "甲", "after": f"乙{number}"})
        for number in range(count)
    ]
    audit.record_many(cast.unit_admin, entries, now=now)


def _unseal() -> None:
    """Takes the database's own guard away, as somebody with its password could."""
    if is_postgres():
        database.execute_sql("DROP TRIGGER audit_line_no_change ON audit_line")
    else:
        database.execute_sql("DROP TRIGGER audit_line_no_update")
        database.execute_sql("DROP TRIGGER audit_line_no_delete")


def test_lines_written_one_by_one_and_in_bulk_make_one_sound_chain(cast: Cast, now: datetime) -> None:
    audit.record(cast.learner, "account.language_set", "account", 1, unit_id=None, now=now, locale="en")
    _write(cast, 950, now)
    audit.record(None, "jobs.retried", "job", "all", unit_id=None, now=now, text="引号\" ' \\ 😀")
    assert count_lines() == 952
    assert list(verify()) == []
    assert list_heads() == [Head(1, 952, AuditLine.select().order_by(AuditLine.id.desc()).first().digest)]
    assert AuditLine.get_by_id(AuditLine.select(peewee.fn.MIN(AuditLine.id)).scalar()).previous_digest == NO_DIGEST


def test_the_database_refuses_to_change_or_delete_a_line(cast: Cast, now: datetime) -> None:
    _write(cast, 2, now)
    for attempt in (AuditLine.update(action="x"), AuditLine.delete()):
        with pytest.raises(peewee.DatabaseError), transaction():
            attempt.execute()
    assert list(verify()) == []


def test_a_rolled_back_change_leaves_no_gap(cast: Cast, now: datetime) -> None:
    _write(cast, 2, now)
    with pytest.raises(ZeroDivisionError), transaction():
        _write(cast, 3, now)
        raise ZeroDivisionError
    _write(cast, 1, now)
    assert list(verify()) == []
    assert count_lines() == 3


def test_writers_at_the_same_moment_keep_sound_chains_and_never_wait_long(cast: Cast, now: datetime) -> None:
    actor, village = cast.unit_admin, cast.village.id
    together = threading.Barrier(4)
    failures: list[BaseException] = []

    def write(who: int) -> None:
        try:
            for number in range(5):
                together.wait(30)
                with transaction():
                    audit.record(actor, "unit.renamed", "unit", who, unit_id=village, now=now, number=number)
        except BaseException as failure:  # noqa: BLE001 - told below, in the test's own thread
            failures.append(failure)
        finally:
            database.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count_lines() == 20
    assert list(verify()) == []
    assert AuditChain.select().count() <= (4 if is_postgres() else 1)


def test_a_long_transaction_holds_up_nobody_on_postgresql(cast: Cast, now: datetime) -> None:
    if not is_postgres():
        return  # SQLite has one writer; the trail adds nothing to that
    actor, done = cast.unit_admin, threading.Event()

    def write() -> None:
        audit.record(actor, "unit.renamed", "unit", 1, unit_id=None, now=now)
        database.close()
        done.set()

    with transaction():
        _write(cast, 3, now)
        other = threading.Thread(target=write)
        other.start()
        assert done.wait(10), "the second writer took a chain of its own"
    other.join()
    assert list(verify()) == []
    assert AuditChain.select().count() == 2


# Manipulations, each by somebody who knows how digests are made and has the database's password.


def _columns(line: AuditLine) -> dict[str, Any]:
    return {name: value for name, value in line.__data__.items() if name != "id"}


def _mend(chain: int) -> None:
    """Numbers and digests as if nothing had happened."""
    number, digest = 0, NO_DIGEST
    for line in list(_lines(chain)):
        previous, number = digest, number + 1
        digest = digest_of(line.said, chain, number, previous)
        fields = {"number": number, "previous_digest": previous, "digest": digest}
        AuditLine.update(fields).where(AuditLine.id == line.id).execute()
    AuditChain.update(number=number, digest=digest).where(AuditChain.id == chain).execute()


def _change(lines: list[AuditLine], at: int, random: Random) -> None:
    field, value = random.choice(
        [
            ("action", "role.granted"),
            ("address", "10.1.1.1"),
            ("subject_id", "999"),
            ("at", lines[at].at + timedelta(seconds=1)),
            ("detail", {"before": "甲", "after": "丙"}),
            ("actor", None),
            ("unit", None),
        ]
    )
    AuditLine.update({field: value}).where(AuditLine.id == lines[at].id).execute()


def _delete(lines: list[AuditLine], at: int, random: Random) -> None:
    AuditLine.delete().where(AuditLine.id == lines[at].id).execute()


def _insert(lines: list[AuditLine], at: int, random: Random) -> None:
    AuditLine.update(number=AuditLine.number + 10_000).where(AuditLine.number > lines[at].number).execute()
    AuditLine.insert(**{**_columns(lines[at]), "number": lines[at].number + 1, "subject_id": "forged"}).execute()
    moved = AuditLine.number > 10_000
    AuditLine.update(number=AuditLine.number + 10_001).where(moved).execute()
    AuditLine.update(number=AuditLine.number - 20_000).where(moved).execute()


def _swap(lines: list[AuditLine], at: int, random: Random) -> None:
    one, other = lines[at], lines[at - 1 if at else at + 1]
    for line, number in ((one, 90_000), (other, one.number), (one, other.number)):
        AuditLine.update(number=number).where(AuditLine.id == line.id).execute()


def _cut(lines: list[AuditLine], at: int, random: Random) -> None:
    AuditLine.delete().where(AuditLine.number >= lines[at].number).execute()
    number, digest = (lines[at - 1].number, lines[at - 1].digest) if at else (0, NO_DIGEST)
    AuditChain.update(number=number, digest=digest).execute()


def test_of_400_manipulations_only_mended_ones_after_the_last_noted_head_escape(
    cast: Cast, now: datetime, tmp_path: Path
) -> None:
    random, path, noted, total = Random(7), tmp_path / "heads.jsonl", 24, 30
    for count in (12, noted - 12):
        _write(cast, count, now)
        note_heads(path, list_heads(), key=KEY, now=now)
    _write(cast, total - noted, now)
    heads, forged = read_heads(path, key=KEY)
    assert (len(heads), forged) == (2, [])
    _unseal()
    assert list(verify(heads)) == []
    lines = list(AuditLine.select().order_by(AuditLine.number))
    kinds: list[Callable[[list[AuditLine], int, Random], None]] = [_change, _delete, _insert, _swap, _cut]
    missed, late, unnamed = [], 0, []
    for number in range(400):
        kind, at, is_mended = kinds[number % len(kinds)], random.randrange(total), number % 2 == 1
        with database.atomic() as attempt:
            kind(lines, at, random)
            if is_mended:
                _mend(1)
            found = list(verify(heads))
            attempt.rollback()
        first_touched = lines[at].number + (1 if kind is _insert else -1 if kind is _swap and at else 0)
        mends_itself = is_mended or kind is _cut
        if mends_itself and first_touched > noted:
            late += 1
            assert not found
        elif not found:
            missed.append((kind.__name__, at, is_mended))
        elif not is_mended and kind in (_change, _delete, _swap) and not _names(found, lines[at]):
            unnamed.append((kind.__name__, at, [str(flaw) for flaw in found]))
    assert missed == []
    assert unnamed == []
    assert 0 < late < 100
    assert list(verify(heads)) == []


def _names(found: list[Flaw], line: AuditLine) -> bool:
    return any(flaw.line_id == line.id or flaw.number <= line.number <= max(flaw.number, flaw.until) for flaw in found)


def test_two_lines_that_changed_places_are_said_to_have_been_moved(cast: Cast, now: datetime) -> None:
    _write(cast, 9, now)
    _unseal()
    lines = list(AuditLine.select().order_by(AuditLine.number))
    _swap(lines, 4, Random(1))
    told = [str(flaw) for flaw in verify()]
    assert f"line {lines[4].id} (chain 1) stands as number 4 and was written as number 5" in told
    assert f"line {lines[3].id} (chain 1) stands as number 5 and was written as number 4" in told


def test_a_chain_taken_away_whole_is_noticed(cast: Cast, now: datetime, tmp_path: Path) -> None:
    _write(cast, 3, now)
    note_heads(tmp_path / "heads", list_heads(), key=KEY, now=now)
    _unseal()
    AuditLine.delete().execute()
    AuditChain.delete().execute()
    heads, _ = read_heads(tmp_path / "heads", key=KEY)
    assert [str(flaw) for flaw in verify(heads)] == ["chain 1: the lines from 1 to 3 are missing at the end"]


def test_noted_heads_cannot_be_changed_or_taken_out(cast: Cast, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    for _ in range(3):
        _write(cast, 1, now)
        assert note_heads(path, list_heads(), key=KEY, now=now)
    assert not note_heads(path, list_heads(), key=KEY, now=now), "nothing new, nothing noted"
    records = path.read_text().splitlines()
    assert read_heads(path, key=KEY)[1] == []
    path.write_text("\n".join([records[0], records[2]]) + "\n")
    assert [flaw.number for flaw in read_heads(path, key=KEY)[1]] == [2]
    forged = json.loads(records[1]) | {"heads": [[1, 9, "f" * 64]]}
    path.write_text("\n".join([records[0], json.dumps(forged), "{broken"]) + "\n")
    heads, flaws = read_heads(path, key=KEY)
    assert [flaw.number for flaw in flaws] == [2, 3]
    assert [head.number for head in heads] == [1]
    assert read_heads(path, key="x" * 40)[0] == []


def test_lines_from_before_the_chain_are_chained_by_the_migration(engine: Any, now: datetime, tmp_path: Path) -> None:
    number = next(path.stem for path in sorted(FOLDER.glob("*_audit_chain.py")))
    before = sorted(path.stem for path in FOLDER.glob("[0-9]*.py") if path.stem < number)[-1]
    with engine.clone(f"bare_{tmp_path.name}"[:40], lambda: None) as _url:
        _back_to(before)
        mark = "%s" if is_postgres() else "?"
        columns = "at, address, action, subject_kind, subject_id, detail"
        for count in range(2100):
            row = (now.replace(tzinfo=None), "", "unit.renamed", "unit", str(count), '{"after":"甲"}')
            database.execute_sql(f"INSERT INTO audit_line ({columns}) VALUES ({', '.join([mark] * 6)})", row)
        migrate(database.obj)
        assert count_lines() == 2100
        assert list(verify()) == []
        audit.record(None, "jobs.retried", "job", 1, unit_id=None, now=now)
        assert list(verify()) == []
        assert AuditLine.select().order_by(AuditLine.number.desc()).first().number == 2101


def _back_to(name: str) -> None:
    """Undoes the migrations after ``name``."""
    from playhouse.migrations import Runner

    runner = Runner(database.obj, str(FOLDER), table_name="schema_migration")
    while runner.status() and [one for one in runner.status() if one.applied][-1].name != name:
        runner.down()


def test_the_command_line_says_what_was_changed(cast: Cast, cast_url: str, now: datetime, tmp_path: Path) -> None:
    _write(cast, 5, now)
    environ = {"LEARNHUB_HOME": str(tmp_path), "LEARNHUB_DATABASE_URL": cast_url, "LEARNHUB_LOG_LEVEL": "error"}
    database.close()  # the commands connect by themselves
    runner = CliRunner(env=environ)
    assert runner.invoke(main, ["audit", "note-heads"]).exit_code == 0
    sound = runner.invoke(main, ["audit", "verify"])
    assert (sound.exit_code, sound.output) == (0, "5 lines read, 1 noted heads (the last at number 5), 0 flaws\n")
    _unseal()
    AuditLine.update(address="1.1.1.1").where(AuditLine.number == 3).execute()
    broken = runner.invoke(main, ["audit", "verify"])
    assert broken.exit_code == 1
    assert "(chain 1, number 3) was changed" in broken.output


def test_the_worker_notes_the_heads_and_again_an_hour_later(app: Flask, cast: Cast, settings: Settings) -> None:
    _write(cast, 2, clock.now())
    audit_tasks.schedule(clock.now(), now=clock.now())
    jobs.run_all()
    assert [head.number for head in read_heads(settings.data_dir / FILE_NAME, key=settings.secret_key)[0]] == [2]
    waiting = Job.get((Job.kind == audit_tasks.JOB) & (Job.state == "waiting"))
    assert timedelta(minutes=59) < waiting.run_at - clock.now() <= timedelta(hours=1)
