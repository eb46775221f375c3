"""A worker killed at any moment: its job is taken up again, nothing runs on, nothing is left lying about."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.models import Job
from learnhub.media import actions, tasks
from learnhub.media.models import Asset
from tests.media.conftest import ffmpeg, processes_with

ROOT = Path(__file__).parents[2]
MOMENTS = 20
EACH_KILLED = 4  # times, one less than a job may be tried
FILM = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-f", "lavfi", "-i", "sine=frequency=220,volume=0.2")
WORKERS = """
import os, sys
from pathlib import Path
from learnhub.config import read_settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.db import connect
from learnhub.media import tasks

tasks.register(read_settings({}, home=Path(sys.argv[2])))
for _line in sys.stdin:
    worker = os.fork()
    if worker == 0:
        connect(sys.argv[1])
        jobs.run_next(clock.now(), ["media.prepare"])
        os._exit(0)
    print(worker, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]), flush=True)
"""


class Workers:
    """Starts workers that run one job each, as processes of their own that have been imported already."""

    def __init__(self, db: str, settings: Settings) -> None:
        self.nursery = subprocess.Popen(
            [sys.executable, "-c", WORKERS, db, str(settings.home)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self) -> int:
        """A new worker's process id."""
        assert self.nursery.stdin is not None
        self.nursery.stdin.write("go\n")
        self.nursery.stdin.flush()
        return self._number()

    def _number(self) -> int:
        assert self.nursery.stdout is not None
        return int(self.nursery.stdout.readline())

    def ended(self) -> int:
        """The exit code of the last worker, once it is gone; negative: the signal that killed it."""
        return self._number()

    def close(self) -> None:
        """No more workers."""
        self.nursery.communicate(timeout=30)


@pytest.fixture
def workers(db: str, settings: Settings) -> Iterator[Workers]:
    """Workers on this test's database and folders."""
    made = Workers(db, settings)
    yield made
    made.close()


def none_left(folder: Path) -> None:
    """Waits until no process has to do with a folder any more."""
    end = time.monotonic() + 30
    while processes_with(folder):
        assert time.monotonic() < end, "ffmpeg outlived its worker"
        time.sleep(0.02)


def revive() -> None:
    """Gives back what the dead worker held, as after a minute without a word of it; it goes to the end of the line."""
    jobs.revive_stale(clock.now() + jobs.STALE_AFTER * 2)
    Job.update(run_at=clock.now()).where((Job.state == "waiting") & (Job.run_at > clock.now())).execute()


def waiting() -> int:
    """How many jobs there are still to do."""
    return int(Job.select().where(Job.state == "waiting").count())


def add_film(folder: Path, number: int, settings: Settings) -> None:
    """Adds six seconds of film of its own, which waits to be prepared."""
    path = folder / f"{number}.mp4"
    ffmpeg(*FILM, "-t", "6", "-c:v", "libx264", "-preset", "ultrafast", "-metadata", f"title={number}", path)
    actions.add_asset(None, path, path.name, settings=settings, now=clock.now())


def run_one(workers: Workers) -> float:
    """Lets one worker do one job to its end; the seconds it took."""
    began = time.monotonic()
    workers.start()
    assert workers.ended() == 0
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_killed_at_twenty_moments_each_recording_ends_whole_and_nothing_is_left(
    db: str, settings: Settings, tmp_path: Path, workers: Workers
) -> None:
    chance = random.Random(20_26)
    numbers = itertools.count()
    add_film(tmp_path, next(numbers), settings)
    whole_s = run_one(workers)
    killed = 0
    for _moment in range(MOMENTS):
        while waiting() < MOMENTS // EACH_KILLED:  # they take turns: none is killed more often than it may be tried
            add_film(tmp_path, next(numbers), settings)
        worker = workers.start()
        time.sleep(chance.random() * whole_s)
        with suppress(ProcessLookupError):  # it was quicker than the first
            os.kill(worker, signal.SIGKILL)
        killed += workers.ended() == -signal.SIGKILL
        none_left(settings.media_dir)
        for asset in Asset.select():  # whole or not there
            folder = settings.media_dir / "renditions" / asset.sha256
            assert not folder.exists() or [one for one in folder.iterdir() if (one / "facts.json").is_file()]
        revive()
    while waiting():
        run_one(workers)
    assert killed >= MOMENTS // 2
    assert {asset.state for asset in Asset.select()} == {"ready"}
    assert {job.state for job in Job.select()} == {"done"}
    none_left(settings.media_dir)
    assert list((settings.media_dir / ".work").iterdir()) == []
    assert len(list((settings.media_dir / "renditions").iterdir())) == next(numbers)


def test_a_worker_told_to_end_gives_its_recording_back_whole(db: str, settings: Settings, samples: Path) -> None:
    """What a restart of the service does: the job is not counted as tried, and ffmpeg is gone with its files."""
    asset = actions.add_asset(None, samples / "clip.mp4", "clip.mp4", settings=settings, now=clock.now())
    tasks.register(settings)
    assert jobs.run_next(clock.now(), stopping=lambda: True)
    job = Job.get(Job.key == actions.job_key(asset.id))
    assert (job.state, job.attempts) == ("waiting", 0)
    assert processes_with(settings.media_dir) == []
    assert list((settings.media_dir / ".work").iterdir()) == []
