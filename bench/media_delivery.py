"""A protected media segment: behind nginx and without it, against bare nginx, in the same run.

    python bench/media_delivery.py [--rounds 31] [--requests 400] [--segment-kb 200]

Limit: the same nginx that sends the same byte range of the same file from an open folder. Everything travels over the
loopback address on kept-open connections; what counts is the CPU time of the server's processes per request (from the
kernel's books), the least of the rounds, which are run in turns. Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.verdict import at_most, last_line  # noqa: E402
from learnhub.config import Settings, read_settings  # noqa: E402
from learnhub.kernel import clock  # noqa: E402
from learnhub.kernel.db import connect, db  # noqa: E402
from learnhub.media.delivery import base_of  # noqa: E402
from learnhub.media.models import Asset  # noqa: E402
from learnhub.media.nginx import configuration  # noqa: E402
from learnhub.migrations import migrate  # noqa: E402
from tests.media.nginx import free_port, running_nginx  # noqa: E402

FILE_MB = 24
BARE = (
    'server {{ listen 127.0.0.1:{port}; sendfile on; tcp_nopush on; location /m/ {{ alias "{media}/renditions/"; }} }}'
)
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start the three servers, measure them in turns, print the bars."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--segment-kb", type=int, default=200)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder)) as found:
        costs = measured(found, chosen.rounds, chosen.requests, chosen.segment_kb << 10)
    print(verdict(costs))


def verdict(costs: dict[str, float]) -> str:
    """The last line: the CPU of each way against bare nginx."""
    bars = [
        at_most("behind_nginx", costs["nginx"] / costs["bare"], 1.1),
        at_most("without_nginx", costs["learnhub"] / costs["bare"], 6.0),
    ]
    return last_line("media_delivery", bars, cpu_us_per_request=costs)


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, tuple[int, str, list[int]]]]:
    """Port, path and process ids of bare nginx, of nginx with LearnHub's configuration, and of LearnHub alone."""
    settings = replace(read_settings({"LEARNHUB_HOME": str(folder)}), port=free_port())
    connect(settings.database_url)
    migrate(db.obj)
    db.close()
    film = Asset(id=1, sha256="ab" * 32, kind="video", ladder="a1")
    path = base_of(film, 1, settings=settings, now=clock.now()) + "360p.m4s"
    _, _, _, sha256, version, name = path.split("/")
    made = settings.media_dir / "renditions" / sha256 / version
    made.mkdir(parents=True)
    (made / name).write_bytes(os.urandom(FILE_MB << 20))
    bare, ours = free_port(), free_port()
    block = configuration(settings, listen=f"127.0.0.1:{ours}")
    with (
        running_nginx(folder / "bare", BARE.format(port=bare, media=settings.media_dir), bare) as one,
        running_nginx(folder / "ours", block, ours) as two,
        running_learnhub(settings) as three,
    ):
        yield {
            "bare": (bare, f"/m/{sha256}/{version}/{name}", family(one.pid)),
            "nginx": (ours, path, family(two.pid)),
            "learnhub": (settings.port, path, family(three.pid)),
        }


@contextmanager
def running_learnhub(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The web server as `learnhub serve` starts it."""
    from learnhub import server

    process = subprocess.Popen(
        server._web_command(settings), env={**os.environ, "LEARNHUB_HOME": str(settings.home)}, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{settings.port}/healthz", timeout=2):
                    break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def measured(
    found: dict[str, tuple[int, str, list[int]]], rounds: int, requests: int, segment: int
) -> dict[str, float]:
    """CPU microseconds of the server per request, the least of the rounds."""
    runs = {way: fetcher(port, path, requests, segment) for way, (port, path, _) in found.items()}
    for run in runs.values():
        run()
    least = dict.fromkeys(found, float("inf"))
    for _ in range(rounds):
        for way, run in runs.items():
            before = cpu_s(found[way][2])
            run()
            least[way] = min(least[way], (cpu_s(found[way][2]) - before) / requests * 1e6)
    return {way: round(cost, 1) for way, cost in least.items()}


def fetcher(port: int, path: str, requests: int, segment: int) -> Callable[[], None]:
    """Asks for one segment after the other on one connection, as a player does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    buffer = bytearray(segment)
    places = (FILE_MB << 20) // segment

    def run() -> None:
        for number in range(requests):
            begin = number % places * segment
            connection.request("GET", path, headers={"Range": f"bytes={begin}-{begin + segment - 1}"})
            answer = connection.getresponse()
            got = 0
            while more := answer.readinto(buffer):
                got += more
            if answer.status != 206 or got != segment:
                raise RuntimeError(f"{path}: status {answer.status}, {got} bytes")

    return run


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_s(pids: list[int]) -> float:
    """CPU seconds that these processes have used, to a nanosecond where the kernel says so."""
    return sum(
        sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9
        for pid in pids
    )


if __name__ == "__main__":
    main()
