"""The one act of the desks: running failed background jobs again."""

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
