"""``learnhub search``: rebuild the index, look whether it is sound."""

from __future__ import annotations

import sys

import click

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.search import actions


@click.group("search")
def group() -> None:
    """The full-text index."""


@group.command()
@click.pass_obj
def rebuild(settings: Settings) -> None:
    """Read all texts again and replace the index; searches go on meanwhile."""
    from learnhub.app import create_app
    from learnhub.search.index import bound

    with create_app(settings).app_context(), click.progressbar(length=100, label="texts") as bar:
        count = actions.rebuild_all(
            bound(), now=clock.now(), progress=lambda done, of: bar.update(int(done * 100 / of) - bar.pos)
        )
    click.echo(f"{count} texts are indexed")


@group.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Read the whole index; exit code 1 and a sentence when something is wrong with it."""
    from learnhub.app import create_app
    from learnhub.search.index import bound

    with create_app(settings).app_context():
        faults = actions.list_faults(bound())
    click.echo("\n".join(faults) or "the index is sound")
    sys.exit(1 if faults else 0)
