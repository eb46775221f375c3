"""Runs of people imports, their lines, and the columns that people corrected by hand."""

from __future__ import annotations

import peewee

from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.org.models import Person


class ImportMapping(Model):
    """Which column is which, as a person said it for one set of headings: used again at their next upload."""

    person = peewee.ForeignKeyField(Person, backref="+")
    headings_key = peewee.CharField(max_length=64)
    columns = JsonField()  # one name of org.roster.headings.FIELDS, or "", for each heading
    changed_at = UtcDateTimeField()

    class Meta:
        indexes = ((("person", "headings_key"), True),)


class ImportRun(Model):
    """One uploaded roster, from the upload to its application, undoing or removal.

    ``state`` is a value of org.roster.rules.State. ``roots``: ids of the units whose subtrees the import may touch.
    ``found``: what reading told (sheets, headings, rows left out). ``digest``: of the plan that was shown.
    """

    owner = peewee.ForeignKeyField(Person, backref="+")
    address = peewee.CharField(max_length=64, default="")
    file_name = peewee.CharField(max_length=200)
    state = peewee.CharField(max_length=12, index=True)
    roots = JsonField()
    found = JsonField()
    columns = JsonField()
    counts = JsonField()
    digest = peewee.CharField(max_length=64, default="")
    refusal = peewee.CharField(max_length=60, default="")
    refusal_params = JsonField()
    job_id = peewee.IntegerField(null=True)
    created_at = UtcDateTimeField(index=True)
    applied_at = UtcDateTimeField(null=True)
    undone_at = UtcDateTimeField(null=True)
    reason = peewee.CharField(max_length=300, default="")


class ImportLine(Model):
    """One row of a roster and what it does.

    ``outcome``: created, changed, same, refused. ``cells``: the mapped columns as written. ``after`` and ``before``
    hold only what is written: for somebody new all, for a change the values that differ. ``person_id`` is no foreign
    key: the line outlives the person when the import is undone.
    """

    run = peewee.ForeignKeyField(ImportRun, backref="+", on_delete="CASCADE", index=False)
    sheet = peewee.CharField(max_length=60, default="")
    row = peewee.IntegerField()
    outcome = peewee.CharField(max_length=8)
    code = peewee.CharField(max_length=60, default="")
    params = JsonField(null=True)
    cells = JsonField()
    after = JsonField(null=True)
    before = JsonField(null=True)
    unit_id = peewee.IntegerField(null=True)
    person_id = peewee.IntegerField(null=True)

    class Meta:
        indexes = ((("run", "outcome", "id"), False),)


TABLES = (ImportMapping, ImportRun, ImportLine)
