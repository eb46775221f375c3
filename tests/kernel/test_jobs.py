"""Background work: nothing committed is lost, a killed worker's job runs again, what fails waits and then stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from learnhub.kernel import clock, jobs
from learnhub.kernel.db import db as database
from learnhub.kernel.db import transaction
from learnhub.kernel.jobs import (
    MAX_ATTEMPTS,
    STALE_AFTER,
    Running,
    enqueue,
    retry_failed,
    revive_stale,
    run_all,
    run_next,
)
from learnhub.kernel.models import Job
from tests.kernel.conftest import Run

ROOT = Path(__file__).resolve().parents[2]


def state_of(job_id: int) -> Job:
    """The job as it stands."""
    return Job.get_by_id(job_id)


def test_a_job_gets_what_was_given_and_is_done(db: str, ran: list[Any], now: datetime) -> None:
    job_id = enqueue("note", {"text": "阿依古丽·买买提 䶮"}, now=now)
    assert run_next(now)
    assert ran == ["阿依古丽·买买提 䶮"]
    job = state_of(job_id)
    assert (job.state, job.share, job.attempts, job.started_at) == ("done", 1.0, 1, now)
    assert job.finished_at is not None
    assert not run_next(now)


def test_jobs_run_in_the_order_in_which_they_are_due(db: str, ran: list[Any], now: datetime) -> None:
    enqueue("note", {"text": "later"}, now=now, run_at=now - timedelta(seconds=1))
    enqueue("note", {"text": "first"}, now=now, run_at=now - timedelta(seconds=9))
    enqueue("note", {"text": "not yet"}, now=now, run_at=now + timedelta(seconds=1))
    for text in ("third", "fourth"):
        enqueue("note", {"text": text}, now=now)
    assert run_all(now) == 4
    assert ran == ["first", "later", "third", "fourth"]
    assert run_all(now + timedelta(seconds=1)) == 1


def test_a_job_of_an_undone_transaction_never_runs(db: str, ran: list[Any], now: datetime) -> None:
    with pytest.raises(LookupError), transaction():
        enqueue("note", {"text": "lost"}, now=now)
        raise LookupError
    assert run_all(now) == 0


def test_only_the_kinds_that_were_asked_for_or_are_known_are_taken(db: str, ran: list[Any], now: datetime) -> None:
    jobs.register("other")(lambda _payload, _running: ran.append("other"))
    enqueue("unknown", {}, now=now)
    enqueue("other", {}, now=now)
    enqueue("note", {"text": "note"}, now=now)
    assert run_next(now, ["note"]) and not run_next(now, ["note"])
    assert run_all(now) == 1
    assert ran == ["note", "other"]
    assert Job.select().where(Job.state == "waiting").get().kind == "unknown"


def test_a_key_waits_once_whatever_its_payload(db: str, ran: list[Any], now: datetime) -> None:
    first = enqueue("note", {"text": "first"}, now=now, key="course 7")
    assert enqueue("note", {"text": "second"}, now=now, key="course 7") == first
    assert enqueue("note", {"text": "another"}, now=now, key="course 8") != first
    assert enqueue("note", {"text": "no key"}, now=now) != enqueue("note", {"text": "no key"}, now=now)
    assert run_all(now) == 4
    assert ran == ["first", "another", "no key", "no key"]


@pytest.mark.parametrize("state", ["running", "done", "failed"])
def test_a_key_that_waits_no_longer_is_taken_again(db: str, ran: list[Any], now: datetime, state: str) -> None:
    first = enqueue("note", {"text": "x"}, now=now, key="k")
    Job.update(state=state).execute()
    assert enqueue("note", {"text": "x"}, now=now, key="k") != first


def test_work_asked_for_under_a_waiting_key_is_never_done_before_its_transaction(
    db: str, kinds: dict[str, Run], now: datetime
) -> None:
    """A job that waits already must not be taken between the asking and the commit: it would see the old state."""
    enqueue("count", {}, now=now, key="k")
    seen: list[int] = []
    kinds["count"] = lambda _payload, _running: seen.append(Job.select().where(Job.kind == "change").count())
    asked, looked = threading.Event(), threading.Event()

    def change() -> None:
        with transaction():
            Job.create(kind="change", payload={}, run_at=now, created_at=now)
            enqueue("count", {}, now=now, key="k")
            asked.set()
            looked.wait(0.5)
        database.close()

    thread = threading.Thread(target=change)
    thread.start()
    assert asked.wait(10)
    run_all(now)
    looked.set()
    thread.join()
    run_all(now)
    assert seen[-1] == 1


def test_what_fails_waits_longer_each_time_and_stays_failed_at_last(
    db: str, kinds: dict[str, Run], now: datetime
) -> None:
    def fail(_payload: dict[str, Any], running: Running) -> None:
        raise ConnectionError(f"attempt {running.attempt}")

    kinds["fail"] = fail
    job_id = enqueue("fail", {}, now=now)
    moment, waits = now, []
    for _attempt in range(MAX_ATTEMPTS - 1):
        with clock.told_by(lambda moment=moment: moment):
            assert run_next(moment)
        job = state_of(job_id)
        assert job.state == "waiting" and job.finished_at is None
        waits.append((job.run_at - moment).total_seconds())
        assert not run_next(job.run_at - timedelta(seconds=1))
        moment = job.run_at
    with clock.told_by(lambda: moment):
        assert run_next(moment)
    job = state_of(job_id)
    assert waits == [2, 4, 8, 16]
    assert (job.state, job.attempts, job.note) == ("failed", 5, "ConnectionError: attempt 5")
    assert job.finished_at == moment
    assert not run_next(moment + timedelta(days=9))


def test_what_failed_once_may_succeed_the_next_time(db: str, kinds: dict[str, Run], now: datetime) -> None:
    def second_time(_payload: dict[str, Any], running: Running) -> None:
        if running.attempt == 1:
            raise OSError("the network was away")

    kinds["x"] = second_time
    job_id = enqueue("x", {}, now=now)
    with clock.told_by(lambda: now):
        assert run_all(now) == 1
        assert run_all(now + timedelta(seconds=2)) == 1
    assert (state_of(job_id).state, state_of(job_id).attempts) == ("done", 2)


def test_one_that_fails_keeps_no_other_from_running(
    db: str, kinds: dict[str, Run], ran: list[Any], now: datetime
) -> None:
    def fail(_payload: dict[str, Any], _running: Running) -> None:
        raise ZeroDivisionError

    kinds["fail"] = fail
    enqueue("fail", {}, now=now)
    enqueue("note", {"text": "goes on"}, now=now)
    with clock.told_by(lambda: now):
        assert run_all(now) == 2
    assert ran == ["goes on"]


def test_what_failed_can_be_put_back_in_line(db: str, ran: list[Any], now: datetime) -> None:
    failed = [enqueue("note", {"text": str(number)}, now=now) for number in range(3)]
    Job.update(state="failed", attempts=MAX_ATTEMPTS, finished_at=now).execute()
    later = now + timedelta(hours=1)
    assert retry_failed(later, failed[1]) == 1
    assert state_of(failed[1]).attempts == 0 and state_of(failed[1]).finished_at is None
    assert retry_failed(later) == 2
    assert retry_failed(later) == 0
    assert run_all(later) == 3


def test_a_failed_job_whose_successor_waits_is_left(db: str, ran: list[Any], now: datetime) -> None:
    enqueue("note", {"text": "old"}, now=now, key="k")
    Job.update(state="failed").execute()
    enqueue("note", {"text": "new"}, now=now, key="k")
    assert retry_failed(now) == 0
    assert run_all(now) == 1
    assert ran == ["new"]


def test_progress_is_kept_between_nothing_and_all(db: str, kinds: dict[str, Run], now: datetime) -> None:
    told: list[tuple[float, str]] = []

    def work(_payload: dict[str, Any], running: Running) -> None:
        for share, note in ((0.25, "转码 360p"), (-3, ""), (7, "x" * 999)):
            running.progress(share, note)
            told.append((state_of(running.id).share, state_of(running.id).note))
        assert state_of(running.id).beat_at is not None

    kinds["work"] = work
    enqueue("work", {}, now=now)
    assert run_all(now) == 1
    assert told == [(0.25, "转码 360p"), (0.0, ""), (1.0, "x" * 300)]


def test_a_worker_that_is_still_heard_of_keeps_its_job(db: str, ran: list[Any], now: datetime) -> None:
    job_id = enqueue("note", {"text": "x"}, now=now)
    Job.update(state="running", attempts=1, beat_at=now).execute()
    assert revive_stale(now + STALE_AFTER) == 0
    assert revive_stale(now + STALE_AFTER + timedelta(seconds=1)) == 1
    assert state_of(job_id).state == "waiting"
    assert run_all(now + timedelta(minutes=2)) == 1


def test_a_job_that_kills_each_worker_ends_as_failed(db: str, ran: list[Any], now: datetime) -> None:
    job_id = enqueue("note", {"text": "x"}, now=now)
    Job.update(state="running", attempts=MAX_ATTEMPTS, beat_at=now).execute()
    assert revive_stale(now + timedelta(minutes=2)) == 0
    assert (state_of(job_id).state, state_of(job_id).note) == ("failed", "the worker died")


def test_several_workers_run_each_job_once(db: str, kinds: dict[str, Run], now: datetime) -> None:
    ran: list[int] = []
    kinds["x"] = lambda payload, _running: ran.append(payload["number"])
    with transaction():
        for number in range(30):
            enqueue("x", {"number": number}, now=now)

    def work() -> None:
        run_all(now)
        database.close()

    threads = [threading.Thread(target=work) for _worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == list(range(30))
    assert Job.select().where((Job.state == "done") & (Job.attempts == 1)).count() == 30


WORKER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from learnhub.kernel import clock, jobs
from learnhub.kernel.db import connect

@jobs.register("long")
def long(payload, running):
    Path(payload["began"]).write_text(str(running.attempt))
    time.sleep(payload["seconds"])
    Path(payload["ended"]).write_text(str(running.attempt))

connect(sys.argv[1])
jobs.run_next(clock.now())
"""


def test_a_worker_killed_in_the_middle_leaves_its_job_to_the_next(db: str, tmp_path: Path) -> None:
    began, ended = tmp_path / "began", tmp_path / "ended"
    payload = {"began": str(began), "ended": str(ended), "seconds": 30}
    job_id = enqueue("long", payload, now=clock.now())
    command = [sys.executable, "-c", WORKER, db]
    worker = subprocess.Popen(command, cwd=ROOT)
    deadline = time.monotonic() + 60
    while not began.exists():
        assert time.monotonic() < deadline and worker.poll() is None
        time.sleep(0.02)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert (state_of(job_id).state, state_of(job_id).attempts) == ("running", 1)
    assert not ended.exists()
    assert revive_stale(clock.now() + STALE_AFTER + timedelta(seconds=30)) == 1
    Job.update(run_at=clock.now(), payload={**payload, "seconds": 0}).execute()
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    assert (state_of(job_id).state, state_of(job_id).attempts) == ("done", 2)
    assert (began.read_text(), ended.read_text()) == ("2", "2")
