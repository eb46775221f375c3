"""The PostgreSQL servers of the tests come and go without traces."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.packaging.conftest import ROOT
from tests.packaging.processes import descendants_of, is_running
from tests.postgres import start_postgres


def _folder_of(url: str) -> Path:
    with psycopg.connect(url) as connection:
        row = connection.execute("show data_directory").fetchone()
    assert row
    return Path(row[0])


def test_two_servers_run_side_by_side_and_leave_nothing() -> None:
    with start_postgres() as first, start_postgres() as second:
        folders = {_folder_of(first), _folder_of(second)}
        assert len(folders) == 2
    assert not [folder for folder in folders if folder.exists()]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(first, connect_timeout=2)


def test_server_may_create_databases_in_utf8() -> None:
    with start_postgres() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create database 玉溪")
        row = connection.execute("select encoding from pg_database where datname = '玉溪'").fetchone()
    assert row == (6,)  # PostgreSQL's number of UTF-8


def test_server_ends_when_the_test_run_is_killed() -> None:
    code = """
import time
from tests.postgres import start_postgres
with start_postgres() as url:
    print(url, flush=True)
    time.sleep(60)
"""
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout
        folder = _folder_of(runner.stdout.readline().strip()).parent
        family = descendants_of(runner.pid)
        assert family
        runner.kill()
    deadline = time.monotonic() + 20
    while any(is_running(pid) for pid in family):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    shutil.rmtree(folder)
