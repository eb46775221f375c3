"""``learnhub courses …``"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from learnhub.catalog import actions
from learnhub.catalog.actions.lessons import check_media
from learnhub.catalog.course_folder import BadCourseFolder, find_course_folders, read_categories, read_course_folder
from learnhub.catalog.messages import WORDS, place_of, sentence_of
from learnhub.config import Settings
from learnhub.design.i18n import _, _n
from learnhub.kernel import clock, messages
from learnhub.kernel.db import connect
from learnhub.kernel.errors import Conflict, Refusal
from learnhub.media.messages import WORDS as MEDIA_WORDS

Folders = tuple[Path, ...]
_FOLDERS = click.argument("folders", nargs=-1, type=click.Path(path_type=Path))


@click.group("courses")
@click.pass_obj
def group(settings: Settings) -> None:
    """Course folders: check and publish. Without FOLDERS, all in the courses directory."""
    messages.register(MEDIA_WORDS)
    messages.register(WORDS)
    connect(settings.database_url)


@group.command()
@_FOLDERS
@click.pass_obj
def check(settings: Settings, folders: Folders) -> None:
    """Look through course folders; nothing is written. Exit code 1 when something is wrong."""
    bad = 0
    for path in _chosen(settings, folders):
        try:
            categories = read_categories(path.parent) or read_categories(settings.courses_dir)
            folder = read_course_folder(path, [line.code for line in categories])
            check_media(folder)
        except BadCourseFolder as refused:
            bad += 1
            _show(refused)
        else:
            lessons = _n("%(num)d lesson", "%(num)d lessons", len(folder.lessons))
            click.echo(_("%(folder)s: in order, %(lessons)s", folder=path.name, lessons=lessons))
    sys.exit(1 if bad else 0)


@group.command()
@_FOLDERS
@click.pass_obj
def publish(settings: Settings, folders: Folders) -> None:
    """Publish course folders; what did not change stays as it is. Exit code 1 when one was refused."""
    bad = 0
    for path in _chosen(settings, folders):
        try:
            done = actions.publish_folder(None, path, now=clock.now(), settings=settings)
        except BadCourseFolder as refused:
            bad += 1
            _show(refused)
        except Conflict as withdrawn:  # a course that somebody withdrew stays so; the others go on
            click.echo(f"{path.name}: {messages.text_of(withdrawn.code, withdrawn.params)}")
        except Refusal as refused:
            bad += 1
            click.echo(f"{path.name}: {messages.text_of(refused.code, refused.params)}", err=True)
        else:
            click.echo(_told(done))
    sys.exit(1 if bad else 0)


def _chosen(settings: Settings, folders: Folders) -> list[Path]:
    """The folders named, or all in the courses directory. Exits with 2 when there are none."""
    chosen = [path.absolute() for path in folders] or find_course_folders(settings.courses_dir)
    if not chosen:
        click.echo(_("There are no course folders in %(path)s.", path=settings.courses_dir), err=True)
        sys.exit(2)
    return chosen


def _show(refused: BadCourseFolder) -> None:
    for problem in refused.problems:
        click.echo(f"{refused.folder}/{place_of(problem)}: {sentence_of(problem)}", err=True)


def _told(done: actions.Published) -> str:
    if not done.is_changed:
        return _("%(code)s: nothing new", code=done.code)
    counts = {"code": done.code, "added": done.added, "changed": done.changed, "retired": done.retired}
    return _("%(code)s: published; lessons added %(added)d, changed %(changed)d, retired %(retired)d", **counts)
