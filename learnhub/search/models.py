"""Tables of search: the texts that can be found, what waits to be indexed, the searches that found nothing."""

from __future__ import annotations

import peewee

from learnhub.kernel.db import JsonField, Model, UtcDateTimeField


class SearchText(Model):
    """One text that can be found: a course, a lesson, a passage of captions, a document.

    ``source`` and ``source_id`` name the document that it is a part of, ``part`` the part within. ``folded`` is what
    is compared with a query: title and body, folded, of the same length as they are. ``unit_ids``: the units to whose
    subtrees it is published. ``cues``: [character of the body, millisecond] of each caption in a passage.
    """

    source = peewee.CharField(max_length=40)
    source_id = peewee.CharField(max_length=60)
    part = peewee.CharField(max_length=80)
    kind = peewee.CharField(max_length=12)  # a value of search.rules.Kind
    title = peewee.CharField(max_length=300)
    body = peewee.TextField()
    folded = peewee.TextField()
    url = peewee.CharField(max_length=300)
    parents = JsonField()  # [[title, url], …] from the top
    category = peewee.CharField(max_length=80, default="")
    level = peewee.CharField(max_length=40, default="")
    unit_ids = JsonField()
    cues = JsonField()
    start_ms = peewee.IntegerField(null=True)
    length_s = peewee.IntegerField(null=True)
    updated_at = UtcDateTimeField()

    class Meta:
        indexes = ((("source", "source_id", "part"), True),)


class SearchOutbox(Model):
    """A document that changed and that the indexer has not looked at yet; written in the change's transaction."""

    source = peewee.CharField(max_length=40)
    source_id = peewee.CharField(max_length=60)
    created_at = UtcDateTimeField()

    class Meta:
        indexes = ((("source", "source_id"), False),)


class SearchMiss(Model):
    """A query that found nothing, counted; nobody's name is kept with it."""

    query = peewee.CharField(max_length=60, unique=True)
    count = peewee.IntegerField(default=0)
    first_at = UtcDateTimeField()
    last_at = UtcDateTimeField(index=True)


TABLES = (SearchText, SearchOutbox, SearchMiss)
