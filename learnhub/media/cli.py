"""``learnhub media …``"""

from __future__ import annotations

from pathlib import Path

import click

from learnhub.config import Settings
from learnhub.kernel import clock, messages
from learnhub.kernel.db import connect
from learnhub.media import actions, nginx, upkeep
from learnhub.media.messages import WORDS
from learnhub.media.uploads import collect


@click.group("media")
@click.pass_obj
def group(settings: Settings) -> None:
    """Recordings and documents."""
    messages.register(WORDS)
    connect(settings.database_url)


@group.command()
@click.pass_obj
def verify(settings: Settings) -> None:
    """Re-check every checksum and name what is missing or rotten."""
    count = 0
    for finding in upkeep.verify(settings=settings):
        count += finding.fault != ""
        if finding.fault:
            click.echo(f"{finding.fault}: {finding.file_name} ({finding.sha256})")
    if count:
        raise SystemExit(1)
    click.echo("all media are whole")


@group.command("collect")
@click.option("--dry-run", is_flag=True, help="Only name what would go.")
@click.pass_obj
def collect_garbage(settings: Settings, dry_run: bool) -> None:
    """Remove what nobody needs: given-up uploads, leftovers, media that nothing shows for a week."""
    found = collect.collect(settings=settings, now=clock.now(), dry_run=dry_run)
    for one in found:
        click.echo(f"{one.kind}: {one.name} ({one.size} bytes)")
    told = "would be removed" if dry_run else "removed"
    click.echo(f"{len(found)} {told}, {sum(one.size for one in found)} bytes")


@group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def prepare(settings: Settings, file: Path) -> None:
    """Bring in FILE and prepare it now."""
    now = clock.now()
    asset = actions.add_asset(None, file, file.name, settings=settings, now=now)
    with click.progressbar(length=100, label=file.name) as bar:
        done = actions.prepare_asset(
            asset.id, settings=settings, now=now, progress=lambda share: bar.update(int(share * 100) - bar.pos)
        )
    if done.state == "refused":
        raise actions.MediaRefused(done.refusal_code, **(done.refusal_params or {}))
    click.echo(f"asset {done.id}: {done.kind}, {(done.duration_ms or 0) / 1000:.1f} s, {done.state}")


@group.command("nginx")
@click.option("--listen", default="80", show_default=True, help="Port or address on which nginx listens.")
@click.option("--names", default="_", show_default=True, help="Host names, apart by blanks.")
@click.pass_obj
def print_nginx(settings: Settings, listen: str, names: str) -> None:
    """Print the configuration of nginx for this installation; set LEARNHUB_PROXIES=1 when it stands in front."""
    try:
        click.echo(nginx.configuration(settings, listen=listen, names=names), nl=False)
    except nginx.CannotWrite as error:
        raise click.ClickException(str(error)) from error
