"""``learnhub ledger …``: whether the study ledger is whole, and signing its ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from learnhub.config import Settings
from learnhub.kernel import clock, keys
from learnhub.kernel.db import connect
from learnhub.kernel.keys import PublicKey, signing_key
from learnhub.study import heads, ledger

REASONS = {
    "missing": "is missing",
    "order": "does not follow the entry before it",
    "altered": "was altered after it was written",
    "evidence": "has other evidence than was sealed",
    "cut": "is missing: a signed head names it",
    "rewritten": "is another than the one that a signed head names",
    "head_forged": "was changed or not signed with this key",
    "head_missing": "is missing in the database and stands in the copy",
    "head_differs": "differs from the copy",
}


@click.group("ledger")
def group() -> None:
    """The ledger of study hours."""


@group.command()
@click.option("--person", type=int, help="Only the entries of the person with this id.")
@click.option(
    "--heads",
    "copy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of the file of signed heads, kept on another machine (default: the one in the data folder).",
)
@click.option(
    "--key",
    "given",
    multiple=True,
    help="A public key of the heads, as `learnhub ledger public-key` printed it; may be repeated (default: all of ours).",
)
@click.pass_obj
def verify(settings: Settings, person: int | None, copy: Path | None, given: tuple[str, ...]) -> None:
    """Recompute every chain, compare it with the signed heads, recount every year; name whatever is not as written."""
    connect(settings.database_url)
    publics = keys.keys_given(given) or keys.public_keys(settings.data_dir)
    table, kept = heads.list_records(), heads.read_file(copy or settings.data_dir / heads.FILE_NAME)
    found = [*_chain_faults(person), *_head_faults(table, kept, publics, person)]
    for line in found:
        click.echo(line)
    click.echo(f"{ledger.count_entries()} entries, {len(table)} signed heads, {len(found)} faults")
    if found:
        sys.exit(1)


def _chain_faults(person: int | None) -> Iterator[str]:
    for person_id, number, code in ledger.list_faults(person):
        yield f"person {person_id}, entry {number}: {REASONS[code]}"
    for person_id, year in ledger.list_miscounts(person):
        yield f"person {person_id}, year {year}: the figures kept differ from a recount"


def _head_faults(
    table: list[str], kept: list[str], publics: Mapping[str, PublicKey], person: int | None
) -> Iterator[str]:
    for fault in heads.faults(table, kept, publics):
        if not fault.person:
            yield f"signed head {fault.number}: {REASONS[fault.code]}"
        elif person in (None, fault.person):
            yield f"person {fault.person}, entry {fault.number}: {REASONS[fault.code]}"


@group.command("sign-head")
@click.pass_obj
def sign_head(settings: Settings) -> None:
    """Sign the ends of the chains now; the worker does it every day."""
    connect(settings.database_url)
    path = settings.data_dir / heads.FILE_NAME
    is_new = heads.note_head(path, signing_key(settings.data_dir), now=clock.now())
    click.echo(f"{path}: {'signed' if is_new else 'nothing new'}")


@group.command("public-key")
@click.pass_obj
def public_key(settings: Settings) -> None:
    """Print the public key by which heads and proofs can be checked."""
    click.echo(signing_key(settings.data_dir).public.hex())
