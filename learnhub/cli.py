"""The ``learnhub`` command."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from peewee import OperationalError

from learnhub import __version__
from learnhub.config import BadSetting, Settings, read_settings
from learnhub.design import i18n
from learnhub.kernel import clock, jobs, messages
from learnhub.kernel.db import connect, db, give_back_if_broken
from learnhub.kernel.errors import Refusal, Unavailable
from learnhub.kernel.log import set_up_logging

_IDLE_S = 1.0
_TIDY_EVERY_S = 3600.0


class Commands(click.Group):
    """Turns refusals and bad settings into one sentence and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (BadSetting, Refusal) as error:
            words = messages.text_of(error.code, error.params) if isinstance(error, Refusal) else None
            click.echo(words or str(error), err=True)
            sys.exit(2)


@click.group(cls=Commands)
@click.version_option(__version__)
@click.pass_context
def main(ctx: click.Context) -> None:
    """LearnHub: distance education for a prefecture. Settings are LEARNHUB_… environment variables."""
    ctx.obj = settings = read_settings()
    i18n.load_catalogues(path for path in Path(__file__).parent.iterdir() if path.is_dir())
    ctx.meta["learnhub.whole"] = lambda: import_module("learnhub.app").create_app(settings)
    set_up_logging("warning" if settings.log_level == "info" else settings.log_level)


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to the present schema, and seal what an earlier version or secret left behind."""
    from learnhub.migrations import migrate as apply
    from learnhub.org.actions import seal_second_factors

    done = apply(connect(settings.database_url))
    click.echo("\n".join(f"applied {name}" for name in done) or "nothing to apply")
    sealed, lost = seal_second_factors(secrets=settings.secret_keys)
    if sealed:
        click.echo(f"sealed {sealed} keys of the second step")
    if lost:
        click.echo(f"{lost} keys of the second step were sealed with a secret key that is not set any more", err=True)


@main.command()
@click.option("--check", is_flag=True, help="Only say whether the port is free.")
@click.option("--accounts", is_flag=True, help="Print one demo account per role when the site answers.")
@click.pass_obj
def serve(settings: Settings, check: bool, accounts: bool) -> None:
    """Serve the site together with a background worker until Ctrl-C."""
    from learnhub import server

    def announce() -> None:
        click.echo(f"LearnHub answers at {server.address_of(settings)}   (Ctrl-C stops it)")
        if accounts:
            # Apart from this process, which is to hold no database while it watches the others.
            subprocess.run([sys.executable, "-m", "learnhub.cli", "demo", "--accounts"], check=False)

    try:
        if check:
            server.require_free_port(settings)
        else:
            server.serve(settings, say=click.echo, when_ready=announce)
    except server.CannotServe as error:
        click.echo(str(error), err=True)
        sys.exit(2)


@main.command()
@click.option("--once", is_flag=True, help="Run what is due and stop.")
@click.option("--only", multiple=True, metavar="KIND", help="Run only jobs of this kind, such as media.prepare.")
@click.option("--not", "without", multiple=True, metavar="KIND", help="Leave jobs of this kind to other workers.")
@click.pass_obj
def worker(settings: Settings, once: bool, only: tuple[str, ...], without: tuple[str, ...]) -> None:
    """Run background jobs. Several workers, on several machines, share them."""
    from learnhub.app import create_app
    from learnhub.org import audit_tasks
    from learnhub.years import tasks as year_tasks

    with create_app(settings).app_context():
        kinds = _kinds(only, without)
        audit_tasks.schedule(clock.now(), now=clock.now())
        year_tasks.schedule(clock.now(), now=clock.now())
        stopping = _stop_on_signals()
        tidied_at = -_TIDY_EVERY_S
        while not stopping:
            try:
                jobs.revive_stale(clock.now())
                if time.monotonic() - tidied_at >= _TIDY_EVERY_S:
                    tidied_at = time.monotonic()
                    jobs.prune(clock.now())
                if jobs.run_next(clock.now(), kinds, lambda: bool(stopping)):
                    continue
                if once:
                    break
            except (Unavailable, OperationalError) as error:
                logging.getLogger(__name__).warning("worker waits: %s", error)
                give_back_if_broken()
            time.sleep(_IDLE_S)
        db.close()


def _kinds(only: tuple[str, ...], without: tuple[str, ...]) -> list[str]:
    known = jobs.kinds()
    for kind in (*only, *without):
        if kind not in known:
            raise click.UsageError(f"{kind} is no kind of job. Known: {', '.join(known)}.")
    return [kind for kind in only or known if kind not in without]


def _stop_on_signals() -> list[int]:
    heard: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: heard.append(received))
    return heard


for _feature in ("org", "media", "catalog", "study", "sessions", "proofs", "search", "reports"):
    try:
        _commands = import_module(f"learnhub.{_feature}.cli")
    except ModuleNotFoundError as error:
        if error.name != f"learnhub.{_feature}.cli":
            raise
    else:
        main.add_command(_commands.group)


main.add_command(import_module("learnhub.org.audit_cli").group)
main.add_command(import_module("learnhub.demo.cli").command)


if __name__ == "__main__":
    main()
