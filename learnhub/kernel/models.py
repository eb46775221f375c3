"""Tables of the floor: jobs."""

from __future__ import annotations

import peewee

from learnhub.kernel.db import JsonField, Model, UtcDateTimeField


class Job(Model):
    """Work that leaves the request: written in the transaction that caused it, done by a worker after the commit.

    ``state``: waiting, running, done, failed, cancelled. ``key``: while a job with a key waits, enqueueing the same
    key again changes nothing. ``share``: progress from 0 to 1; ``left_s``: seconds that it will probably still take.
    ``worker`` holds it while it runs; ``beat_at`` is when that one was last heard of. ``is_cancelled``: it is to end.
    """

    kind = peewee.CharField(max_length=60)
    key = peewee.CharField(max_length=120, null=True)
    payload = JsonField()
    state = peewee.CharField(max_length=12, default="waiting")
    share = peewee.FloatField(default=0)
    note = peewee.TextField(default="")
    priority = peewee.IntegerField(default=0)
    attempts = peewee.IntegerField(default=0)
    worker = peewee.CharField(max_length=80, default="")
    is_cancelled = peewee.BooleanField(default=False)
    left_s = peewee.IntegerField(null=True)
    run_at = UtcDateTimeField()
    created_at = UtcDateTimeField()
    started_at = UtcDateTimeField(null=True)
    beat_at = UtcDateTimeField(null=True)
    finished_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state", "run_at"), False), (("key", "state"), False))


TABLES = (Job,)
