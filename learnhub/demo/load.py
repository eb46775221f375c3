"""Loads the whole demo: tree, people, courses, media, history, index."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import click

import learnhub.org
from learnhub.catalog.actions.publishing import publish_folder
from learnhub.config import Settings
from learnhub.demo import history, people, station_history, year_history
from learnhub.demo.progress import Steps
from learnhub.kernel import jobs
from learnhub.kernel.db import transaction
from learnhub.kernel.models import Job
from learnhub.org.actions.imports import import_stations, import_units
from learnhub.org.models import Account, Person, Unit
from learnhub.org.ranks import load_ranks

SEED = 20260601
DATA = Path(learnhub.org.__file__).parent / "demo"


def is_empty() -> bool:
    """True when nobody has put anything into the database yet."""
    return not Unit.select().exists() and not Person.select().exists()


def load_demo(settings: Settings, *, cadres: int, now: datetime) -> None:
    """Fills an empty database; the same seed and day give the same demo."""
    steps, began = Steps(), now - timedelta(days=history.DAYS + 5)
    with steps.step("行政区划与站点 tree and stations"):
        load_ranks()
        for name, take in (("yuxi-divisions.csv", import_units), ("yuxi-stations-1409.csv", import_stations)):
            take(None, (DATA / name).read_bytes(), file_name=name, now=began)
    with steps.step("课程 courses"):
        for folder in sorted(path.parent for path in settings.courses_dir.glob("*/course.toml")):
            publish_folder(None, folder, now=began, settings=settings)
    background = _start_worker(settings)
    with steps.step("人员与账号 people and accounts"):
        people.add_cadres(
            cadres, seed=SEED, now=began, tell=lambda done, total: steps.tell("人员与账号 people", done, total)
        )
        people.add_cast(now=began)
        people.open_all_accounts(now=began)
    with steps.step("音视频转码 media"):
        _wait_for("media.prepare", background, lambda done, total: steps.tell("音视频转码 media", done, total))
    with steps.step("半年学习记录 half a year of study"):
        _play_history(settings, steps, now)
    with steps.step("全文索引 search index"):
        background.wait()
        jobs.run_all()


def _play_history(settings: Settings, steps: Steps, now: datetime) -> None:
    drawn = history.Drawn(settings, Random(SEED), now)
    with transaction():
        hosts = station_history.choose_hosts(drawn)
        station_history.add_audience(hosts, drawn.random, now=now - timedelta(days=history.DAYS))
    history.draw_online(drawn, people=220)
    station_history.draw_sessions(drawn, hosts)
    year_history.draw_years(drawn)
    done, refused = history.play(
        drawn, lambda done, total: steps.tell("半年学习记录 half a year of study", done, total)
    )
    with transaction():
        station_history.plan_ahead(drawn, hosts[0])
    click.echo(f"    {done} 件 done, {refused} 件按规则未予办理 refused by a rule")


def _start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    """A second process that transcodes and indexes while this one writes people and history."""
    environ = {**os.environ, "LEARNHUB_HOME": str(settings.home)}
    return subprocess.Popen([sys.executable, "-m", "learnhub.cli", "worker", "--once"], env=environ)


def _wait_for(kind: str, worker: subprocess.Popen[bytes], tell: Callable[[int, int], None]) -> None:
    while True:
        states = [job.state for job in Job.select(Job.state).where(Job.kind == kind)]
        left = sum(state in ("waiting", "running") for state in states)
        tell(len(states) - left, len(states))
        if not left or worker.poll() is not None:
            return  # a worker that ended early leaves its jobs to the one that serves
        time.sleep(0.5)


def print_accounts() -> None:
    """One account per role, for the terminal; nothing where the demo was never loaded."""
    if not Account.select().where(Account.username == people.CAST[0].username).exists():
        return
    click.echo("账号 accounts:")
    for part in people.CAST:
        click.echo(f"  {part.username:<10} {part.label}")
    click.echo(f"  密码 password: {people.PASSWORD}")
