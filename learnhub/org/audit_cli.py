"""``learnhub audit …``: whether the audit trail is whole, and noting its heads elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import connect
from learnhub.org.audit.heads import FILE_NAME, note_heads, read_heads
from learnhub.org.audit.verify import count_lines, list_heads, verify

_SHOWN = 100


@click.group(name="audit")
@click.pass_obj
def group(settings: Settings) -> None:
    """The audit trail: verify it, note its heads."""
    connect(settings.database_url)


@group.command("verify")
@click.option(
    "--heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of the file of noted heads, kept on another machine (default: the one in the data folder).",
)
@click.pass_obj
def verify_trail(settings: Settings, heads: Path | None) -> None:
    """Read every line and name those that were changed, moved, added or removed; exit code 1 when there is one."""
    kept, forged = read_heads(heads or settings.data_dir / FILE_NAME, key=settings.secret_key)
    flaws = [*forged, *verify(kept)]
    for flaw in flaws[:_SHOWN]:
        click.echo(str(flaw), err=True)
    if len(flaws) > _SHOWN:
        click.echo(f"… and {len(flaws) - _SHOWN} more", err=True)
    last = max((head.number for head in kept), default=0)
    click.echo(f"{count_lines()} lines read, {len(kept)} noted heads (the last at number {last}), {len(flaws)} flaws")
    if flaws:
        sys.exit(1)


@group.command("note-heads")
@click.pass_obj
def note_present_heads(settings: Settings) -> None:
    """Note the ends of the chains in the data folder's file now; the worker does it every hour."""
    path = settings.data_dir / FILE_NAME
    is_new = note_heads(path, list_heads(), key=settings.secret_key, now=clock.now())
    click.echo(f"{path}: {'noted' if is_new else 'nothing new'}")
