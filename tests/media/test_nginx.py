"""nginx in front: the same addresses, the same refusals, the same bytes as without it."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.media.cli import group
from learnhub.media.delivery import base_of
from learnhub.media.direct import mount
from learnhub.media.models import Asset
from learnhub.media.nginx import CannotWrite, configuration
from learnhub.media.store import open_store
from tests.media.nginx import free_port, running_nginx

SHA256 = "ab" * 32
FILM = Asset(id=7, sha256=SHA256, kind="video", ladder="a2")
PERSON = 12


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Settings]]:
    """The address of a running nginx and the settings of the LearnHub behind it (which need not run for media)."""
    home = tmp_path_factory.mktemp("nginx")
    port = free_port()
    settings = Settings(
        home=home, data_dir=home, database_url="", media_dir=home / "媒 体", search_dir=home, courses_dir=home,
        shared_data=home, token_key="k" * 40, port=free_port(),
    )  # fmt: skip
    _, version = base_of(FILM, PERSON, settings=settings, now=clock.now()).strip("/").rsplit("/", 1)
    folder = settings.media_dir / "renditions" / SHA256 / version
    folder.mkdir(parents=True)
    for name in ("master.m3u8", "360p.m4s", "poster.jpg", "thumbs.vtt", "waveform.json", "facts.json"):
        (folder / name).write_bytes(name.encode() * 100)
    with running_nginx(home / "nginx", configuration(settings, listen=f"127.0.0.1:{port}"), port):
        yield f"http://127.0.0.1:{port}", settings


def fetched(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of an answer."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): text for name, text in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def directly(settings: Settings, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """The same from LearnHub's own way."""
    told: list[object] = []
    environ = {
        "PATH_INFO": path,
        "REQUEST_METHOD": "GET",
        **{f"HTTP_{key.upper()}": text for key, text in headers.items()},
    }
    nothing = mount(lambda environ, start: start("502 Bad Gateway", []) or [], settings)
    body = b"".join(nothing(environ, lambda status, sent: told.extend((status, dict(sent)))))
    status, sent = told
    assert isinstance(status, str) and isinstance(sent, dict)
    return int(status[:3]), body, sent


def test_every_file_is_served_alike(behind: tuple[str, Settings]) -> None:
    url, settings = behind
    base = base_of(FILM, PERSON, settings=settings, now=clock.now())
    for name in ("master.m3u8", "360p.m4s", "poster.jpg", "thumbs.vtt", "waveform.json"):
        with_nginx, without = fetched(url + base + name), directly(settings, base + name)
        assert with_nginx[:2] == without[:2] == (200, name.encode() * 100)
        for header in ("Content-Type", "Cache-Control", "X-Content-Type-Options", "Referrer-Policy", "Last-Modified"):
            assert with_nginx[2][header] == without[2][header], header


def test_ranges_and_entity_tags_are_answered_alike(behind: tuple[str, Settings]) -> None:
    url, settings = behind
    path = base_of(FILM, PERSON, settings=settings, now=clock.now()) + "360p.m4s"
    for span in ("bytes=3-9", "bytes=-5", "bytes=700-", "bytes=9000-"):
        with_nginx, without = fetched(url + path, Range=span), directly(settings, path, range=span)
        assert (with_nginx[0], with_nginx[2]["Content-Range"]) == (without[0], without[2]["Content-Range"]), span
        assert with_nginx[0] == 416 or with_nginx[1] == without[1]
    for told in (fetched(url + path), directly(settings, path)):
        again = fetched(url + path, If_None_Match=told[2]["ETag"])
        assert again[0] in (200, 304)
    assert fetched(url + path, If_None_Match=fetched(url + path)[2]["ETag"])[0] == 304


def test_what_is_refused_is_refused_alike(behind: tuple[str, Settings]) -> None:
    url, settings = behind
    now = clock.now()
    base = base_of(FILM, PERSON, settings=settings, now=now)
    _, _, token, sha256, version, _ = base.split("/")
    mark, end, person, asset = token.split(",")
    old = base_of(FILM, PERSON, settings=settings, now=now - timedelta(hours=8))
    other_key = base_of(FILM, PERSON, settings=replace(settings, token_key="x" * 40), now=now)
    wrong = [
        f"/m/{mark},{int(end) + 1},{person},{asset}/{sha256}/{version}/",
        f"/m/{mark},{end},{int(person) + 1},{asset}/{sha256}/{version}/",
        f"/m/{mark},{end},{person},{int(asset) + 1}/{sha256}/{version}/",
        f"/m/{mark},{end},{person},{asset}/{'cd' * 32}/{version}/",
        f"/m/{mark},{end},{person},{asset}/{sha256}/x{version}/",
        old,
        other_key,
    ]
    for path in wrong:
        assert fetched(url + path + "360p.m4s")[0] == directly(settings, path + "360p.m4s")[0] == 403, path
    for name in ("facts.json", "absent.m4s", "../../../originals/ab", "..%2f..%2fsecrets.json", ".m4s"):
        assert fetched(url + base + name)[0] in (400, 404, 502), name
        assert directly(settings, base + name)[0] in (404, 502), name


def test_whoever_is_shut_out_gets_nothing_more(behind: tuple[str, Settings]) -> None:
    url, settings = behind
    store = open_store(settings)
    other = Asset(id=8, sha256=SHA256, kind="video", ladder="a2")
    for bar, admit, film, person in (
        (lambda: store.bar_person(99), lambda: store.admit_person(99), FILM, 99),
        (lambda: store.bar_asset(8), lambda: store.admit_asset(8), other, PERSON),
    ):
        path = base_of(film, person, settings=settings, now=clock.now()) + "360p.m4s"
        bar()
        assert fetched(url + path)[0] == directly(settings, path)[0] == 403
        admit()
        assert directly(settings, path)[0] == 200


def test_nginx_notices_within_seconds_that_somebody_who_watches_is_shut_out(behind: tuple[str, Settings]) -> None:
    url, settings = behind
    path = base_of(FILM, 55, settings=settings, now=clock.now()) + "360p.m4s"
    assert fetched(url + path)[0] == 200
    open_store(settings).bar_person(55)
    deadline = time.monotonic() + 20
    while fetched(url + path)[0] == 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert fetched(url + path)[0] == 403


def test_the_configuration_is_printed_and_refuses_what_would_break_out_of_it(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/a.db", media_dir=tmp_path,
        search_dir=tmp_path, courses_dir=tmp_path, shared_data=tmp_path, token_key="k" * 40,
    )  # fmt: skip
    printed = CliRunner().invoke(group, ["nginx", "--names", "learn.example"], obj=settings)
    assert printed.exit_code == 0 and "server_name learn.example;" in printed.output
    refused = CliRunner().invoke(group, ["nginx", "--names", "a; } evil {"], obj=settings)
    assert refused.exit_code == 1 and "cannot stand" in refused.output
    with pytest.raises(CannotWrite):
        configuration(replace(settings, media_dir=tmp_path / 'a"b'))


def test_nginx_hands_uploads_and_pages_to_learnhub_as_they_come(behind: tuple[str, Settings]) -> None:
    url, settings = behind
    with socket.create_server(("127.0.0.1", settings.port)) as listening, ThreadPoolExecutor(1) as pool:
        length = (settings.max_upload_mb + 2) << 20

        def answered() -> bytes:
            connection, _ = listening.accept()
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(65536)
                connection.sendall(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return head

        seen = pool.submit(answered)
        parts = urlsplit(url)
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=20) as line:
            head = f"PATCH /media/uploads/1 HTTP/1.1\r\nHost: learn.example\r\nContent-Length: {length}\r\n\r\n"
            line.sendall(head.encode() + b"x" * 1000)
            assert line.recv(100).startswith(b"HTTP/1.1 204"), "passed on before the whole body was there"
        told = seen.result(timeout=20).decode()
    assert "Host: learn.example" in told and "X-Forwarded-For: 127.0.0.1" in told
