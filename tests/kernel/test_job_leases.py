"""Several workers share the jobs: leases, priorities, cancelling, the time left, and what is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from learnhub.kernel import clock, jobs
from learnhub.kernel.jobs import Running, enqueue, retry_failed, revive_stale, run_all, run_next
from learnhub.kernel.models import Job
from tests.kernel.conftest import Run


def state_of(job_id: int) -> Job:
    """The job as it stands."""
    return Job.get_by_id(job_id)


def test_the_urgent_go_first_and_asking_again_can_make_it_urgent(db: str, ran: list[Any], now: datetime) -> None:
    enqueue("note", {"text": "patient"}, now=now, run_at=now - timedelta(hours=1), priority=-10)
    enqueue("note", {"text": "usual"}, now=now - timedelta(minutes=1), key="k")
    enqueue("note", {"text": "urgent"}, now=now, priority=10)
    enqueue("note", {"text": "the same"}, now=now, key="k", priority=20)
    enqueue("note", {"text": "the same"}, now=now, key="k", priority=5)
    assert run_all(now) == 3
    assert ran == ["usual", "urgent", "patient"]


def test_a_waiting_job_is_cancelled_at_once_and_can_be_taken_up_again(db: str, ran: list[Any], now: datetime) -> None:
    job_id = enqueue("note", {"text": "x"}, now=now)
    assert jobs.cancel(job_id, now)
    assert (state_of(job_id).state, state_of(job_id).finished_at) == ("cancelled", now)
    assert not jobs.cancel(job_id, now)
    assert run_all(now) == 0
    assert retry_failed(now) == 0, "all failed ones does not mean those that somebody cancelled"
    assert retry_failed(now, job_id) == 1
    assert run_all(now) == 1
    assert state_of(job_id).state == "done"


def test_a_running_job_hears_at_its_next_word_that_it_was_cancelled(
    db: str, kinds: dict[str, Run], now: datetime
) -> None:
    released: list[str] = []

    def work(_payload: dict[str, Any], running: Running) -> None:
        running.progress(0.2)
        assert jobs.cancel(running.id, now)
        try:
            running.progress(0.4)
        finally:
            released.append("files")

    kinds["work"] = work
    job_id = enqueue("work", {}, now=now)
    assert run_next(now)
    assert (state_of(job_id).state, released) == ("cancelled", ["files"])
    assert not run_next(now + timedelta(days=1))


def test_a_worker_that_is_to_end_gives_its_job_back_uncounted(db: str, kinds: dict[str, Run], now: datetime) -> None:
    kinds["work"] = lambda _payload, running: running.progress(0.5)
    job_id = enqueue("work", {}, now=now)
    with clock.told_by(lambda: now):
        assert run_next(now, stopping=lambda: True)
    assert (state_of(job_id).state, state_of(job_id).attempts) == ("waiting", 0)
    assert run_next(now)
    assert (state_of(job_id).state, state_of(job_id).attempts) == ("done", 1)


def test_a_worker_whose_lease_went_to_another_stops_and_changes_nothing(
    db: str, kinds: dict[str, Run], now: datetime
) -> None:
    """As when a machine slept: the job was given to another, whose word alone counts."""

    def work(_payload: dict[str, Any], running: Running) -> None:
        Job.update(worker="another machine", share=0.9).execute()
        running.progress(0.3)
        raise AssertionError("went on without the lease")

    kinds["work"] = work
    job_id = enqueue("work", {}, now=now)
    assert run_next(now)
    job = state_of(job_id)
    assert (job.state, job.worker, job.share, job.note) == ("running", "another machine", 0.9, "")

    kinds["work"] = lambda _payload, _running: Job.update(worker="another machine").execute() and None
    second = enqueue("work", {}, now=now)
    assert run_next(now)
    assert state_of(second).state == "running", "done is for the holder to say"


def test_a_job_cancelled_while_its_worker_was_dead_does_not_come_back(db: str, ran: list[Any], now: datetime) -> None:
    job_id = enqueue("note", {"text": "x"}, now=now)
    Job.update(state="running", attempts=1, beat_at=now, worker="dead").execute()
    assert jobs.cancel(job_id, now)
    assert revive_stale(now + timedelta(minutes=2)) == 0
    assert state_of(job_id).state == "cancelled"


def test_the_time_left_follows_the_pace_of_the_last_minute() -> None:
    pace = jobs.Pace()
    assert pace.left_s(0.0, 0.0) is None
    for second in range(1, 101):
        slow = pace.left_s(second * 0.001, float(second))
    assert slow == 900
    for second in range(101, 201):
        quick = pace.left_s(0.1 + (second - 100) * 0.005, float(second))
    assert quick == 80
    assert pace.left_s(0.6, 201.0) is not None


def test_what_ended_long_ago_is_forgotten(db: str, now: datetime) -> None:
    for state, days in (
        ("done", 15),
        ("done", 13),
        ("failed", 15),
        ("failed", 91),
        ("cancelled", 91),
        ("waiting", 400),
    ):
        then = now - timedelta(days=days)
        ended = None if state == "waiting" else then
        Job.create(kind="x", payload={}, run_at=then, created_at=then, state=state, finished_at=ended)
    assert jobs.prune(now) == 3
    assert sorted(job.state for job in Job.select()) == ["done", "failed", "waiting"]


def test_the_newest_job_of_each_key_is_found(db: str, now: datetime) -> None:
    Job.create(kind="x", key="a", payload={}, state="failed", run_at=now, created_at=now)
    newer = Job.create(kind="x", key="a", payload={}, run_at=now, created_at=now)
    assert {key: job.id for key, job in jobs.latest(["a", "b"]).items()} == {"a": newer.id}
