"""Clients that others wrote, against a real server that is killed and that must not grow."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from learnhub.kernel import clock, jobs
from learnhub.media.models import Asset
from learnhub.media.uploads import parts
from learnhub.media.uploads.models import Upload
from learnhub.media.uploads.rules import State
from tests.browser.conftest import LiveServer
from tests.cast import PASSWORD

ROOT = Path(__file__).parents[2]
SEND = Path(__file__).with_name("tus_send.mjs")
NODE = str(Path(sys.executable).with_name("node"))
MIB = 1 << 20


@pytest.fixture
def cookie(live: LiveServer) -> str:
    """The session cookie of the editor."""
    session = requests.Session()
    page = session.get(f"{live.url}/login", timeout=10).text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    answer = session.post(
        f"{live.url}/login",
        data={"csrf_token": token, "username": "editor", "password": PASSWORD},
        timeout=10,
        allow_redirects=False,
    )
    assert answer.status_code == 302
    return f"learnhub={session.cookies['learnhub']}"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Twelve MiB that are no film but different everywhere."""
    path = tmp_path / "film.mp4"
    path.write_bytes(random.Random(7).randbytes(12 * MIB))
    return path


def _node(live: LiveServer, film: Path, cookie: str, *, piece: int = 0, stop_at: int = 0) -> subprocess.Popen[str]:
    words = [NODE, str(SEND), f"{live.url}/media/uploads", str(film), cookie, str(piece), str(stop_at)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _part(live: LiveServer, upload: Upload) -> Path:
    return parts.path_of(live.settings.media_dir, upload.id)


@pytest.mark.parametrize("piece", [0, 5 * MIB])
def test_tus_js_client_sends_a_file_and_goes_on_where_it_stopped(
    live: LiveServer, cookie: str, film: Path, piece: int
) -> None:
    first = _node(live, film, cookie, piece=piece or 3 * MIB, stop_at=7 * MIB)
    first.communicate(timeout=60)
    assert first.returncode == 7
    begun = Upload.get()
    assert begun.state == State.RECEIVING
    second = _node(live, film, cookie, piece=piece)
    _said, wrong = second.communicate(timeout=60)
    assert second.returncode == 0, wrong
    done = Upload.get()
    assert (Upload.select().count(), done.state, done.received) == (1, State.RECEIVED, film.stat().st_size)
    assert done.file_name == "第1课 乡村振兴.mp4"
    assert _part(live, done).read_bytes() == film.read_bytes()


def test_tus_js_client_goes_on_by_itself_through_a_killed_server(live: LiveServer, cookie: str, film: Path) -> None:
    client = _node(live, film, cookie, piece=256 << 10)
    _until(lambda: Upload.select().where(Upload.received > MIB).exists())
    live.kill()
    live.start()
    _said, wrong = client.communicate(timeout=60)
    assert client.returncode == 0, wrong
    assert _part(live, Upload.get()).read_bytes() == film.read_bytes()


def test_tuspy_sends_pieces_with_checksums_and_resumes(live: LiveServer, cookie: str, film: Path) -> None:
    client = TusClient(f"{live.url}/media/uploads", headers={"Cookie": cookie})
    told = {"chunk_size": 2 * MIB, "metadata": {"filename": "课.mp4"}, "upload_checksum": True}
    with film.open("rb") as opened:
        first = client.uploader(file_stream=opened, **told)
        first.upload(stop_at=6 * MIB)
    assert Upload.get().received == 6 * MIB
    with film.open("rb") as opened:
        second = client.uploader(file_stream=opened, url=first.url, **told)
        second.upload()
    done = Upload.get()
    assert (done.state, second.offset) == (State.RECEIVED, film.stat().st_size)
    assert _part(live, done).read_bytes() == film.read_bytes()


def test_memory_stays_bounded_while_256_mib_come_in_one_piece(live: LiveServer, cookie: str) -> None:
    size = 256 * MIB
    _stream(live, cookie, 8 * MIB)
    before = _resident(live)
    offset = _stream(live, cookie, size)
    assert offset == size
    assert _resident(live, peak=True) - before < 32 * MIB


def test_uploads_survive_ten_kills_of_the_server(live: LiveServer, cookie: str, film: Path) -> None:
    moments, kills = random.Random(20), 0
    wanted = [hashlib.sha256(film.read_bytes()).hexdigest()] * 4
    senders = [threading.Thread(target=_send_stubbornly, args=(live, cookie, film)) for _ in wanted]
    for sender in senders:
        sender.start()
    while kills < 10:
        time.sleep(moments.uniform(0.02, 0.5))
        live.kill()
        kills += 1
        live.start()
    for sender in senders:
        sender.join(timeout=120)
    uploads = list(Upload.select())
    assert [row.state for row in uploads] == [State.RECEIVED] * 4
    assert [hashlib.sha256(_part(live, row).read_bytes()).hexdigest() for row in uploads] == wanted


def test_whole_uploads_survive_ten_kills_of_the_worker(live: LiveServer, cookie: str, tmp_path: Path) -> None:
    moments = random.Random(21)
    for number in range(5):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(f"第{number}课\n".encode() * 200_000)
        _send_stubbornly(live, cookie, path)
    for _kill in range(10):
        worker = subprocess.Popen([sys.executable, "-m", "learnhub.cli", "worker"], env=live.environ, cwd=ROOT)
        time.sleep(moments.uniform(0.9, 2.0))
        worker.kill()
        worker.wait()
        jobs.revive_stale(clock.now() + 2 * jobs.STALE_AFTER)
    jobs.retry_failed(clock.now())
    finishing = [sys.executable, "-m", "learnhub.cli", "worker", "--once"]
    subprocess.run(finishing, env=live.environ, cwd=ROOT, check=True, timeout=60)
    assert [row.state for row in Upload.select()] == [State.DONE] * 5
    assert [row.state for row in Asset.select()] == ["ready"] * 5
    assert list(parts.folder_of(live.settings.media_dir).iterdir()) == []


def _send_stubbornly(live: LiveServer, cookie: str, film: Path) -> None:
    """tuspy with small pieces; when the server is away, again from where it is."""
    client = TusClient(f"{live.url}/media/uploads", headers={"Cookie": cookie})
    address: str | None = None
    deadline = time.monotonic() + 120
    with film.open("rb") as opened:
        while time.monotonic() < deadline:
            try:
                told = {"chunk_size": 192 << 10, "metadata": {"filename": film.name}}
                sender = client.uploader(file_stream=opened, url=address, **told)
                if address is None:
                    address = sender.create_url()
                    sender.set_url(address)
                sender.upload()
            except (TusCommunicationError, requests.RequestException, OSError):
                time.sleep(0.1)
            else:
                return


def _stream(live: LiveServer, cookie: str, size: int) -> int:
    """Sends zeros without a length in one PATCH; returns the offset afterwards."""
    headers = {"Cookie": cookie, "Tus-Resumable": "1.0.0"}
    begun = requests.post(f"{live.url}/media/uploads", headers={**headers, "Upload-Length": str(size)}, timeout=30)
    piece = bytes(MIB)
    answer = requests.patch(
        live.url + begun.headers["Location"],
        data=(piece for _ in range(size // MIB)),
        headers={**headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
        timeout=120,
    )
    assert answer.status_code == 204
    return int(answer.headers["Upload-Offset"])


def _resident(live: LiveServer, *, peak: bool = False) -> int:
    """Bytes that the processes of the server hold, at most since they began when ``peak``."""
    assert live.process is not None
    group = live.process.pid
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _group_of(entry) == group:
            told = dict(line.split(":", 1) for line in (entry / "status").read_text().splitlines())
            total += int(told["VmHWM" if peak else "VmRSS"].split()[0]) * 1024
    return total


def _group_of(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:
        return 0


def _until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
