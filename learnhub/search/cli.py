"""``learnhub search``: rebuild the index, look whether it is sound."""

from __future__ import annotations

import sys

import click

from learnhub.kernel import clock
from learnhub.kernel.db import db
from learnhub.search import actions
from learnhub.search.index import bound


@click.group("search")
@click.pass_context
def group(ctx: click.Context) -> None:
    """The full-text index."""
    # The sources of other features are known to the whole application only; the command's root can make it.
    ctx.with_resource(ctx.meta["learnhub.whole"]().app_context())
    ctx.call_on_close(db.close)


@group.command()
def rebuild() -> None:
    """Read all texts again and replace the index; searches go on meanwhile."""
    with click.progressbar(length=1000, label="texts") as bar:

        def tell(done: int, of: int) -> None:
            bar.update(done * 1000 // of - bar.pos)

        count = actions.rebuild_all(bound(), now=clock.now(), progress=tell)
    click.echo(f"{count} texts are indexed")


@group.command()
def check() -> None:
    """Read the whole index; exit code 1 and a sentence when something is wrong with it."""
    faults = actions.list_faults(bound())
    click.echo("\n".join(faults) or "the index is sound")
    sys.exit(1 if faults else 0)
