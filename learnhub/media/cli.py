"""``learnhub media …``"""

from __future__ import annotations

from pathlib import Path

import click

from learnhub.config import Settings
from learnhub.kernel import clock, messages
from learnhub.kernel.db import connect
from learnhub.media import actions, ladder, nginx, queries, upkeep
from learnhub.media.messages import WORDS
from learnhub.media.uploads import collect


@click.group("media")
@click.pass_obj
def group(settings: Settings) -> None:
    """Recordings and documents."""
    messages.register(WORDS)
    connect(settings.database_url)


@group.command()
@click.option("--adopt", is_flag=True, help="Keep checksums of what was prepared before such were kept, as it is now.")
@click.pass_obj
def verify(settings: Settings, adopt: bool) -> None:
    """Re-check every checksum and name what is missing or rotten."""
    count = unsummed = 0
    for finding in upkeep.verify(settings=settings):
        count += finding.fault != ""
        if finding.fault:
            click.echo(f"{finding.fault}: {finding.file_name} ({finding.sha256})")
        for name in finding.files:
            click.echo(f"  {name}")
        if finding.fault.startswith("renditions"):
            click.echo(f"  to make them anew: learnhub media retranscode {finding.asset_id}")
        unsummed += not finding.has_sums
        if not finding.has_sums:
            click.echo(f"{'kept from now on' if adopt else 'no checksums'}: {finding.file_name} ({finding.sha256})")
        if not finding.has_sums and adopt:
            upkeep.adopt(finding.asset_id, settings=settings, now=clock.now())
    if unsummed:
        click.echo(f"{unsummed} prepared before checksums of renditions were kept; these could not be compared")
    if unsummed and not adopt:
        click.echo("  to keep checksums of them as they are now: learnhub media verify --adopt")
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
@click.argument("asset_id", metavar="[ID]", type=int, required=False)
@click.option("--dry-run", is_flag=True, help="Only say which recordings would be made anew.")
@click.pass_obj
def retranscode(settings: Settings, asset_id: int | None, dry_run: bool) -> None:
    """Make recordings anew that were made by another ladder (heights, bit rates, AV1) than the present one.

    They play on meanwhile. Workers do it when nothing else waits. With an ID: the medium that ``verify`` named, whose
    renditions are missing or rotten; it is put in line at once.
    """
    if asset_id is not None:
        asset = (
            queries.get_asset(asset_id) if dry_run else actions.make_again(asset_id, settings=settings, now=clock.now())
        )
        click.echo(f"{asset.file_name} {'would be' if dry_run else 'will be'} made anew")
        return
    old = upkeep.list_by_other_ladders(settings=settings)
    for asset in old:
        click.echo(f"{asset.ladder}\t{(asset.duration_ms or 0) / 60_000:.1f} min\t{asset.file_name}")
    minutes = sum(asset.duration_ms or 0 for asset in old) / 60_000
    if not dry_run:
        actions.transcode_again([asset.id for asset in old], now=clock.now())
    will = "would be" if dry_run else "will be"
    wanted = ladder.version(av1=settings.av1)
    click.echo(f"{len(old)} recordings ({minutes:.0f} minutes) {will} made anew by ladder {wanted}")


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
