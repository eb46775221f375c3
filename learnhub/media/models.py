"""Uploaded media, their transcoded forms and timed text."""

from __future__ import annotations

import peewee

from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.org.models import Person, Unit


class Asset(Model):
    """An uploaded medium, kept once per content. ``state``: waiting, working, ready, refused.

    ``ladder``: the version of the ladder by which its renditions were made; empty before and for documents.
    Withdrawn, or after the last day ``expires_on`` (a date in China), it is delivered to nobody.
    """

    sha256 = peewee.CharField(max_length=64, unique=True)
    kind = peewee.CharField(max_length=12)  # video, audio, document, image
    file_name = peewee.CharField(max_length=300)
    size = peewee.BigIntegerField()
    mime = peewee.CharField(max_length=120, default="")
    duration_ms = peewee.IntegerField(null=True)
    width = peewee.IntegerField(null=True)
    height = peewee.IntegerField(null=True)
    ladder = peewee.CharField(max_length=20, default="")
    state = peewee.CharField(max_length=12, default="waiting")
    refusal_code = peewee.CharField(max_length=60, default="")
    refusal_params = JsonField(null=True)
    unit = peewee.ForeignKeyField(Unit, null=True, backref="+")
    created_at = UtcDateTimeField()
    withdrawn_at = UtcDateTimeField(null=True)
    withdrawn_reason = peewee.CharField(max_length=300, default="")
    expires_on = peewee.DateField(null=True)


class Rendition(Model):
    """A transcoded form of an asset; ``folder`` is relative to the media folder."""

    asset = peewee.ForeignKeyField(Asset, backref="renditions", on_delete="CASCADE")
    name = peewee.CharField(max_length=40)  # "360p", "audio", "poster.jpg"
    kind = peewee.CharField(max_length=12)  # video, audio, image
    height = peewee.IntegerField(null=True)
    bandwidth = peewee.IntegerField(null=True)
    average_bandwidth = peewee.IntegerField(null=True)
    folder = peewee.CharField(max_length=200)
    language = peewee.CharField(max_length=20, default="")
    label = peewee.CharField(max_length=60, default="")

    class Meta:
        indexes = ((("asset", "name"), True),)


class Caption(Model):
    """Timed text of an asset in one language, as WebVTT; ``path`` is relative to the media folder."""

    asset = peewee.ForeignKeyField(Asset, backref="captions", on_delete="CASCADE")
    language = peewee.CharField(max_length=20)
    label = peewee.CharField(max_length=60)
    path = peewee.CharField(max_length=200)
    cues = peewee.IntegerField()
    version = peewee.IntegerField(default=1)

    class Meta:
        indexes = ((("asset", "language"), True),)


class CaptionVersion(Model):
    """What the captions of one language were from one saving to the next; never changed, so that nothing is lost.

    ``origin``: file (a course folder or an upload), edited (in the browser), speech (an engine wrote it down).
    """

    asset = peewee.ForeignKeyField(Asset, backref="+", on_delete="CASCADE")
    language = peewee.CharField(max_length=20)
    number = peewee.IntegerField()
    path = peewee.CharField(max_length=200)
    cues = peewee.IntegerField()
    origin = peewee.CharField(max_length=12)
    person = peewee.ForeignKeyField(Person, null=True, backref="+")
    created_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("asset", "language", "number"), True),)


TABLES = (Asset, Rendition, Caption, CaptionVersion)
