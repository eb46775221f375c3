"""Is the system well: background jobs, index, storage, versions."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import peewee

from learnhub import __version__
from learnhub.config import Settings
from learnhub.kernel.db import db, is_postgres
from learnhub.kernel.models import Job
from learnhub.kernel.paging import Page, page_of
from learnhub.media.confinement import Confinement, read_confinement
from learnhub.search.actions import INDEX_JOB, REBUILD_JOB
from learnhub.search.models import SearchOutbox, SearchText

PAGE_SIZE = 25
LOW_SHARE = 0.1
"""Below this share of free space a disk counts as nearly full."""


@dataclass(frozen=True)
class JobCounts:
    """Jobs by state, when the index was last brought up to date, and how full the disk of the data is, in bytes."""

    by_state: dict[str, int]
    indexed_at: datetime | None
    free: int
    total: int

    @property
    def is_full(self) -> bool:
        """The disk is nearly full."""
        return self.free < self.total * LOW_SHARE

    @property
    def waiting(self) -> int:
        """Jobs that wait or run."""
        return self.by_state.get("waiting", 0) + self.by_state.get("running", 0)

    @property
    def failed(self) -> int:
        """Jobs that were given up."""
        return self.by_state.get("failed", 0)


@dataclass(frozen=True)
class Place:
    """Where something is kept; bytes of the disk that it lies on."""

    name: str
    path: str
    free: int
    total: int

    @property
    def is_full(self) -> bool:
        """The disk is nearly full."""
        return self.free < self.total * LOW_SHARE


@dataclass(frozen=True)
class System:
    """``texts``: how many can be found; ``unindexed``: documents that wait for the index; sizes in bytes."""

    jobs: JobCounts
    texts: int
    unindexed: int
    places: list[Place]
    versions: dict[str, str]
    database_bytes: int | None
    confinement: Confinement


def job_counts(*, settings: Settings) -> JobCounts:
    """The figures for the home page. Two queries."""
    by_state = dict(Job.select(Job.state, peewee.fn.COUNT(Job.id)).group_by(Job.state).tuples())
    indexing = (Job.state == "done") & Job.kind.in_((INDEX_JOB, REBUILD_JOB))
    newest = Job.select(Job.finished_at).where(indexing).order_by(Job.id.desc()).first()
    disk = shutil.disk_usage(_existing(settings.data_dir))
    return JobCounts(by_state, newest.finished_at if newest else None, disk.free, disk.total)


def system_state(*, settings: Settings) -> System:
    """Everything that the system page shows besides the list of jobs. Six queries."""
    places = [
        _place("data", settings.data_dir),
        _place("media", settings.media_dir),
        _place("search", settings.search_dir),
        _place("courses", settings.courses_dir),
    ]
    return System(
        jobs=job_counts(settings=settings),
        texts=SearchText.select().count(),
        unindexed=SearchOutbox.select(SearchOutbox.source, SearchOutbox.source_id).distinct().count(),
        places=places,
        versions={"LearnHub": __version__, "Python": platform.python_version(), **_database_version()},
        database_bytes=_database_bytes(settings),
        confinement=read_confinement(),
    )


def page_of_jobs(state: str, number: int) -> Page[Job]:
    """One page of the jobs in a state (empty: all), the newest first. Two queries."""
    jobs = Job.select().order_by(Job.id.desc())
    return page_of(jobs.where(Job.state == state) if state else jobs, number, PAGE_SIZE)


def _place(name: str, folder: Path) -> Place:
    disk = shutil.disk_usage(_existing(folder))
    return Place(name, str(folder), disk.free, disk.total)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above that is there already."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _database_version() -> dict[str, str]:
    if is_postgres():
        return {"PostgreSQL": str(db.execute_sql("SHOW server_version").fetchone()[0]).split(" ")[0]}
    return {"SQLite": sqlite3.sqlite_version}


def _database_bytes(settings: Settings) -> int | None:
    if is_postgres():
        return int(db.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    return path.stat().st_size if path.is_file() else None
