"""A real server process, killed in the middle of reports: what was answered as durable is there afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from learnhub.config import read_settings
from learnhub.kernel import clock
from learnhub.study import actions
from learnhub.study.models import LedgerEntry, Progress, Viewing
from tests.cast import Cast
from tests.study.conftest import Library

ROUNDS = 50
SEED = 20260615
SERVER = """
import sys
from learnhub.config import read_settings
from learnhub.kernel.db import connect
from learnhub.study.beat import make_beat
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from socketserver import ThreadingMixIn

class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

class Quiet(WSGIRequestHandler):
    def log_message(self, *words): pass

settings = read_settings()
connect(settings.database_url)
server = Server(("127.0.0.1", settings.port), Quiet)
server.set_app(make_beat(settings))
server.serve_forever()
"""


class Reporter(threading.Thread):
    """One learner who reports without a pause and remembers what was answered as durable, as the page's player does."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__(daemon=True)
        self.port, self.token, self.durable_ms, self.sent_ms, self.ended = port, token, 0, 0, False
        self.sent: dict[int, int] = {}

    def run(self) -> None:
        seq = 0
        while not self.ended:
            seq += 1
            self.sent_ms = min(500_000, self.sent_ms + 20)
            self.sent[seq] = self.sent_ms
            body = {"token": self.token, "seq": seq, "seen": [[0, self.sent_ms]], "position_ms": self.sent_ms}
            try:
                connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("POST", "/beat", json.dumps(body))
                answer = json.loads(connection.getresponse().read())
            except (OSError, HTTPException, ValueError):
                time.sleep(0.02)
                continue
            if answer.get("durable") is not None:
                self.durable_ms = max(self.durable_ms, self.sent[answer["durable"]])
            time.sleep(0.01)


def _start(port: int, url: str, home: Path) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "LEARNHUB_HOME": str(home), "LEARNHUB_DATABASE_URL": url, "LEARNHUB_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-c", SERVER], env=environ)
    for _ in range(1_200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process
        except OSError:
            time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError("the server did not start")


@pytest.mark.slow
def test_nothing_answered_as_durable_is_lost_by_kill_9(
    cast: Cast, cast_url: str, library: Library, tmp_path: Path
) -> None:
    settings = read_settings({"LEARNHUB_DATABASE_URL": cast_url}, home=tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    people = ["learner", "colleague", "sibling_learner", "township_learner"]
    opened = [
        actions.open_viewing(cast.actor(who), library.video.id, device=who, now=clock.now(), settings=settings)
        for who in people
    ]
    reporters = [Reporter(port, one.token) for one in opened]
    for reporter in reporters:
        reporter.start()
    moments = random.Random(SEED)
    durable, stored = 0, 0
    for _round in range(ROUNDS):
        process = _start(port, cast_url, tmp_path)
        time.sleep(moments.uniform(0.2, 1.4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        durable = sum(reporter.durable_ms for reporter in reporters)
        stored = sum(row.seen_ms for row in Progress.select())
        assert durable <= stored <= sum(reporter.sent_ms for reporter in reporters)
    for reporter in reporters:
        reporter.ended = True
        reporter.join(10)
    assert durable > 0
    for who, reporter in zip(people, reporters, strict=True):
        row = Progress.get(Progress.person == cast.people[who].id)
        assert row.seen == [[0, row.seen_ms]]
        assert reporter.durable_ms <= row.seen_ms <= reporter.sent_ms  # nothing lost, nothing counted twice
        assert Viewing.get(Viewing.person == row.person_id).seen == row.seen
    assert LedgerEntry.select().count() == 0
