"""A PostgreSQL server for the tests: Debian's binaries, a temporary folder, a free port, gone afterwards.

PostgreSQL refuses to run as root, so under root everything is done as the unprivileged user `postgres` or `nobody`.
Nothing is synced to disk: the data need not survive the machine.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

SUPERUSER = "learnhub"
START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1
SPEED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
}


class NoPostgres(Exception):
    """There are no server binaries on this machine; the text says what to install."""


def find_binaries() -> Path:
    """The folder of the newest PostgreSQL server's `initdb` and `postgres`. Raises :class:`NoPostgres`."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise NoPostgres("PostgreSQL's server is missing: run `scripts/debian.sh postgresql`.")
    return Path(on_path).resolve().parent


@contextmanager
def start_postgres() -> Iterator[str]:
    """Run a new, empty server and give the URL of its database `postgres`; its user may create databases.

    It listens on 127.0.0.1 at a free port and trusts whoever connects. It ends with the block, and also when this
    process is killed.
    """
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="learnhub-postgres-"))
    user = _unprivileged_user()
    try:
        if user:
            shutil.chown(folder, user["user"], user["group"])
        _create_cluster(binaries, folder, user)
        server, url = _start_server(binaries, folder, user)
        try:
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: open connections are ended
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> dict[str, Any]:
    """What Popen needs to leave root behind; nothing when this is not root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _create_cluster(binaries: Path, folder: Path, user: dict[str, Any]) -> None:
    subprocess.run(
        [
            *(binaries / "initdb", "--pgdata", folder / "data", "--username", SUPERUSER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ],
        check=True,
        cwd=folder,
        env=_environ(),
        stdout=subprocess.DEVNULL,
        **user,
    )


def _start_server(binaries: Path, folder: Path, user: dict[str, Any]) -> tuple[subprocess.Popen[bytes], str]:
    """The server's process and its URL; another port is tried when somebody was faster."""
    for _attempt in range(5):
        port = _free_port()
        options = {**SPEED, "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder)}
        with open(folder / "log", "ab") as log:
            server = subprocess.Popen(
                [
                    *(binaries / "postgres", "-D", folder / "data"),
                    *(word for name, text in options.items() for word in ("-c", f"{name}={text}")),
                ],
                cwd=folder,
                env=_environ(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
                **user,
            )
        url = f"postgresql://{SUPERUSER}@127.0.0.1:{port}/postgres"
        if _becomes_ready(server, url):
            return server, url
    words = (folder / "log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"PostgreSQL did not start:\n{words}")


def _becomes_ready(server: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    server.kill()
    server.wait()
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environ() -> dict[str, str]:
    """Without the settings that clients of PostgreSQL read, which would lead to another server."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _end_with_parent() -> None:
    """Runs in the child before its program: ask Linux for an immediate shutdown at the death of the parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
