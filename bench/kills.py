"""kill -9 in the middle of reports: nothing that was called durable is lost, nothing is counted twice.

    python bench/kills.py [KILLS] [sqlite or postgres]

Two servers (granian, as in production) take the reports of one database; learners are sharded over them, and one report
in ten goes to the wrong one, as behind a load balancer that loses its table. At random moments one of the servers is
killed and started again. After each kill the database must hold at least what was called durable to each learner, and
nothing that was not sent. The last line is JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path[0] = str(ROOT)

from bench.learners import environ_for, fill  # noqa: E402

KILLS = 50
SEED = 20_260_615
LEARNERS = 6
STEP_MS = 20


class Server:
    """One server of the path of reports, started anew on the same port."""

    def __init__(self, environ: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environ = {**os.environ, **environ}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Does not wait until it answers."""
        command = [
            *(
                sys.executable,
                "-m",
                "granian",
                "--interface",
                "wsgi",
                "--no-ws",
                "--log-level",
                "error",
                "--workers",
                "1",
            ),
            *("--blocking-threads", "4", "--host", "127.0.0.1", "--port", str(self.port), "--factory"),
            "bench.beats:make_beats",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environ, start_new_session=True)

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(1_200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """kill -9 of all its processes."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class Reporter(threading.Thread):
    """One learner who reports without a pause and remembers what was called durable, as the page's player does."""

    def __init__(self, token: str, ports: list[int], number: int) -> None:
        super().__init__(daemon=True)
        self.token, self.ports, self.number = token, ports, number
        self.chance = random.Random(SEED + number)
        self.durable_ms = self.sent_ms = self.answers = 0
        self.sent: dict[int, int] = {}
        self.ended = False

    def run(self) -> None:
        """Reports everything from the beginning, a little more each time."""
        seq = 0
        while not self.ended:
            seq += 1
            self.sent_ms += STEP_MS
            self.sent[seq] = self.sent_ms
            durable = self.send(seq)
            if durable is not None:
                self.durable_ms = max(self.durable_ms, self.sent[durable])
            time.sleep(0.01)

    def send(self, seq: int) -> int | None:
        """The answer's durable number; None when there is no answer."""
        place = self.number + (self.chance.random() < 0.1)
        body = {"token": self.token, "seq": seq, "seen": [[0, self.sent_ms]], "position_ms": self.sent_ms}
        connection = HTTPConnection("127.0.0.1", self.ports[place % len(self.ports)], timeout=5)
        try:
            connection.request("POST", "/beat", json.dumps(body))
            answer = json.loads(connection.getresponse().read())
        except (OSError, HTTPException, ValueError):
            return None
        finally:
            connection.close()
        self.answers += 1
        durable: int | None = answer.get("durable")
        return durable


def stored_ms(learners: int) -> list[int]:
    """What the database holds of each learner; each figure must be a plain beginning of the lesson, counted once."""
    from learnhub.study.models import Progress, Viewing

    own = {row.person_id: row.seen for row in Viewing.select()}
    found = {row.person_id: row for row in Progress.select()}
    for person, row in found.items():
        assert row.seen == ([[0, row.seen_ms]] if row.seen_ms else []), (person, row.seen, row.seen_ms)
        assert own[person] == row.seen, (person, own[person], row.seen)
    return [found[person].seen_ms for person in range(1, learners + 1)]


def run(url: str, home: str, kills: int) -> dict[str, int]:
    """Fills an empty database, kills, and looks after each kill. AssertionError when something was lost or doubled."""
    from learnhub.kernel.db import connect

    tokens = fill(url, LEARNERS)
    servers = [Server(environ_for(home, url)) for _ in range(2)]
    reporters = [Reporter(token, [server.port for server in servers], n) for n, token in enumerate(tokens)]
    chance, lost, doubled = random.Random(SEED), 0, 0
    connect(url)
    try:
        for server in servers:
            server.start()
        for server in servers:
            server.wait()
        for reporter in reporters:
            reporter.start()
        for _kill in range(kills):
            victim = chance.choice(servers)
            victim.wait()
            time.sleep(chance.uniform(0.1, 1.3))
            victim.kill()
            durable = [reporter.durable_ms for reporter in reporters]
            stored = stored_ms(LEARNERS)
            lost += sum(max(0, told - kept) for told, kept in zip(durable, stored, strict=True))
            doubled += sum(max(0, kept - one.sent_ms) for kept, one in zip(stored, reporters, strict=True))
            victim.start()
    finally:
        for reporter in reporters:
            reporter.ended = True
        for reporter in reporters:
            reporter.join(10)
        for server in servers:
            server.kill()
    return {
        "kills": kills, "lost_ms": lost, "doubled_ms": doubled, "answers": sum(one.answers for one in reporters),
        "durable_ms": sum(one.durable_ms for one in reporters), "stored_ms": sum(stored_ms(LEARNERS)),
    }  # fmt: skip


def main(kills: int, kind: str) -> None:
    """Measures and prints."""
    from bench.beats import new_database
    from bench.verdict import at_most, last_line

    with tempfile.TemporaryDirectory(dir=ROOT) as folder, new_database(kind, folder) as url:
        found = run(url, folder, kills)
    bars = [at_most(name, found[name], 0) for name in ("lost_ms", "doubled_ms")]
    print(last_line("kills", bars, database=kind, **found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else KILLS, sys.argv[2] if len(sys.argv) > 2 else "sqlite")
