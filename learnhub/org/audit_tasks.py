"""Every hour the worker notes the heads of the audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.org.audit.heads import FILE_NAME, note_heads
from learnhub.org.audit.verify import list_heads

JOB = "org.note_audit_heads"
_EVERY = timedelta(hours=1)


def register(settings: Settings) -> None:
    """Tells the worker how to note heads for these settings."""

    @jobs.register(JOB)
    def note(_payload: dict[str, Any], _running: jobs.Running) -> None:
        now = clock.now()
        schedule(now + _EVERY, now=now)
        note_heads(settings.data_dir / FILE_NAME, list_heads(), key=settings.secret_key, now=now)


def schedule(at: datetime, *, now: datetime) -> None:
    """Puts the next noting in line, unless one waits already."""
    jobs.enqueue(JOB, {}, now=now, key=JOB, run_at=at)
