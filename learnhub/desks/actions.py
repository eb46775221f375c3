"""The acts of the desks: running failed background jobs again, calling off those that wait or run."""

from __future__ import annotations

from datetime import datetime

from learnhub.kernel import jobs
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden
from learnhub.org import audit
from learnhub.org.scope import Actor


def retry_jobs(actor: Actor, job_id: int | None = None, *, now: datetime) -> int:
    """Puts one failed job, or all of them, back in line; returns how many.

    Raises Forbidden ``org.not_allowed``, Conflict ``desks.nothing_to_retry``.
    """
    if not actor.can("system.run"):
        raise Forbidden("org.not_allowed", ability="system.run")
    with transaction():
        count = jobs.retry_failed(now, job_id)
        if not count:
            raise Conflict("desks.nothing_to_retry")
        audit.record(actor, "jobs.retried", "job", job_id or "all", unit_id=None, now=now, count=count)
    return count


def cancel_job(actor: Actor, job_id: int, *, now: datetime) -> None:
    """Calls off a job that waits; one that runs stops at its next word, within seconds, and leaves nothing behind.

    Raises Forbidden ``org.not_allowed``, Conflict ``desks.nothing_to_cancel``.
    """
    if not actor.can("system.run"):
        raise Forbidden("org.not_allowed", ability="system.run")
    with transaction():
        if not jobs.cancel(job_id, now):
            raise Conflict("desks.nothing_to_cancel")
        audit.record(actor, "jobs.cancelled", "job", job_id, unit_id=None, now=now)
