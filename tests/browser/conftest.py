"""A real server process and a real Chromium for the tests of this folder."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from learnhub.config import Settings, read_settings
from learnhub.kernel import clock
from learnhub.kernel.db import connect
from learnhub.kernel.db import db as database
from learnhub.migrations import migrate
from tests.cast import PASSWORD, Cast, build_cast

START_SECONDS = 30.0


@dataclasses.dataclass
class LiveServer:
    """LearnHub as users meet it: a process of its own that can be killed and started again."""

    url: str
    settings: Settings
    cast: Cast
    process: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its processes."""
        return {
            **os.environ,
            "LEARNHUB_HOME": str(self.settings.home),
            "LEARNHUB_DATABASE_URL": self.settings.database_url,
            "LEARNHUB_LOG_LEVEL": "error",
            "LEARNHUB_BEAT_SECONDS": "2",
            "LEARNHUB_ADMIN_TOTP": "no",
        }

    def start(self) -> None:
        """Starts the web server and waits until it answers."""
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-ws", "--host", "127.0.0.1"),
            *("--port", str(self.settings.port), "--workers", "1", "--blocking-threads", "8", "--log-level", "warning"),
            "learnhub.app:create_app",
        ]
        self.process = subprocess.Popen(command, env=self.environ, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not answer")

    def kill(self) -> None:
        """kill -9: nothing is said good-bye to."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def live_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of the live server; prepared media stay in it for the whole run."""
    return tmp_path_factory.mktemp("live")


@pytest.fixture
def live(live_home: Path, tmp_path: Path) -> Iterator[LiveServer]:
    """A running server on a fresh SQLite database with the cast; the database is bound in the test's process too."""
    port = _free_port()
    url = f"sqlite:///{tmp_path}/live.sqlite3"
    environ = {"LEARNHUB_PORT": str(port), "LEARNHUB_DATABASE_URL": url, "LEARNHUB_LOG_LEVEL": "error"}
    settings = read_settings(environ, home=live_home)
    connect(url)
    migrate(database.obj)
    server = LiveServer(f"http://127.0.0.1:{port}", settings, build_cast(clock.now()))
    try:
        server.start()
        yield server
    finally:
        server.kill()
        if not database.is_closed():
            database.close()


@pytest.fixture
def page_for(browser: Browser, live: LiveServer) -> Iterator[Callable[..., Page]]:
    """``page_for("learner")``: a page in which that member of the cast has signed in; errors of scripts fail the test."""
    contexts, problems = [], []

    def open_page(who: str, *, width: int = 1366, height: int = 768, locale: str = "zh-CN") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, base_url=live.url)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto("/login")
        page.fill('input[name="username"]', live.cast.username(who))
        page.fill('input[name="password"]', PASSWORD)
        page.click('main button[type="submit"]')
        page.wait_for_url(lambda address: "/login" not in address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
