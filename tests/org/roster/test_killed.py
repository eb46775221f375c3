"""Workers that are killed with -9 in the middle of an import: nothing half, and a way on; imports that meet."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from learnhub.config import Settings
from learnhub.kernel import clock, db, jobs
from learnhub.kernel.db import connect, is_postgres, open_database
from learnhub.kernel.errors import Conflict
from learnhub.kernel.models import Job
from learnhub.org import actions
from learnhub.org.actions import roster
from learnhub.org.audit.verify import verify
from learnhub.org.models import AuditLine, Person
from learnhub.org.queries import roster as queries
from learnhub.org.roster import planning, tasks, writing
from learnhub.org.roster.models import ImportLine, ImportRun
from learnhub.org.scope import Actor, load_actor
from tests.cast import Cast
from tests.org.roster.books import table

CODE, COUNT = "530402004013", 900
DIES = """
import os, signal, sys
from learnhub.config import read_settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.db import connect, is_postgres, open_database
from learnhub.org.actions import roster
from learnhub.org.audit.verify import verify
from learnhub.org.roster import tasks, writing

def dying(function, after):
    calls = [0]
    def call(*given, **named):
        result = function(*given, **named)
        calls[0] += 1
        if calls[0] == after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

url, home, point = sys.argv[1:]
owner, name, after = {
    "planning": (writing, "keep_lines", 2),
    "people": (writing, "write_people", 1),
    "end": (roster, "_record", 1),
    "undoing": (writing, "take_back", 1),
}[point]
setattr(owner, name, dying(getattr(owner, name), after))
connect(url)
tasks.register(read_settings({"LEARNHUB_LOG_LEVEL": "error"}, home=home))
jobs.run_all(clock.now())
"""
"""A worker that ends itself with SIGKILL right after the given step of its transaction."""


@pytest.fixture
def admin(cast: Cast, settings: Settings) -> Actor:
    """The unit administrator at this very moment: jobs run by the real clock."""
    tasks.register(settings)
    return load_actor(cast.unit_admin.person_id, clock.now())


def start(admin: Actor, settings: Settings, *, count: int = COUNT, first: str = "K") -> ImportRun:
    """An upload of so many new people, not yet read."""
    rows = [(f"甲{number}", CODE, f"{first}{number}", "", "") for number in range(count)]
    return roster.start_import(admin, [table(*rows)], file_name="a.csv", data_dir=settings.data_dir, now=clock.now())


def killed_at(point: str, url: str, settings: Settings) -> None:
    """Lets a worker take the job and die."""
    command = [sys.executable, "-c", DIES, url, str(settings.home), point]
    done = subprocess.run(command, timeout=60, check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


def revive() -> None:
    """What the worker does a minute after another has died."""
    later = clock.now() + jobs.STALE_AFTER + timedelta(seconds=5)
    assert jobs.revive_stale(later) == 1
    jobs.run_all(later)


@pytest.mark.parametrize("point", ["people", "end"])
def test_an_application_killed_in_the_middle_has_done_nothing_and_is_done_later(
    cast_url: str, admin: Actor, settings: Settings, point: str
) -> None:
    run = start(admin, settings)
    jobs.run_all(clock.now())
    roster.apply_import(admin, run.id, now=clock.now())
    before = (Person.select().count(), AuditLine.select().count())
    killed_at(point, cast_url, settings)
    assert (Person.select().count(), AuditLine.select().count()) == before
    assert queries.get_run(run.id).state == "applying"
    assert not ImportLine.select().where(ImportLine.person_id.is_null(False)).exists()
    revive()
    assert queries.get_run(run.id).state == "applied"
    assert Person.select().where(Person.staff_no.startswith("K")).count() == COUNT
    assert AuditLine.select().where(AuditLine.action == "person.added").count() == COUNT


def test_a_dry_run_killed_in_the_middle_is_made_again_without_doubles(
    cast_url: str, admin: Actor, settings: Settings
) -> None:
    run = start(admin, settings)
    killed_at("planning", cast_url, settings)
    assert 0 < ImportLine.select().count() < COUNT
    revive()
    assert queries.get_run(run.id).counts["created"] == ImportLine.select().count() == COUNT


def test_an_undoing_killed_in_the_middle_has_taken_nothing_back(
    cast_url: str, admin: Actor, settings: Settings
) -> None:
    run = start(admin, settings, count=10)
    jobs.run_all(clock.now())
    roster.apply_import(admin, run.id, now=clock.now())
    jobs.run_all(clock.now())
    roster.undo_import(admin, run.id, "传错了", now=clock.now())
    killed_at("undoing", cast_url, settings)
    assert Person.select().where(Person.staff_no.startswith("K")).count() == 10
    revive()
    assert not Person.select().where(Person.staff_no.startswith("K")).exists()


def test_a_job_that_has_given_up_is_tried_again_or_removed(admin: Actor, settings: Settings) -> None:
    run = start(admin, settings, count=3)
    jobs.run_all(clock.now())
    roster.apply_import(admin, run.id, now=clock.now())
    with pytest.raises(Conflict):
        roster.try_again(admin, run.id, now=clock.now())
    job_id = queries.get_run(run.id).job_id
    Job.update(state="failed").where(Job.id == job_id).execute()
    roster.try_again(admin, run.id, now=clock.now())
    jobs.run_all(clock.now())
    assert queries.get_run(run.id).state == "applied"
    other = start(admin, settings, count=3, first="L")
    jobs.run_all(clock.now())
    roster.apply_import(admin, other.id, now=clock.now())
    Job.update(state="failed").where(Job.id == queries.get_run(other.id).job_id).execute()
    roster.discard_import(admin, other.id, data_dir=settings.data_dir, now=clock.now())
    jobs.run_all(clock.now())
    assert queries.get_run(other.id).state == "discarded"
    assert not Person.select().where(Person.staff_no.startswith("L")).exists()


def test_two_imports_of_one_file_at_once_add_everybody_once(cast_url: str, admin: Actor, settings: Settings) -> None:
    rows = [(f"同名{number}", CODE, "", "", "") for number in range(400)]
    runs = [
        roster.start_import(admin, [table(*rows)], file_name="a.csv", data_dir=settings.data_dir, now=clock.now())
        for _ in range(2)
    ]
    jobs.run_all(clock.now())
    assert [queries.get_run(run.id).counts["created"] for run in runs] == [400, 400]
    for run in runs:
        roster.apply_import(admin, run.id, now=clock.now())
    db.db.close()
    workers = [threading.Thread(target=_work, args=(run.id, admin, settings)) for run in runs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    connect(cast_url)
    assert Person.select().where(Person.name.startswith("同名")).count() == 400
    states = sorted(queries.get_run(run.id).state for run in runs)
    assert states == ["applied", "planned"]
    late = next(queries.get_run(run.id) for run in runs if queries.get_run(run.id).state == "planned")
    assert (late.refusal, late.counts["same"]) == ("org.import_changed", 400)


def _work(run_id: int, admin: Actor, settings: Settings) -> None:
    roster.carry_on(
        run_id, admin.person_id, address="", data_dir=settings.data_dir, now=clock.now(), progress=lambda _share: None
    )
    db.db.close()


def test_what_changes_while_the_plan_is_made_once_more_is_seen(admin: Actor, cast: Cast, settings: Settings) -> None:
    rows = [("新人", CODE, "", "", "")]
    run = roster.start_import(admin, [table(*rows)], file_name="a.csv", data_dir=settings.data_dir, now=clock.now())
    jobs.run_all(clock.now())
    roster.apply_import(admin, run.id, now=clock.now())

    def meanwhile(share: float) -> None:
        if share < 1 and not Person.select().where(Person.name == "新人").exists():
            actions.add_person(None, actions.NewPerson("新人", cast.village.id), now=clock.now())

    roster.carry_on(
        run.id, admin.person_id, address="", data_dir=settings.data_dir, now=clock.now(), progress=meanwhile
    )
    run = queries.get_run(run.id)
    assert (run.state, run.refusal, run.counts["same"]) == ("planned", "org.import_changed", 1)


@pytest.mark.parametrize("act", ["moved", "renamed", "retired"])
def test_a_tree_that_changed_since_the_dry_run_is_looked_at_again(
    admin: Actor, cast: Cast, settings: Settings, act: str
) -> None:
    path = "红塔区/北城街道/大石板社区居民委员会"
    raw = table(("新人", path, "N1"), headings=("姓名", "单位", "工号"))
    run = roster.start_import(admin, [raw], file_name="a.csv", data_dir=settings.data_dir, now=clock.now())
    jobs.run_all(clock.now())
    root, village = load_actor(cast.system_admin.person_id, clock.now()), cast.village.id
    if act == "moved":
        actions.move_unit(root, village, cast.units["sibling_township"].id, reason="区划调整", now=clock.now())
    elif act == "renamed":
        actions.rename_unit(root, village, "新石板社区居民委员会", reason="更名", now=clock.now())
    else:
        actions.merge_units(root, village, cast.units["sibling_village"].id, reason="撤并", now=clock.now())
    roster.apply_import(admin, run.id, now=clock.now())
    jobs.run_all(clock.now())
    run = queries.get_run(run.id)
    assert (run.state, run.refusal, run.counts["refused"]) == ("planned", "org.import_changed", 1)
    assert not Person.select().where(Person.staff_no == "N1").exists()


def test_nobody_waits_while_an_import_is_planned_and_made_ready(
    cast_url: str, admin: Actor, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(admin, settings, count=30)
    jobs.run_all(clock.now())
    roster.apply_import(admin, run.id, now=clock.now())
    added, inside = [], []
    make_ready, plan = writing.make_ready, planning.plan

    def and_then_others_write(*given: Any) -> writing.Ready:
        ready = make_ready(*given)
        if not is_postgres():  # SQLite has one write lock: it is free, at once
            with closing(sqlite3.connect(cast_url.removeprefix("sqlite:///"), timeout=0)) as beside:
                beside.execute("BEGIN IMMEDIATE")
                beside.rollback()
        added.append(actions.add_person(None, actions.NewPerson("旁人", cast.village.id), now=clock.now()))
        return ready

    def noted(*given: Any) -> Any:
        inside.append(db.db.in_transaction())
        return plan(*given)

    monkeypatch.setattr(writing, "make_ready", and_then_others_write)
    monkeypatch.setattr(planning, "plan", noted)
    jobs.run_all(clock.now())
    assert queries.get_run(run.id).state == "applied"
    assert inside == [False, False], "somebody was added meanwhile: it was planned once more, and outside again"
    new = set(Person.select(Person.id).where(Person.staff_no.startswith("K")).tuples())
    assert len(new) == 30 and (added[0].id,) not in new
    assert {(line.person_id,) for line in ImportLine.select()} == new
    assert {(int(line.subject_id),) for line in AuditLine.select() if "import" in line.detail} >= new
    assert list(verify()) == []


def test_readers_and_reports_go_on_while_an_import_is_being_written(
    cast_url: str, admin: Actor, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(cast.learner.name, CODE, "HT2001", "", "新职务"), ("新人", CODE, "N1", "", "")]
    run = roster.start_import(admin, [table(*rows)], file_name="a.csv", data_dir=settings.data_dir, now=clock.now())
    jobs.run_all(clock.now())
    assert queries.get_run(run.id).counts == {"created": 1, "changed": 1, "same": 0, "refused": 0}
    roster.apply_import(admin, run.id, now=clock.now())
    write_people, seen = writing.write_people, []

    def and_somebody_reads(*given: Any) -> int | None:
        change = write_people(*given)
        beside = open_database(cast_url)
        if is_postgres():
            beside.execute_sql("SET lock_timeout = '1ms'")
            # What the foreign key of a report asks for. (On SQLite a report waits for the commit.)
            beside.execute_sql("SELECT id FROM person WHERE id = %s FOR KEY SHARE", (cast.learner.person_id,))
        seen.extend(beside.execute_sql("SELECT duty FROM person WHERE staff_no = 'HT2001' OR staff_no = 'N1'"))
        beside.close()
        return change

    monkeypatch.setattr(writing, "write_people", and_somebody_reads)
    jobs.run_all(clock.now())
    assert queries.get_run(run.id).state == "applied"
    assert seen and ("新职务",) not in [tuple(row) for row in seen]
