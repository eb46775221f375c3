"""Catalog."""

from peewee import *  # noqa: F403
from learnhub.kernel.db import JsonField
from learnhub.kernel.db import UtcDateTimeField

def up(migrator, db):
    class Asset(Model):
        class Meta:
            database = db
            table_name = 'asset'

    class Unit(Model):
        class Meta:
            database = db
            table_name = 'unit'

    class Category(Model):
        code = CharField(unique=True, max_length=40)
        name = CharField(max_length=80)
        name_en = CharField(max_length=120)
        order = IntegerField()
        class Meta:
            database = db
            table_name = 'category'
    db.create_tables([Category])

    class Course(Model):
        code = CharField(unique=True, max_length=80)
        title = CharField(max_length=300)
        title_en = CharField(max_length=300, default='')
        summary = TextField(default='')
        summary_en = TextField(default='')
        category = ForeignKeyField(Category)
        series = CharField(max_length=200, default='')
        series_en = CharField(max_length=200, default='')
        keywords = JsonField(default=list)
        source = CharField(max_length=300, default='')
        licence = CharField(max_length=300, default='')
        unit = ForeignKeyField(Unit)
        level = CharField(max_length=12)
        is_required = BooleanField(default=False)
        required_share = FloatField(default=0.9)
        state = CharField(max_length=12, default='draft')
        state_reason = CharField(max_length=300, default='')
        digest = CharField(max_length=64, default='')
        length_s = IntegerField(default=0)
        lesson_count = IntegerField(default=0)
        poster = ForeignKeyField(Asset, null=True)
        published_at = UtcDateTimeField(null=True)
        changed_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'course'
            indexes = ((('state', 'category'), False),)
    db.create_tables([Course])

    class Chapter(Model):
        course = ForeignKeyField(Course, on_delete='CASCADE')
        key = CharField(max_length=80)
        number = IntegerField()
        title = CharField(max_length=300)
        title_en = CharField(max_length=300, default='')
        class Meta:
            database = db
            table_name = 'chapter'
            indexes = ((('course', 'key'), True),)
    db.create_tables([Chapter])

    class CourseAudience(Model):
        course = ForeignKeyField(Course, on_delete='CASCADE')
        unit = ForeignKeyField(Unit)
        class Meta:
            database = db
            table_name = 'course_audience'
            indexes = ((('course', 'unit'), True), (('unit', 'course'), False))
    db.create_tables([CourseAudience])

    class Lesson(Model):
        course = ForeignKeyField(Course)
        chapter = ForeignKeyField(Chapter, null=True)
        key = CharField(max_length=80)
        number = IntegerField()
        title = CharField(max_length=300)
        title_en = CharField(max_length=300, default='')
        kind = CharField(max_length=12)
        is_retired = BooleanField(default=False)
        class Meta:
            database = db
            table_name = 'lesson'
            indexes = ((('course', 'key'), True),)
    db.create_tables([Lesson])

    class LessonVersion(Model):
        lesson = ForeignKeyField(Lesson)
        number = IntegerField()
        is_current = BooleanField(default=True)
        digest = CharField(max_length=64)
        title = CharField(max_length=300)
        title_en = CharField(max_length=300, default='')
        source = CharField(max_length=300, default='')
        body_html = TextField(default='')
        body_text = TextField(default='')
        asset = ForeignKeyField(Asset, null=True)
        length_s = IntegerField(default=0)
        characters = IntegerField(default=0)
        questions = JsonField(null=True)
        marks = JsonField(null=True)
        pass_share = FloatField(default=0.6)
        published_at = UtcDateTimeField()
        class Meta:
            database = db
            table_name = 'lesson_version'
            indexes = ((('lesson', 'number'), True), (('lesson', 'is_current'), False))
    db.create_tables([LessonVersion])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('lesson_version'))
    migrator.migrate(migrator.drop_table('lesson'))
    migrator.migrate(migrator.drop_table('course_audience'))
    migrator.migrate(migrator.drop_table('chapter'))
    migrator.migrate(migrator.drop_table('course'))
    migrator.migrate(migrator.drop_table('category'))
