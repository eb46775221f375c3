"""``learnhub org …``: the tree and its people from the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from learnhub.config import Settings
from learnhub.design.i18n import locale_of
from learnhub.kernel import clock, messages
from learnhub.kernel.db import connect
from learnhub.org import actions
from learnhub.org.import_files import ImportRefused
from learnhub.org.messages import WORDS, words_of
from learnhub.org.ranks import add_usual_ranks

_SHOWN = 50
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group(name="org")
@click.pass_obj
def group(settings: Settings) -> None:
    """Units, stations, people and their powers."""
    messages.register(WORDS)
    connect(settings.database_url)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Prints what is wrong with a file line by line and ends with exit code 2."""
    try:
        with locale_of("en"):
            yield
    except ImportRefused as refusal:
        for problem in refusal.problems[:_SHOWN]:
            click.echo(f"{file}:{problem.line}: {words_of(problem)}", err=True)
        if len(refusal.problems) > _SHOWN:
            click.echo(f"… and {len(refusal.problems) - _SHOWN} more", err=True)
        click.echo(f"Nothing was imported: {len(refusal.problems)} problems in {file.name}.", err=True)
        sys.exit(2)


@group.command("import-units")
@_FILE
def import_units(file: Path) -> None:
    """Bring the units of a CSV file (code, parent_code, level, name) into the tree."""
    with _told(file):
        done = actions.import_units(None, file.read_bytes(), file_name=file.name, now=clock.now())
    click.echo(f"{file.name}: {done.created} units added, {done.changed} renamed, {done.unchanged} unchanged")


@group.command("import-stations")
@_FILE
def import_stations(file: Path) -> None:
    """Bring the stations of a CSV file (station_no, code of the unit, name) into the tree."""
    with _told(file):
        done = actions.import_stations(None, file.read_bytes(), file_name=file.name, now=clock.now())
    click.echo(
        f"{file.name}: {done.created} stations added ({done.groups} groups with them), "
        f"{done.changed} renamed, {done.unchanged} unchanged"
    )


@group.command("load-ranks")
def load_usual_ranks() -> None:
    """Add the usual ranks; what is there already stays."""
    click.echo(f"{add_usual_ranks(now=clock.now())} ranks written")


@group.command("add-admin")
@click.argument("name")
@click.argument("username")
def add_admin(name: str, username: str) -> None:
    """Make a person of the topmost unit system administrator and print the one-time password."""
    with locale_of("en"):
        first = actions.add_administrator(name, username, now=clock.now())
    click.echo(f"user name: {username.lower()}\none-time password: {first}")
