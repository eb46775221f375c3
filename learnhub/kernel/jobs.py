"""Background work on a table: nothing enqueued in a committed transaction is lost, a killed worker's job runs again.

A job runs at least once; what it does must therefore be idempotent. Several workers on several machines share the
table: whoever takes a job holds it by a lease that is renewed while it runs. A worker that was believed dead finds its
lease gone at its next word and stops; what it still writes about the job does not count. The clocks of the machines
must agree within :data:`STALE_AFTER`; when they do not, work is done twice, never lost.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from peewee import OperationalError

from learnhub.kernel import clock, ids
from learnhub.kernel.db import db, is_postgres, locked, transaction
from learnhub.kernel.models import Job

MAX_ATTEMPTS = 5
STALE_AFTER = timedelta(seconds=60)
KEEP_DONE = timedelta(days=14)
KEEP_OTHERS = timedelta(days=90)
_BEAT_EVERY_S = 15
_PACE_S = 60.0
_TELL_EVERY_S = 1.0

_runners: dict[str, Callable[[dict[str, Any], Running], None]] = {}
_names: dict[int, str] = {}
_log = logging.getLogger(__name__)


class JobStopped(Exception):
    """A job must end before it is done; ``why``: ``cancelled``, ``stopping`` (the worker ends) or ``lost`` (the lease)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Running:
    """A job in the hands of a worker; tells how far it is and hears when it is to stop."""

    def __init__(self, job: Job, stopping: Callable[[], bool] = lambda: False) -> None:
        self.id = job.id
        self.attempt = job.attempts
        self._stopping = stopping
        self._pace = Pace()

    def progress(self, share: float, note: str = "") -> None:
        """Stores how far the job is, from 0 to 1, and how long it will still take; a busy database misses a figure.

        Raises :class:`JobStopped` when somebody cancelled the job, the worker is to end or the lease is lost. Let it
        pass: what the job holds is released on the way.
        """
        share = min(1.0, max(0.0, share))
        left_s = self._pace.left_s(share, time.monotonic())
        self.stay({"share": share, "note": note[:300], "left_s": left_s})

    def leave(self, outcome: dict[str, Any]) -> None:
        """Leaves something behind for whoever asks what became of the job: ``outcome`` in its payload, plain JSON."""
        with transaction():
            payload = Job.get_by_id(self.id).payload
            Job.update(payload={**payload, "outcome": outcome}).where(held_by(self)).execute()

    def stay(self, told: dict[str, Any] | None = None) -> None:
        """Renews the lease and stores what is ``told``; raises :class:`JobStopped` as :meth:`progress` does."""
        if self._stopping():
            raise JobStopped("stopping")
        if not _renew(self, told or {}):
            raise JobStopped("lost")
        if Job.select(Job.id).where(held_by(self) & Job.is_cancelled).exists():
            raise JobStopped("cancelled")


def seldom(tell: Callable[[float], None]) -> Callable[[float], None]:
    """Passes on a share at most once a second: each is a write to the database."""
    last = [0.0]

    def maybe(share: float) -> None:
        if time.monotonic() - last[0] >= _TELL_EVERY_S:
            last[0] = time.monotonic()
            tell(share)

    return maybe


class Pace:
    """How fast a share grows, over the last minute: the time left without what was slow or quick long ago.

    >>> pace = Pace()
    >>> pace.left_s(0.0, 100.0), pace.left_s(0.25, 110.0), pace.left_s(0.5, 120.0)
    (None, 30, 20)
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=600)

    def left_s(self, share: float, at_s: float) -> int | None:
        """Seconds until the share is 1, None while that cannot be told; ``at_s`` is a clock that never goes back."""
        while len(self._seen) > 1 and self._seen[0][0] < at_s - _PACE_S:
            self._seen.popleft()
        self._seen.append((at_s, share))
        first_s, first = self._seen[0]
        return round((1 - share) * (at_s - first_s) / (share - first)) if share > first else None


def register(
    kind: str,
) -> Callable[[Callable[[dict[str, Any], Running], None]], Callable[[dict[str, Any], Running], None]]:
    """``@register("media.prepare")`` above ``def run(payload, running)``: what a worker calls for that kind."""

    def keep(run: Callable[[dict[str, Any], Running], None]) -> Callable[[dict[str, Any], Running], None]:
        _runners[kind] = run
        return run

    return keep


def kinds() -> list[str]:
    """The kinds of jobs that this process knows how to run."""
    return sorted(_runners)


def worker_name() -> str:
    """The name under which this process holds jobs: machine, process, and a word that no other process has."""
    return _names.setdefault(os.getpid(), f"{socket.gethostname()[:40]}:{os.getpid()}:{ids.new_id(6)}")


def enqueue(
    kind: str,
    payload: dict[str, Any],
    *,
    now: datetime,
    key: str | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
) -> int:
    """Adds a job within the caller's transaction and returns its id; a waiting job of the same ``key`` is kept.

    Of the jobs that are due, those of the highest ``priority`` are taken first, then the oldest.
    """
    with transaction():
        if key is not None:
            # Locked: a worker that took it before this commit would not see what the caller has changed.
            waiting = locked(Job.select(Job.id).where((Job.key == key) & (Job.state == "waiting"))).first()
            if waiting is not None:
                Job.update(priority=priority).where((Job.id == waiting.id) & (Job.priority < priority)).execute()
                return waiting.id
        return Job.create(
            kind=kind, key=key, payload=payload, priority=priority, run_at=run_at or now, created_at=now
        ).id


def latest(keys: Iterable[str]) -> dict[str, Job]:
    """The newest job of each key, where there is one. One query."""
    return {job.key: job for job in Job.select().where(Job.key.in_(list(keys))).order_by(Job.id)}


def waiting_keys(kind: str) -> list[str]:
    """The keys of the waiting jobs of a kind, in the order in which they will be taken. One query."""
    line = Job.select(Job.key).where((Job.state == "waiting") & (Job.kind == kind))
    return [key for (key,) in line.order_by(Job.priority.desc(), Job.run_at, Job.id).tuples()]


def cancel(job_id: int, now: datetime) -> bool:
    """Takes a waiting job out of the line or asks the worker of a running one to stop; False when it is neither."""
    with transaction():
        waiting = (Job.id == job_id) & (Job.state == "waiting")
        if Job.update(state="cancelled", is_cancelled=True, finished_at=now).where(waiting).execute():
            return True
        return bool(Job.update(is_cancelled=True).where((Job.id == job_id) & (Job.state == "running")).execute())


def prune(now: datetime) -> int:
    """Forgets jobs that ended long ago; returns how many."""
    done = (Job.state == "done") & (Job.finished_at < now - KEEP_DONE)
    others = Job.state.in_(("failed", "cancelled")) & (Job.finished_at < now - KEEP_OTHERS)
    return Job.delete().where(done | others).execute()


def run_next(now: datetime, kinds: list[str] | None = None, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Takes the job that is next in line and runs it; False when none is due.

    ``stopping`` is asked whenever the job tells its progress: once true, the job goes back in line as it was.
    """
    job = _take(now, kinds)
    if job is None:
        return False
    running = Running(job, stopping)
    with _beating(running):
        try:
            _runners[job.kind](job.payload, running)
        except JobStopped as stopped:
            _lay_down(running, stopped.why)
        except Exception as error:  # noqa: BLE001 (the worker must outlive any job; the trace is in the log)
            _log.exception("job failed", extra={"fields": {"job": job.id, "kind": job.kind}})
            _put_back(running, error)
        else:
            _end(running, state="done", share=1.0, left_s=None, finished_at=clock.now())
    return True


def run_all(now: datetime | None = None) -> int:
    """Runs every job that is due, those that they enqueue too; returns how many. For command lines and tests."""
    count = 0
    while run_next(now or clock.now()):
        count += 1
    return count


def retry_failed(now: datetime, job_id: int | None = None) -> int:
    """Puts a failed or cancelled job (or all failed ones) back in line with all its attempts before it; returns how many.

    One with a key whose successor waits already is left: the successor does the same work.
    """
    waiting = Job.alias()
    same = waiting.select(waiting.key).where((waiting.state == "waiting") & waiting.key.is_null(False))
    ended = (Job.state == "failed") if job_id is None else Job.state.in_(("failed", "cancelled")) & (Job.id == job_id)
    values = {"state": "waiting", "attempts": 0, "share": 0, "run_at": now, "finished_at": None, "is_cancelled": False}
    with transaction():
        return Job.update(**values).where(ended & (Job.key.is_null() | Job.key.not_in(same))).execute()


def revive_stale(now: datetime) -> int:
    """Gives jobs back whose worker has not been heard of for a minute; returns how many.

    One that has taken its worker with it :data:`MAX_ATTEMPTS` times has failed.
    """
    stale = (Job.state == "running") & (Job.beat_at < now - STALE_AFTER)
    deadly = stale & (Job.attempts >= MAX_ATTEMPTS)
    Job.update(state="cancelled", left_s=None, finished_at=now).where(stale & Job.is_cancelled).execute()
    Job.update(state="failed", note="the worker died", left_s=None, finished_at=now).where(deadly).execute()
    return Job.update(state="waiting", left_s=None, run_at=now).where(stale).execute()


def held_by(running: Running) -> Any:
    """The condition that the job is still this worker's: nobody has given it to another since."""
    mine = (Job.worker == worker_name()) & (Job.attempts == running.attempt)
    return (Job.id == running.id) & (Job.state == "running") & mine


def _take(now: datetime, kinds: list[str] | None) -> Job | None:
    due = (Job.state == "waiting") & (Job.run_at <= now) & Job.kind.in_(kinds or list(_runners))
    with transaction():
        first = Job.select().where(due).order_by(Job.priority.desc(), Job.run_at, Job.id)
        # What another transaction holds is not yet decided; the next in line need not wait for it.
        job = (first.for_update("FOR UPDATE SKIP LOCKED") if is_postgres() else first).first()
        if job is None:
            return None
        taken = {"state": "running", "attempts": job.attempts + 1, "worker": worker_name(), "share": 0, "left_s": None}
        Job.update(started_at=now, beat_at=clock.now(), **taken).where(Job.id == job.id).execute()
    job.attempts += 1
    return job


def _lay_down(running: Running, why: str) -> None:
    now = clock.now()
    if why == "cancelled":
        _end(running, state="cancelled", note="", left_s=None, finished_at=now)
    elif why == "stopping":  # the attempt does not count: nothing is wrong with the job
        _end(running, state="waiting", note="", left_s=None, run_at=now, attempts=running.attempt - 1)
    else:
        _log.warning("lease lost", extra={"fields": {"job": running.id}})


def _put_back(running: Running, error: Exception) -> None:
    now = clock.now()
    last = running.attempt >= MAX_ATTEMPTS
    _end(
        running,
        state="failed" if last else "waiting",
        note=f"{type(error).__name__}: {error}"[:300],
        left_s=None,
        run_at=now + timedelta(seconds=2**running.attempt),
        finished_at=now if last else None,
    )


def _end(running: Running, **values: Any) -> None:
    if not Job.update(**values).where(held_by(running)).execute():
        _log.warning("lease lost", extra={"fields": {"job": running.id}})


def _renew(running: Running, told: dict[str, Any]) -> bool:
    try:
        return bool(Job.update(beat_at=clock.now(), **told).where(held_by(running)).execute())
    except OperationalError as error:
        _log.warning("progress not stored", extra={"fields": {"job": running.id, "reason": str(error)}})
        return True


@contextmanager
def _beating(running: Running) -> Iterator[None]:
    """Renews the lease from a thread while a long job runs."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT_EVERY_S):
            _renew(running, {})
        db.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
