"""The ledger's end is signed: what was cut off, rewritten or taken out is found, through the command line as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from learnhub.config import Settings
from learnhub.kernel.db import db as database
from learnhub.kernel.db import is_postgres
from learnhub.kernel.keys import signing_key
from learnhub.study import actions, heads, ledger
from learnhub.study.models import LedgerEntry, LedgerHead, YearHours
from learnhub.study.rules import chain
from tests.cast import Cast
from tests.study.conftest import Library

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(cast_url: str, settings: Settings) -> Run:
    """``learnhub ledger …`` in a process of its own: exit code and what it printed."""

    def command(*words: str) -> tuple[int, str]:
        environ = {
            "PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", str(Path.cwd())),
            "LEARNHUB_HOME": str(settings.home), "LEARNHUB_DATABASE_URL": cast_url,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "learnhub.cli", "ledger", *words], capture_output=True, text=True, env=environ
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    return command


@pytest.fixture
def people(cast: Cast, library: Library, settings: Settings) -> tuple[int, int]:
    """Two people with three entries each, one in each of three years; signed after the second and at the end."""
    ids = (cast.people["learner"].id, cast.people["colleague"].id)
    key = signing_key(settings.data_dir)
    for year in range(3):
        at = cast.now + timedelta(days=366 * year)
        for person in ids:
            actions.credit_group_viewing(person, library.video.id, 7, held_at=at, now=at, settings=settings)
        if year:
            assert heads.note_head(settings.data_dir / heads.FILE_NAME, key, now=at)
    return ids


def unsealed(*statements: str) -> None:
    """Changes the ledger behind the triggers' back."""
    if is_postgres():
        database.execute_sql("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        database.execute_sql("ALTER TABLE ledger_head DISABLE TRIGGER USER")
    else:
        for name in (
            "ledger_entry_no_update",
            "ledger_entry_no_delete",
            "ledger_head_no_delete",
            "ledger_head_no_update",
        ):
            database.execute_sql(f"DROP TRIGGER {name}")
    for statement in statements:
        database.execute_sql(statement)


def test_a_whole_ledger_has_no_faults_and_signing_twice_adds_nothing(run: Run, people: tuple[int, int]) -> None:
    assert run("verify") == (0, "6 entries, 2 signed heads, 0 faults\n")
    assert "nothing new" in run("sign-head")[1]
    assert len(run("public-key")[1].strip()) == 64


def test_a_cut_end_is_found_by_the_signed_head(run: Run, people: tuple[int, int]) -> None:
    person, other = people
    unsealed(f"DELETE FROM year_hours WHERE person_id = {person} AND year = 2028",
             f"DELETE FROM ledger_entry WHERE person_id = {person} AND number = 3")  # fmt: skip
    code, told = run("verify")
    assert code == 1
    assert f"person {person}, entry 3: is missing: a signed head names it" in told
    assert f"person {other}" not in told
    assert run("verify", "--person", str(other))[0] == 0


def test_altered_missing_and_reordered_entries_are_named(run: Run, people: tuple[int, int]) -> None:
    person, other = people
    unsealed(
        f"UPDATE ledger_entry SET centihours = 900 WHERE person_id = {person} AND number = 1",
        f"UPDATE ledger_entry SET number = 9 WHERE person_id = {other} AND number = 1",
        f"UPDATE ledger_entry SET number = 1 WHERE person_id = {other} AND number = 2",
        f"UPDATE ledger_entry SET number = 2 WHERE person_id = {other} AND number = 9",
        f"DELETE FROM ledger_entry WHERE person_id = {person} AND number = 2",
    )
    code, told = run("verify")
    assert code == 1
    for words in (
        f"person {person}, entry 1: was altered", f"person {person}, entry 2: is missing",
        f"person {other}, entry 1: was altered", f"person {other}, entry 2: does not follow",
        f"person {person}, year 2026: the figures kept differ",
    ):  # fmt: skip
        assert words in told


def test_a_chain_written_anew_with_sound_digests_is_found(run: Run, people: tuple[int, int]) -> None:
    """Whoever knows the program can seal anew; the signature they cannot make."""
    entries = list(LedgerEntry.select().where(LedgerEntry.person == people[0]).order_by(LedgerEntry.number))
    unsealed()
    before = chain.START
    for entry in entries:
        entry.centihours, entry.previous_digest = 900, before
        before = entry.digest = chain.seal(ledger.plain(entry))
        entry.save()
        ledger.recount(people[0], entry.year)
    assert list(ledger.list_faults()) == []
    code, told = run("verify")
    assert code == 1
    assert f"person {people[0]}, entry 3: is another than the one that a signed head names" in told


def test_heads_are_kept_outside_the_table_too(
    run: Run, people: tuple[int, int], settings: Settings, tmp_path: Path
) -> None:
    file = settings.data_dir / heads.FILE_NAME
    copy = tmp_path / "kept-elsewhere.jsonl"
    copy.write_text(file.read_text("utf-8"), "utf-8")
    unsealed("DELETE FROM ledger_head WHERE number = 2")
    code, told = run("verify", "--heads", str(copy))
    assert (code, "signed head 2: is missing in the database" in told) == (1, True)
    lines = copy.read_text("utf-8").splitlines()
    record = json.loads(lines[0])
    record["ends"][0][1] = 1
    copy.write_text("\n".join([json.dumps(record, sort_keys=True, separators=(",", ":")), *lines[1:]]), "utf-8")
    assert "signed head 1: was changed or not signed" in run("verify", "--heads", str(copy))[1]
    assert "signed head 1: was changed" in run("verify", "--key", "00" * 32)[1]


def test_the_database_refuses_a_second_credit_under_any_key_and_any_change_of_a_head(
    cast: Cast, people: tuple[int, int]
) -> None:
    entry = LedgerEntry.get()
    values = {**entry.__data__, "number": 9, "credit_key": "another key"}
    del values["id"]
    for forbidden in (
        LedgerEntry.insert(**values), LedgerHead.update(record="{}"), LedgerHead.delete(),
    ):  # fmt: skip
        with pytest.raises(Exception, match="stand already|never changed"), database.atomic():
            forbidden.execute()


def test_the_figures_kept_are_those_of_a_recount_and_every_reversal_restores_them(
    cast: Cast, library: Library, settings: Settings
) -> None:
    person, now = cast.people["learner"].id, cast.now
    actions.credit_group_viewing(person, library.text.id, 6, held_at=now, now=now, settings=settings)
    before = list(YearHours.select().dicts())
    actions.credit_group_viewing(person, library.video.id, 7, held_at=now, now=now, settings=settings)
    assert sum(row.counted for row in YearHours.select()) == 50
    actions.reverse_group_viewing(person, library.video.id, 7, reason="不在场", now=now)
    after = list(YearHours.select().dicts())
    assert [{**row, "id": 0} for row in after] == [{**row, "id": 0} for row in before]
    assert list(ledger.list_miscounts()) == []


@pytest.mark.parametrize("group_first", [True, False])
def test_on_line_and_in_a_group_give_the_same_year_in_either_order(
    cast: Cast, library: Library, settings: Settings, group_first: bool
) -> None:
    person, actor, now = cast.people["learner"].id, cast.actor("learner"), cast.now

    def in_group() -> None:
        actions.credit_group_viewing(person, library.video.id, 7, held_at=now, now=now, settings=settings)

    def on_line() -> None:
        opened = actions.open_viewing(actor, library.video.id, device="", now=now, settings=settings)
        report = {"token": opened.token, "seq": 1, "seen": [[0, 600_000]], "position_ms": 600_000}
        actions.record_report(report, now=now + timedelta(minutes=11), settings=settings)

    for study in (in_group, on_line) if group_first else (on_line, in_group):
        study()
    kept = {row.source: (row.given, row.counted) for row in YearHours.select()}
    assert kept == {"online": (25, 25)}
    assert sum(entry.centihours for entry in LedgerEntry.select()) == 25
