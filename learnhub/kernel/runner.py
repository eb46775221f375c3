"""Runs programs that open foreign files: never for ever, never blocked on a full pipe, never left behind, always confined."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_CONFINED = str(Path(__file__).with_name("confined.py"))
_KEPT_LINES = 400
_LONGEST_LINE = 20_000
_WHOLE_LINES = 256 << 20


@dataclass(frozen=True)
class Bounds:
    """What one child process may use: seconds of wall clock, of silence and of processor, bytes of memory and file."""

    wall_s: float = 60
    stall_s: float = 30
    cpu_s: int = 120
    memory_bytes: int = 4 << 30
    file_bytes: int = 8 << 30


@dataclass
class Finished:
    """How a child ended: its exit code (negative: the signal), the last lines of standard error, seconds taken."""

    code: int
    errors: list[str] = field(default_factory=list)
    wall_s: float = 0.0


class ChildStopped(Exception):
    """The child was killed: ``why`` is ``timeout``, ``stalled`` or ``cancelled``."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def run(
    argv: list[str],
    *,
    bounds: Bounds,
    on_line: Callable[[str], None] | None = None,
    folder: Path | None = None,
    long_lines: bool = False,
) -> Finished:
    """Runs a program to its end and hands each line of its standard output to ``on_line``.

    A line that was written counts as a sign of life; ``long_lines`` allows lines of any length. Raises :class:`ChildStopped` when a bound is passed; whatever
    happens, the whole process group is gone when this returns.
    """
    started = time.monotonic()
    child = _start(argv, bounds, folder)
    errors: deque[str] = deque(maxlen=_KEPT_LINES)
    lines: queue.Queue[str | None] = queue.Queue(maxsize=1000)
    readers = [
        threading.Thread(target=_drain, args=(child.stderr, errors.append), daemon=True),
        threading.Thread(
            target=_feed, args=(child.stdout, lines, _WHOLE_LINES if long_lines else _LONGEST_LINE), daemon=True
        ),
    ]
    for reader in readers:
        reader.start()
    try:
        _follow(lines, on_line, started, bounds)
        child.wait(timeout=max(0.1, bounds.wall_s - (time.monotonic() - started)))
    except subprocess.TimeoutExpired:
        raise ChildStopped("timeout") from None
    finally:
        _end(child, lines, readers)
    return Finished(child.returncode, list(errors), time.monotonic() - started)


def _start(argv: list[str], bounds: Bounds, folder: Path | None) -> subprocess.Popen[bytes]:
    limits = {
        "memory_bytes": bounds.memory_bytes,
        "file_bytes": bounds.file_bytes,
        "cpu_s": bounds.cpu_s,
        "parent": os.getpid(),
        "read": _readable(argv),
        "write": [str(folder)] if folder else [],
    }
    return subprocess.Popen(
        [sys.executable, "-I", "-S", _CONFINED, json.dumps(limits), *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "AV_LOG_FORCE_NOCOLOR": "1"},
        start_new_session=True,
        close_fds=True,
    )


def _readable(argv: list[str]) -> list[str]:
    """What the program may open besides the system's own files: itself and the files that its words name."""
    named = [word.removeprefix("file:") for word in argv if word.startswith(("/", "file:/"))]
    if argv[0] == sys.executable:
        named += [sys.prefix, sys.base_prefix, *(path for path in sys.path if path.endswith("-packages"))]
    return named


def _follow(
    lines: queue.Queue[str | None], on_line: Callable[[str], None] | None, started: float, bounds: Bounds
) -> None:
    while True:
        left = bounds.wall_s - (time.monotonic() - started)
        if left <= 0:
            raise ChildStopped("timeout")
        try:
            line = lines.get(timeout=min(left, bounds.stall_s))
        except queue.Empty:
            raise ChildStopped("timeout" if left < bounds.stall_s else "stalled") from None
        if line is None:
            return
        if on_line:
            on_line(line)


def _drain(pipe: object, keep: Callable[[str], object], longest: int = _LONGEST_LINE) -> None:
    for raw in iter(lambda: pipe.readline(longest), b""):  # type: ignore[attr-defined]
        keep(raw.decode("utf-8", "replace").rstrip())


def _feed(pipe: object, lines: queue.Queue[str | None], longest: int) -> None:
    _drain(pipe, lines.put, longest)
    lines.put(None)


def _end(child: subprocess.Popen[bytes], lines: queue.Queue[str | None], readers: list[threading.Thread]) -> None:
    """Kills what is left of the group, reaps the child and closes the pipes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    while any(reader.is_alive() for reader in readers):
        with contextlib.suppress(queue.Empty):
            lines.get(timeout=0.02)  # a reader may wait for room in the queue
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
