"""``learnhub ledger …``: commands on the study ledger."""

from __future__ import annotations

import sys

import click

from learnhub.config import Settings
from learnhub.kernel.db import connect
from learnhub.study import ledger

REASONS = {
    "missing": "is missing",
    "order": "does not follow the entry before it",
    "altered": "was altered after it was written",
    "evidence": "has other evidence than was sealed",
}


@click.group("ledger")
def group() -> None:
    """The ledger of study hours."""


@group.command()
@click.option("--person", type=int, help="Only the entries of the person with this id.")
@click.pass_obj
def verify(settings: Settings, person: int | None) -> None:
    """Recompute the chain of every person and name each entry that is altered, missing or out of order."""
    connect(settings.database_url)
    faults = list(ledger.list_faults(person))
    for person_id, number, code in faults:
        click.echo(f"person {person_id}, entry {number}: {REASONS[code]}")
    click.echo(f"{ledger.count_entries()} entries, {len(faults)} faults")
    if faults:
        sys.exit(1)
