"""`learnhub serve`: the web server and the background workers, started, watched and stopped together.

Each child runs in a process group of its own. So Ctrl-C reaches only this process, which then ends the groups in
order. What a dead child had started (ffmpeg, in a session of its own) becomes a child of this process and is ended too:
else a transcoding would run on beside its second attempt. Should this process itself be killed, the kernel tells the
children. The last two need Linux.
"""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from learnhub.config import Settings

BLOCKING_THREADS = 16
"""Requests answered at the same time, one database connection each. More than granian advises for few cores, because
a thread also waits for slow lines."""

SLOW_JOB = "media.prepare"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
PROBE_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
GOOD_RUN_SECONDS = 60.0
"""A child that ran this long is restarted at once; one that dies sooner waits twice as long as the time before."""

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class CannotServe(Exception):
    """Why LearnHub cannot be served; the text is a sentence for the person who starts it."""


def address_of(settings: Settings) -> str:
    """The address to open in a browser on this machine."""
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104 - compared, not bound
    host = "[::1]" if host == "::" else host
    return f"http://{host}:{settings.port}"


def require_free_port(settings: Settings) -> None:
    """Raises :class:`CannotServe` when the address cannot be listened on.

    granian shares its port with other processes on purpose, so a second LearnHub would start without complaint and
    take every other request; therefore the port is tried here first, without sharing.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CannotServe(
                f"Port {settings.port} of {settings.host} cannot be used ({error.strerror}). "
                "Another program, perhaps another LearnHub, is using it: stop that one, or choose another port, "
                f"for example LEARNHUB_PORT={settings.port % 65535 + 1}."
            ) from error


def serve(
    settings: Settings, *, say: Callable[[str], None] = print, when_ready: Callable[[], None] | None = None
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; returns when every child has ended.

    `when_ready` is called once, when the web server answers. Raises :class:`CannotServe` when the port is taken or
    the web server does not come up.
    """
    require_free_port(settings)
    Supervisor(settings, say, when_ready).run()


@dataclass
class Child:
    """One program that must be running, and what is known of its last start; times are of `time.monotonic`."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    next_start: float = 0.0

    def start(self, environ: dict[str, str]) -> None:
        """Start the program in a process group of its own, apart from the terminal."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has no threads
        )

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the program and whatever it has started; none of them left is fine."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def has_ended(self) -> bool:
        """Whether it was started and is not running any more."""
        return self.process is not None and self.process.poll() is not None


@dataclass
class Supervisor:
    """Keeps the children running until a signal asks to stop."""

    settings: Settings
    say: Callable[[str], None]
    when_ready: Callable[[], None] | None = None
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def run(self) -> None:
        """Start all, watch, stop all; see :func:`serve`."""
        web = Child("web server", _web_command(self.settings))
        self.children = [web, *_workers(self.settings)]
        environ = _child_environ(self.settings)
        _tell_linux(PR_SET_CHILD_SUBREAPER, 1)
        before = {number: signal.signal(number, self._ask_to_stop) for number in _STOP_SIGNALS}
        try:
            for child in self.children:
                child.start(environ)
            if self._wait_until_ready(web) and self.when_ready is not None:
                self.when_ready()
            while not self.stopping:
                self._restart_the_dead(environ)
                time.sleep(PROBE_SECONDS)
        finally:
            self._stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _wait_until_ready(self, web: Child) -> bool:
        """Whether the web server answers; False when asked to stop meanwhile."""
        deadline = time.monotonic() + START_SECONDS
        while not self.stopping:
            if _answers(self.settings):
                return True
            if web.has_ended():
                raise CannotServe("The web server ended before it answered once; its last words are above.")
            if time.monotonic() > deadline:
                raise CannotServe(f"The web server has not answered for {START_SECONDS:.0f} seconds.")
            time.sleep(PROBE_SECONDS)
        return False

    def _restart_the_dead(self, environ: dict[str, str]) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.has_ended():
                status = child.process.returncode if child.process else 0
                child.signal_group(signal.SIGKILL)  # else its own children would keep the port
                child.process = None
                self._end_orphans()
                child.pause = FIRST_PAUSE_SECONDS if now - child.started > GOOD_RUN_SECONDS else child.pause
                child.next_start = now + child.pause
                self.say(f"The {child.name} ended (status {status}); it starts again in {child.pause:.0f} s.")
                child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS)
            elif child.process is None and now >= child.next_start:
                child.start(environ)

    def _stop_all(self) -> None:
        """Ask all to end, wait, and kill what is left."""
        for child in self.children:
            child.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not all(
            child.has_ended() or not child.process for child in self.children
        ):
            time.sleep(PROBE_SECONDS)
        for child in self.children:
            child.signal_group(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
        self._end_orphans()

    def _end_orphans(self) -> None:
        """Kill the children that this process did not start, and theirs in turn."""
        known = {child.process.pid for child in self.children if child.process and not child.has_ended()}
        while orphans := _children_of_this_process() - known:
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _workers(settings: Settings) -> list[Child]:
    """One worker for all that is quick, others for transcoding: a lecture of an hour must not hold up the index."""
    worker = [sys.executable, "-m", "learnhub.cli", "worker"]
    names = ["media worker", *(f"media worker {number}" for number in range(2, settings.media_workers + 1))]
    return [
        Child("worker", [*worker, "--not", SLOW_JOB]),
        *(Child(name, [*worker, "--only", SLOW_JOB]) for name in names[: settings.media_workers]),
    ]


def _web_command(settings: Settings) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-ws"),
        *("--host", settings.host, "--port", str(settings.port)),
        # One process with many threads: SQLite has one writer, and a second process would only wait for it.
        *("--workers", "1", "--blocking-threads", str(BLOCKING_THREADS), "--respawn-failed-workers"),
        *("--workers-kill-timeout", "5", "--log-level", "error"),
        "learnhub.app:create_app",
    ]


def _child_environ(settings: Settings) -> dict[str, str]:
    """The environment of the children: what the command line changed must hold for them too."""
    return {
        **os.environ,
        "LEARNHUB_HOME": str(settings.home),
        "LEARNHUB_HOST": settings.host,
        "LEARNHUB_PORT": str(settings.port),
    }


def _end_with_parent() -> None:
    """Runs in the child before its program: ask for SIGTERM at the death of the parent."""
    _tell_linux(PR_SET_PDEATHSIG, signal.SIGTERM)


def _tell_linux(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _children_of_this_process() -> set[int]:
    pid = os.getpid()
    try:
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except FileNotFoundError:
        return set()


def _answers(settings: Settings) -> bool:
    host = address_of(settings).removeprefix("http://").rsplit(":", 1)[0].strip("[]")
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
