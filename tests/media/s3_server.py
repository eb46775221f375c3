"""A real S3-compatible server of the tests: nanio, which checks every signature."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.media.nginx import free_port

KEYS = {"access": "learnhub", "secret": "learnhub-secret-of-the-tests"}


@contextmanager
def running_s3(folder: Path, *buckets: str) -> Iterator[str]:
    """The address of the server, with empty buckets of these names; what it keeps lies in ``folder``."""
    for bucket in buckets:
        (folder / bucket).mkdir(parents=True, exist_ok=True)
    port = free_port()
    environ = {**os.environ, "NANIO_ACCESS_KEY": KEYS["access"], "NANIO_SECRET_KEY": KEYS["secret"]}
    command = [sys.executable, "-m", "nanio", "serve", "--data-dir", str(folder), "--host", "127.0.0.1"]
    process = subprocess.Popen([*command, "--port", str(port), "--log-level", "error", "--no-access-log"], env=environ)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
