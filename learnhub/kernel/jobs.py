"""Background work on a table: nothing enqueued in a committed transaction is lost, a killed worker's job runs again.

A job runs at least once; what it does must therefore be idempotent.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from peewee import OperationalError

from learnhub.kernel import clock
from learnhub.kernel.db import db, is_postgres, locked, transaction
from learnhub.kernel.models import Job

MAX_ATTEMPTS = 5
STALE_AFTER = timedelta(seconds=60)
_BEAT_EVERY_S = 15

_runners: dict[str, Callable[[dict[str, Any], Running], None]] = {}
_log = logging.getLogger(__name__)


class Running:
    """A job in the hands of a worker; tells how far it is."""

    def __init__(self, job: Job) -> None:
        self.id = job.id
        self.attempt = job.attempts

    def progress(self, share: float, note: str = "") -> None:
        """Stores how far the job is, from 0 to 1; a busy database misses a figure, the job goes on."""
        told = {"share": min(1.0, max(0.0, share)), "note": note[:300]}
        _say_alive(self.id, **told)


def register(
    kind: str,
) -> Callable[[Callable[[dict[str, Any], Running], None]], Callable[[dict[str, Any], Running], None]]:
    """``@register("media.prepare")`` above ``def run(payload, running)``: what a worker calls for that kind."""

    def keep(run: Callable[[dict[str, Any], Running], None]) -> Callable[[dict[str, Any], Running], None]:
        _runners[kind] = run
        return run

    return keep


def enqueue(
    kind: str, payload: dict[str, Any], *, now: datetime, key: str | None = None, run_at: datetime | None = None
) -> int:
    """Adds a job within the caller's transaction and returns its id; a waiting job of the same ``key`` is kept."""
    with transaction():
        if key is not None:
            # Locked: a worker that took it before this commit would not see what the caller has changed.
            waiting = locked(Job.select(Job.id).where((Job.key == key) & (Job.state == "waiting"))).first()
            if waiting is not None:
                return waiting.id
        return Job.create(kind=kind, key=key, payload=payload, run_at=run_at or now, created_at=now).id


def run_next(now: datetime, kinds: list[str] | None = None) -> bool:
    """Takes the oldest job that is due and runs it; False when there was none."""
    job = _take(now, kinds)
    if job is None:
        return False
    with _beating(job.id):
        try:
            _runners[job.kind](job.payload, Running(job))
        except Exception as error:  # noqa: BLE001 (the worker must outlive any job; the trace is in the log)
            _log.exception("job failed", extra={"fields": {"job": job.id, "kind": job.kind}})
            _put_back(job, error)
        else:
            Job.update(state="done", share=1.0, finished_at=clock.now()).where(Job.id == job.id).execute()
    return True


def run_all(now: datetime | None = None) -> int:
    """Runs every job that is due, those that they enqueue too; returns how many. For command lines and tests."""
    count = 0
    while run_next(now or clock.now()):
        count += 1
    return count


def retry_failed(now: datetime, job_id: int | None = None) -> int:
    """Puts a failed job (or all of them) back in line with all its attempts before it; returns how many.

    A failed job with a key whose successor waits already is left: the successor does the same work.
    """
    waiting = Job.alias()
    same = waiting.select(waiting.key).where((waiting.state == "waiting") & waiting.key.is_null(False))
    failed = (Job.state == "failed") & (Job.key.is_null() | Job.key.not_in(same))
    if job_id is not None:
        failed &= Job.id == job_id
    with transaction():
        return Job.update(state="waiting", attempts=0, share=0, run_at=now, finished_at=None).where(failed).execute()


def revive_stale(now: datetime) -> int:
    """Gives jobs back whose worker has not been heard of for a minute; returns how many.

    One that has taken its worker with it :data:`MAX_ATTEMPTS` times has failed.
    """
    stale = (Job.state == "running") & (Job.beat_at < now - STALE_AFTER)
    deadly = stale & (Job.attempts >= MAX_ATTEMPTS)
    Job.update(state="failed", note="the worker died", finished_at=now).where(deadly).execute()
    return Job.update(state="waiting", run_at=now).where(stale).execute()


def _take(now: datetime, kinds: list[str] | None) -> Job | None:
    due = (Job.state == "waiting") & (Job.run_at <= now) & Job.kind.in_(kinds or list(_runners))
    with transaction():
        oldest = Job.select().where(due).order_by(Job.run_at, Job.id)
        # What another transaction holds is not yet decided; the next in line need not wait for it.
        job = (oldest.for_update("FOR UPDATE SKIP LOCKED") if is_postgres() else oldest).first()
        if job is None:
            return None
        taken = {"state": "running", "attempts": job.attempts + 1, "started_at": now, "beat_at": clock.now()}
        Job.update(**taken).where(Job.id == job.id).execute()
    job.attempts += 1
    return job


def _put_back(job: Job, error: Exception) -> None:
    now = clock.now()
    last = job.attempts >= MAX_ATTEMPTS
    Job.update(
        state="failed" if last else "waiting",
        note=f"{type(error).__name__}: {error}"[:300],
        run_at=now + timedelta(seconds=2**job.attempts),
        finished_at=now if last else None,
    ).where(Job.id == job.id).execute()


def _say_alive(job_id: int, **told: float | str) -> None:
    try:
        Job.update(beat_at=clock.now(), **told).where(Job.id == job_id).execute()
    except OperationalError as error:
        _log.warning("progress not stored", extra={"fields": {"job": job_id, "reason": str(error)}})


@contextmanager
def _beating(job_id: int) -> Iterator[None]:
    """Keeps ``beat_at`` fresh from a thread while a long job runs."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT_EVERY_S):
            _say_alive(job_id)
        db.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
