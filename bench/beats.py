"""Measures the path of study reports against bare WSGI on the same server and against the textbook application.

    python bench/beats.py [SECONDS] [sqlite or postgres]

All three run at the same time, each on granian with one worker and one blocking thread, and are asked in turns of a
quarter of a second over 16 kept connections each: whatever else the machine does meets all of them. CPU is that of the
server's processes alone. The limit is the bare answer: nothing that answers HTTP here can be cheaper. Then the beat path
alone is asked in open loop, 7,333 times a second by 110,000 learners, a report of each every 15 s: a request is due by
the clock, whether or not the ones before were answered. In the first 15 s everybody's first report makes the server read
a viewing; measured are the 15 s after that. The last line is JSON.
"""

from __future__ import annotations

import itertools
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path[0] = str(ROOT)

from bench.learners import LENGTH_MS, environ_for, fill, report, request  # noqa: E402
from bench.verdict import at_least, at_most, last_line  # noqa: E402

CONNECTIONS = 16
LEARNERS = 400
SECONDS = 5.0
TURN_S = 0.25
OPEN_PER_S = 7_333
OPEN_CONNECTIONS = 64
OPEN_S = 15
PEOPLE = OPEN_PER_S * OPEN_S
STEP_MS = 200
BARS = {"share_of_bare": 0.5, "cpu_times_bare": 2.2, "times_textbook": 40, "open_per_s": OPEN_PER_S, "open_cores": 1}

Source = Callable[[int], Iterator[bytes]]  # requests of one connection, without end


def bare(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
    """The least that a WSGI application can answer."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]


def make_beats() -> object:
    """The beat path of LearnHub on the database that the environment names."""
    from learnhub.config import read_settings
    from learnhub.kernel.db import connect
    from learnhub.study.beat import make_beat

    settings = read_settings()
    connect(settings.database_url)
    return make_beat(settings)


def make_textbook() -> object:
    """The textbook application."""
    from bench.textbook import create_app

    return create_app()


def beats_of(tokens: list[str]) -> Source:
    """Reports as players send them: each learner in turn, what is new since the last one."""

    def requests(connection: int) -> Iterator[bytes]:
        mine = tokens[connection::CONNECTIONS]
        for seq in itertools.count(1):
            for token in mine:
                start = (seq - 1) * STEP_MS % (LENGTH_MS - STEP_MS)
                seen = [[start, start + STEP_MS]]
                yield request("/beat", {"token": token, "seq": seq, "seen": seen, "position_ms": start + STEP_MS})

    return requests


def textbook_of(port: int) -> Source:
    """The same for the textbook: signed in once, then seconds."""

    def requests(connection: int) -> Iterator[bytes]:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(request(f"/login/{connection}", {}))
            cookie = line.recv(65536).split(b"session=")[1].split(b";")[0].decode()
        while True:
            yield request("/progress", {"lesson": 1, "seconds": 10}, f"session={cookie}")

    return requests


def read_answer(line: socket.socket) -> int:
    """Reads one answer and returns its status."""
    data = line.recv(65536)
    while b"\r\n\r\n" not in data:
        data += line.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += line.recv(65536)
    return int(head[9:12])


def pids_of(leader: int) -> list[int]:
    """A process and those of its group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            group = int(path.read_text().rpartition(")")[2].split()[2])
        except OSError:
            continue
        if group == leader:
            found.append(int(path.parent.name))
    return found


def cpu_s(pids: list[int]) -> float:
    """CPU seconds of processes, in nanoseconds' resolution where Linux tells them for each thread."""
    total = 0
    for pid in pids:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(path.read_text().split()[0])
    return total / 1e9


class Server:
    """A server of one of the three, with the connections over which it is asked."""

    def __init__(self, target: str, source: Callable[[int], Source], environ: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"),
            *("--workers", "1", "--blocking-threads", "1", "--backpressure", "256"),
            *("--host", "127.0.0.1", "--port", str(self.port), *(["--factory"] if "make_" in target else [])),
            f"bench.beats:{target}",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, start_new_session=True)
        _wait_for(self.port)
        self.pids = pids_of(self.process.pid)
        requests = source(self.port)
        self.lines = [self.connect() for _ in range(CONNECTIONS)]
        self.sources = [requests(number) for number in range(CONNECTIONS)]
        self.forget()

    def connect(self) -> socket.socket:
        """A kept connection."""
        return socket.create_connection(("127.0.0.1", self.port))

    def forget(self) -> None:
        """Begins to count anew."""
        self.answered, self.errors, self.took = 0, 0, 0.0
        self.cpu = cpu_s(self.pids)
        self.rounds: list[float] = []

    def ask(self, seconds: float) -> None:
        """All connections at once, again and again."""
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            sent_at = time.perf_counter()
            for line, requests in zip(self.lines, self.sources, strict=True):
                line.sendall(next(requests))
            self.errors += sum(read_answer(line) != 200 for line in self.lines)
            self.rounds.append(time.perf_counter() - sent_at)
            self.answered += CONNECTIONS
        self.took += time.perf_counter() - began

    def result(self) -> dict[str, float]:
        """What was counted."""
        self.rounds.sort()
        used = cpu_s(self.pids) - self.cpu  # also what it did between its turns
        return {
            "per_s": round(self.answered / self.took), "cpu_us": round(used / self.answered * 1e6, 1),
            "errors": self.errors, "round_p99_ms": round(self.rounds[int(len(self.rounds) * 0.99)] * 1000, 1),
        }  # fmt: skip

    def stop(self) -> None:
        """Ends it with all that it started."""
        for line in self.lines:
            line.close()
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def by_the_clock(server: Server, tokens: list[str], *, first: int) -> dict[str, float]:
    """Open loop: :data:`OPEN_S` seconds from report number ``first`` on, each learner in turn, every report when it is due."""
    lines = {line.fileno(): line for line in (server.connect() for _ in range(OPEN_CONNECTIONS))}
    poll = select.epoll()
    for number, line in lines.items():
        line.setblocking(False)
        poll.register(number, select.EPOLLIN)
    free, due_at = list(lines), dict.fromkeys(lines, 0.0)
    total, sent, errors = OPEN_PER_S * OPEN_S, 0, 0
    waits: list[float] = []
    cpu, began = cpu_s(server.pids), time.perf_counter()
    while len(waits) < total:
        now = time.perf_counter() - began
        while free and sent < total and (due := sent / OPEN_PER_S) <= now:
            number = free.pop()
            round_, learner = divmod(first + sent, len(tokens))
            lines[number].send(report(tokens[learner], round_ + 1, round_ * 15_000, round_ * 15_000 + 15_000))
            due_at[number], sent = due, sent + 1
        for number, _event in poll.poll(0.001):
            errors += not lines[number].recv(65536).startswith(b"HTTP/1.1 200")
            waits.append(time.perf_counter() - began - due_at[number])
            free.append(number)
    took, used = time.perf_counter() - began, cpu_s(server.pids) - cpu
    for line in lines.values():
        line.close()
    waits.sort()
    return {
        "per_s": round(sent / took), "cores": round(used / took, 2), "cpu_us": round(used / sent * 1e6, 1), "errors": errors,
        "p50_ms": round(waits[len(waits) // 2] * 1000, 1), "p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 1),
    }  # fmt: skip


@contextmanager
def new_database(kind: str, folder: str) -> Iterator[str]:
    """The address of an empty database; ``kind``: sqlite or postgres (a server of its own, from the tests)."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/beats.sqlite3"
        return
    from tests.postgres import start_postgres

    with start_postgres() as url:
        yield url


def count_written(url: str) -> int:
    """How many viewings have reports on disk."""
    from learnhub.kernel.db import connect, db
    from learnhub.study.models import Viewing

    connect(url)
    written = Viewing.select().where(Viewing.reports > 0).count()
    db.close()
    return int(written)


def main(seconds: float, kind: str) -> None:
    """Measures all three, then the open loop, and prints."""
    with tempfile.TemporaryDirectory(dir=ROOT) as folder, new_database(kind, folder) as url:
        tokens = fill(url, PEOPLE)
        environ = {**environ_for(folder, url), "TEXTBOOK_DATABASE": f"{folder}/textbook.sqlite3"}
        servers: dict[str, Server] = {}
        try:
            servers["bare"] = Server("bare", lambda _port: lambda _line: itertools.repeat(request("/", {})), environ)
            servers["beats"] = Server("make_beats", lambda _port: beats_of(tokens[-LEARNERS:]), environ)
            servers["textbook"] = Server("make_textbook", textbook_of, environ)
            for warm in (True, False):
                for server in servers.values():
                    server.forget()
                for _turn in range(5 if warm else round(seconds / TURN_S)):
                    for server in servers.values():
                        server.ask(TURN_S)
            three = {name: server.result() for name, server in servers.items()}
            for name in ("bare", "textbook"):
                servers.pop(name).stop()
            first = by_the_clock(servers["beats"], tokens, first=0)
            opened = {**by_the_clock(servers["beats"], tokens, first=OPEN_PER_S * OPEN_S), "first_reports": first}
            time.sleep(2)  # what was answered last is written
        finally:
            for server in servers.values():
                server.stop()
        print(judged(three, opened, count_written(url), seconds, kind))


def judged(three: dict[str, dict[str, float]], opened: dict[str, Any], kept: int, seconds: float, database: str) -> str:
    """The last line: every bar, and the figures behind it."""
    bare, beats, textbook = three["bare"], three["beats"], three["textbook"]
    bars = [
        at_least("share_of_bare", beats["per_s"] / bare["per_s"], BARS["share_of_bare"]),
        at_most("cpu_times_bare", beats["cpu_us"] / bare["cpu_us"], BARS["cpu_times_bare"]),
        at_least("times_textbook", beats["per_s"] / textbook["per_s"], BARS["times_textbook"]),
        # A hundredth is lost between the clock of the generator and its last answers.
        at_least("open_per_s", opened["per_s"], 0.99 * BARS["open_per_s"]),
        at_most("open_cores", opened["cores"], BARS["open_cores"]),
        at_most("errors", beats["errors"] + opened["errors"] + opened["first_reports"]["errors"], 0),
        at_least("viewings_written", kept, PEOPLE),
    ]
    return last_line("beats", bars, database=database, seconds=seconds, measured=three, open=opened)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, sys.argv[2] if len(sys.argv) > 2 else "sqlite")
