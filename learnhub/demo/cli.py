"""``learnhub demo``."""

from __future__ import annotations

import click

from learnhub.config import Settings
from learnhub.kernel import clock


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing when the database holds anything already.")
@click.option("--accounts", is_flag=True, help="Only print the demo's accounts.")
@click.option("--cadres", default=5000, show_default=True, type=click.IntRange(100, 200_000), help="How many cadres.")
@click.pass_obj
def command(settings: Settings, if_empty: bool, accounts: bool, cadres: int) -> None:
    """Load the demo: the real tree of Yuxi, invented people, real courses, half a year of history."""
    from learnhub.app import create_app
    from learnhub.demo.load import is_empty, load_demo, print_accounts

    with create_app(settings).app_context():
        if accounts:
            print_accounts()
        elif is_empty():
            load_demo(settings, cadres=cadres, now=clock.now())
        elif not if_empty:
            raise click.ClickException("The database is not empty; the demo is only loaded into an empty one.")
