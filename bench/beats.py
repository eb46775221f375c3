"""Measures the path of study reports against bare WSGI on the same server and against the textbook application.

    python bench/beats.py [SECONDS]

All three run in one pass, one after the other, on granian with one worker and one blocking thread; each is asked over
16 kept connections by a client that knows its requests in advance. CPU is that of the server's processes alone. The
limit is the bare answer: nothing that answers HTTP here can be cheaper. The last line is JSON.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CONNECTIONS = 16
LEARNERS = 400
SECONDS = 5.0
LENGTH_MS = 3_600_000
STEP_MS = 200
KEY = "only-for-measuring-" * 3
BARS = {"share_of_bare": 0.5, "cpu_times_bare": 2.2, "times_textbook": 40}

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


def fill(url: str) -> list[str]:
    """Writes learners with an open viewing each and returns their tokens."""
    from learnhub.catalog.models import Category, Course, Lesson, LessonVersion
    from learnhub.kernel.db import connect, db, transaction
    from learnhub.kernel.signing import sign
    from learnhub.migrations import migrate
    from learnhub.org.models import Person, Unit
    from learnhub.study.models import Progress, Viewing

    migrate(connect(url))
    now = datetime.now(UTC)
    opened_ms = int(now.timestamp() * 1000)
    tokens = []
    with transaction():
        unit = Unit.create(code="1", name="u", level="city", path="/1/")
        category = Category.create(code="c", name="c", name_en="c", order=1)
        course = Course.create(code="c", title="c", category=category, unit=unit, level="city", changed_at=now)
        lesson = Lesson.create(course=course, key="l", number=1, title="l", kind="video")
        version = LessonVersion.create(lesson=lesson, number=1, digest="d", title="l", published_at=now)
        for number in range(LEARNERS):
            person = Person.create(name=str(number), name_folded=str(number), unit=unit, created_at=now)
            Viewing.create(
                id=f"v{number}", person=person, version=version, opened_at=now, reported_at=now, seen=[],
                budget_ms=10**7, filled_ms=opened_ms,
            )  # fmt: skip
            Progress.create(
                person=person, version=version, lesson=lesson, course=course, length_ms=LENGTH_MS,
                needed_ms=LENGTH_MS, seen=[], started_at=now, changed_at=now,
            )  # fmt: skip
            claims = {"v": f"v{number}", "p": person.id, "l": LENGTH_MS, "n": LENGTH_MS}
            tokens.append(sign(claims, purpose="study.beat", key=KEY, expires=now + timedelta(hours=1)))
    db.close()
    return tokens


def request(path: str, body: dict[str, object], cookie: str = "") -> bytes:
    """The bytes of a POST."""
    sent = json.dumps(body, separators=(",", ":")).encode()
    more = f"Cookie: {cookie}\r\n" if cookie else ""
    head = f"POST {path} HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\n{more}Content-Length: {len(sent)}\r\n\r\n"
    return head.encode() + sent


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


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and of all below it."""
    total, ticks = 0.0, os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) == pid or int(fields[2]) == pid:  # itself, or of its process group
            total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def measure(target: str, source: Callable[[int], Source], environ: dict[str, str], seconds: float) -> dict[str, float]:
    """Starts a server, asks it for some seconds and stops it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error", "--workers", "1"),
        *("--blocking-threads", "1", "--backpressure", "64", "--host", "127.0.0.1", "--port", str(port)),
        *(["--factory"] if "make_" in target else []),
        f"bench.beats:{target}",
    ]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, start_new_session=True)
    try:
        _wait_for(port)
        return _ask(server.pid, port, source(port), seconds)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def _ask(pid: int, port: int, source: Source, seconds: float) -> dict[str, float]:
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    sources = [source(number) for number in range(CONNECTIONS)]
    answered, errors, slowest = 0, 0, []
    for warm in (0.5, seconds):
        answered, errors, slowest = 0, 0, []
        began, cpu = time.perf_counter(), cpu_s(pid)
        while time.perf_counter() - began < warm:
            sent_at = time.perf_counter()
            for line, requests in zip(lines, sources, strict=True):
                line.sendall(next(requests))
            errors += sum(read_answer(line) != 200 for line in lines)
            slowest.append(time.perf_counter() - sent_at)
            answered += CONNECTIONS
        took, used = time.perf_counter() - began, cpu_s(pid) - cpu
    for line in lines:
        line.close()
    slowest.sort()
    return {
        "per_s": round(answered / took), "cpu_us": round(used / answered * 1e6), "errors": errors,
        "round_p99_ms": round(slowest[int(len(slowest) * 0.99)] * 1000, 1),
    }  # fmt: skip


def main(seconds: float) -> None:
    """Measures all three and prints."""
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        url = f"sqlite:///{folder}/beats.sqlite3"
        tokens = fill(url)
        environ = {
            "LEARNHUB_HOME": folder, "LEARNHUB_DATABASE_URL": url, "LEARNHUB_TOKEN_KEY": KEY, "LEARNHUB_LOG_LEVEL": "error",
            "TEXTBOOK_DATABASE": f"{folder}/textbook.sqlite3",
        }  # fmt: skip
        plain = measure("bare", lambda _port: lambda _line: itertools.repeat(request("/", {})), environ, seconds)
        beats = measure("make_beats", lambda _port: beats_of(tokens), environ, seconds)
        textbook = measure("make_textbook", textbook_of, environ, seconds)
    measured = {
        "share_of_bare": round(beats["per_s"] / plain["per_s"], 3),
        "cpu_times_bare": round(beats["cpu_us"] / plain["cpu_us"], 1),
        "times_textbook": round(beats["per_s"] / textbook["per_s"], 1),
    }
    passed = measured["cpu_times_bare"] <= BARS["cpu_times_bare"] and all(
        measured[name] >= BARS[name] for name in ("share_of_bare", "times_textbook")
    )
    report = {
        "bench": "beats", "form": "one durable transaction a report", "seconds": seconds, "bare": plain, "beats": beats,
        "textbook": textbook, "measured": measured, "bars": BARS, "passed": passed,
    }  # fmt: skip
    print(json.dumps(report))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
