"""`learnhub serve` starts, watches and stops the web server and the worker."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.conftest import Installed, Site
from tests.packaging.processes import descendants_of, is_running


def _running(pids: set[int]) -> set[int]:
    return {pid for pid in pids if is_running(pid)}


def _child(site: Site, word: str) -> int:
    """The direct or indirect child whose command line contains `word`."""
    found = [pid for pid in descendants_of(site.process.pid) if word in _command_of(pid)]
    assert found, word
    return min(found)


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_no_process_behind(start_site: Callable[[], Site], number: signal.Signals) -> None:
    site = start_site()
    family = descendants_of(site.process.pid)
    assert len(family) >= 3  # granian, its worker process, and the background worker
    site.process.send_signal(number)
    assert site.process.wait(timeout=20) == 0
    assert _running(family) == set()
    assert not site.answers()


def test_killing_the_supervisor_leaves_no_process_behind(start_site: Callable[[], Site]) -> None:
    site = start_site()
    family = descendants_of(site.process.pid)
    site.process.kill()
    site.process.wait()
    site.wait_for(lambda: not _running(family), seconds=20)


@pytest.mark.parametrize(("name", "word"), [("worker", "learnhub.cli worker"), ("web server", "granian --interface")])
def test_a_dead_child_is_started_again(start_site: Callable[[], Site], name: str, word: str) -> None:
    site = start_site()
    dead = _child(site, word)
    os.kill(dead, signal.SIGKILL)
    site.wait_for(lambda: f"The {name} ended" in "".join(site.output))
    site.wait_for(lambda: any(word in _command_of(pid) for pid in descendants_of(site.process.pid) - {dead}))
    site.wait_for(site.answers)


def test_what_a_dead_worker_had_started_does_not_run_on(installed: Installed, tmp_path: Path) -> None:
    # A worker that starts a program in a session of its own, as the runner of ffmpeg does, and is then killed.
    code = """
import os, signal, subprocess, sys, time
from learnhub import config, server
worker = "import os, signal, subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True); os.kill(os.getpid(), 9)"
supervisor = server.Supervisor(config.read_settings(), print)
child = server.Child("worker", [sys.executable, "-c", worker])
server._tell_linux(server.PR_SET_CHILD_SUBREAPER, 1)
supervisor.children = [child]
child.start(dict(os.environ))
child.process.wait()
print("before", len(server._children_of_this_process()))
supervisor._restart_the_dead(dict(os.environ))
print("after", len(server._children_of_this_process()))
"""
    python = installed.environment / "bin" / "python"
    environ = {**os.environ, "LEARNHUB_HOME": str(tmp_path)}
    done = subprocess.run([python, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert [line for line in done.stdout.splitlines() if line.startswith(("before", "after"))] == [
        "before 1",
        "after 0",
    ]


def test_a_taken_port_is_told_in_one_sentence(start_site: Callable[[], Site], installed: Installed) -> None:
    site = start_site()
    for arguments in (["serve"], ["serve", "--check"]):
        second = subprocess.run(
            [installed.command, *arguments],
            env=site.environ,
            cwd=site.home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 2
        assert "cannot be used (Address already in use)" in second.stderr
        assert "Traceback" not in second.stderr
    assert site.answers()


def test_an_unknown_setting_stops_the_start_with_a_sentence(installed: Installed, tmp_path: Path) -> None:
    environ = {**os.environ, "LEARNHUB_HOME": str(tmp_path), "LEARNHUB_PROT": "8000"}
    done = subprocess.run([installed.command, "serve"], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("LEARNHUB_PROT is not a setting of LearnHub.")
    assert "Traceback" not in done.stderr
