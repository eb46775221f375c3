"""Courses, their lessons and the versions of each lesson."""

from __future__ import annotations

import peewee

from learnhub.kernel.db import JsonField, Model, UtcDateTimeField
from learnhub.media.models import Asset
from learnhub.org.models import Person, Unit


class Category(Model):
    """A shelf of the catalogue."""

    code = peewee.CharField(max_length=40, unique=True)
    name = peewee.CharField(max_length=80)
    name_en = peewee.CharField(max_length=120)
    order = peewee.IntegerField()


class Course(Model):
    """A course; ``state``: draft, published, withdrawn. ``digest`` is that of the published folder.

    ``length_s`` and ``lesson_count`` are those of the current lessons; ``state_reason`` says why it was withdrawn.
    """

    code = peewee.CharField(max_length=80, unique=True)
    title = peewee.CharField(max_length=300)
    title_en = peewee.CharField(max_length=300, default="")
    summary = peewee.TextField(default="")
    summary_en = peewee.TextField(default="")
    category = peewee.ForeignKeyField(Category, backref="+")
    series = peewee.CharField(max_length=200, default="")
    series_en = peewee.CharField(max_length=200, default="")
    keywords = JsonField(default=list)
    source = peewee.CharField(max_length=300, default="")
    licence = peewee.CharField(max_length=300, default="")
    unit = peewee.ForeignKeyField(Unit, backref="+")  # who publishes it; its level is the course's level
    level = peewee.CharField(max_length=12)
    is_required = peewee.BooleanField(default=False)
    required_share = peewee.FloatField(default=0.9)
    state = peewee.CharField(max_length=12, default="draft")
    state_reason = peewee.CharField(max_length=300, default="")
    digest = peewee.CharField(max_length=64, default="")
    length_s = peewee.IntegerField(default=0)
    lesson_count = peewee.IntegerField(default=0)
    poster = peewee.ForeignKeyField(Asset, null=True, backref="+")
    published_at = UtcDateTimeField(null=True)
    changed_at = UtcDateTimeField()

    class Meta:
        indexes = ((("state", "category"), False),)


class CourseAudience(Model):
    """A subtree whose people see the course."""

    course = peewee.ForeignKeyField(Course, backref="audiences", on_delete="CASCADE")
    unit = peewee.ForeignKeyField(Unit, backref="+")

    class Meta:
        indexes = ((("course", "unit"), True), (("unit", "course"), False))


class Chapter(Model):
    """A titled part of a course."""

    course = peewee.ForeignKeyField(Course, backref="chapters", on_delete="CASCADE")
    key = peewee.CharField(max_length=80)
    number = peewee.IntegerField()
    title = peewee.CharField(max_length=300)
    title_en = peewee.CharField(max_length=300, default="")

    class Meta:
        indexes = ((("course", "key"), True),)


class Lesson(Model):
    """A lesson, the same through all its versions; ``key`` is its lasting name inside the course folder.

    A lesson that left the folder is retired, never deleted: hours were earned with it. ``kind`` never changes.
    """

    course = peewee.ForeignKeyField(Course, backref="lessons")
    chapter = peewee.ForeignKeyField(Chapter, null=True, backref="+")
    key = peewee.CharField(max_length=80)
    number = peewee.IntegerField()
    title = peewee.CharField(max_length=300)
    title_en = peewee.CharField(max_length=300, default="")
    kind = peewee.CharField(max_length=12)  # video, audio, text, document, test
    is_retired = peewee.BooleanField(default=False)

    class Meta:
        indexes = ((("course", "key"), True),)


class LessonVersion(Model):
    """What a lesson was from one publishing to the next; credit stays with the version seen. Never changed, but for
    ``is_current`` and for a length and a count of characters not known before recording or document were prepared.

    ``length_s``: seconds of a video or audio, reading time of a text. ``questions`` (tests): list of
    {"key", "kind": single|multiple|judge, "text", "options": [...], "answer": [indexes], "explanation"}; ``judge`` has
    no options, 0 is right and 1 is wrong. ``marks``: list of {"start_ms", "title"}, the chapters of a recording.
    """

    lesson = peewee.ForeignKeyField(Lesson, backref="versions")
    number = peewee.IntegerField()
    is_current = peewee.BooleanField(default=True)
    digest = peewee.CharField(max_length=64)
    title = peewee.CharField(max_length=300)
    title_en = peewee.CharField(max_length=300, default="")
    source = peewee.CharField(max_length=300, default="")
    body_html = peewee.TextField(default="")
    body_text = peewee.TextField(default="")
    asset = peewee.ForeignKeyField(Asset, null=True, backref="+")
    length_s = peewee.IntegerField(default=0)
    characters = peewee.IntegerField(default=0)
    questions = JsonField(null=True)
    marks = JsonField(null=True)
    pass_share = peewee.FloatField(default=0.6)
    published_at = UtcDateTimeField()

    class Meta:
        indexes = ((("lesson", "number"), True), (("lesson", "is_current"), False))


class FolderReview(Model):
    """What a reviewer said of a course folder as it was (``digest``): an approval, or what is to be changed."""

    folder = peewee.CharField(max_length=80)
    digest = peewee.CharField(max_length=64)
    unit = peewee.ForeignKeyField(Unit, backref="+")
    reviewer = peewee.ForeignKeyField(Person, backref="+")
    is_approval = peewee.BooleanField()
    comment = peewee.CharField(max_length=1000, default="")
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("folder", "digest"), False),)


class MediaProposal(Model):
    """A lesson of an uploaded file, or new media for ``lesson``, put up for somebody else's approval. Nothing of it is
    published before. ``state``: open, approved, refused, taken_back, replaced (by a later one for the same lesson).

    ``base``: what the lesson showed when it was put up. Once it has ended it holds no file: ``asset`` is empty, its
    name and checksum stay.
    """

    course = peewee.ForeignKeyField(Course, backref="+")
    lesson = peewee.ForeignKeyField(Lesson, null=True, backref="+")
    base = peewee.ForeignKeyField(LessonVersion, null=True, backref="+")
    title = peewee.CharField(max_length=300)
    asset = peewee.ForeignKeyField(Asset, null=True, backref="+")
    file_name = peewee.CharField(max_length=300)
    sha256 = peewee.CharField(max_length=64)
    person = peewee.ForeignKeyField(Person, backref="+")
    state = peewee.CharField(max_length=12, default="open")
    ended_by = peewee.ForeignKeyField(Person, null=True, backref="+")
    comment = peewee.CharField(max_length=1000, default="")
    put_up_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("course", "state"), False),)


TABLES = (Category, Course, CourseAudience, Chapter, Lesson, LessonVersion, FolderReview, MediaProposal)
