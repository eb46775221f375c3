"""The wheel, installed in an environment of its own, and the site that it serves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Installed:
    """The source as it was built, the wheel, and the environment in which it alone is `learnhub`."""

    source: Path
    wheel: Path
    environment: Path

    @property
    def command(self) -> str:
        """The path of the installed `learnhub`."""
        return str(self.environment / "bin" / "learnhub")

    @property
    def package(self) -> Path:
        """The folder of the installed package."""
        return next(self.environment.glob("lib/python*/site-packages/learnhub"))


@dataclass
class Site:
    """A running `learnhub serve`; `output` grows while it runs."""

    process: subprocess.Popen[str]
    address: str
    home: Path
    environ: dict[str, str]
    output: list[str] = field(default_factory=list)

    def get(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of one page."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:
                return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("Content-Type", ""), error.read()

    def wait_for(self, what: Callable[[], bool], *, seconds: float = READY_SECONDS) -> None:
        """Wait until it is so; fails with all that was printed when it does not become so."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, "not within the time; it printed:\n" + "".join(self.output)
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it serves at this moment."""
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of this source, built without the network and installed; its dependencies are borrowed from here."""
    folder = tmp_path_factory.mktemp("wheel")
    source = _copy_of_source(folder / "source")
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, source)
    (wheel,) = folder.glob("learnhub-*.whl")
    environment = folder / "environment"
    _run(sys.executable, "-m", "venv", "--without-pip", environment)
    site_packages = next(environment.glob("lib/python*/site-packages"))
    # A path in a .pth file comes after the environment's own packages, and .pth files behind it are not read:
    # so the dependencies are found there, but never the editable LearnHub of this folder.
    (site_packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = environment / "bin" / "python"
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    return Installed(source, wheel, environment)


@pytest.fixture
def start_site(installed: Installed, tmp_path: Path) -> Iterator[Callable[[], Site]]:
    """Start a site in an empty home folder, with its schema made; whatever is left of it is killed afterwards."""
    started: list[Site] = []

    def start() -> Site:
        port = _free_port()
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("LEARNHUB_", "PYTHON"))}
        environ = {**kept, "LEARNHUB_HOME": str(tmp_path), "LEARNHUB_PORT": str(port)}
        subprocess.run([installed.command, "migrate"], check=True, env=environ, cwd=tmp_path, capture_output=True)
        process = subprocess.Popen(
            [installed.command, "serve"],
            env=environ,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        site = Site(process, f"http://127.0.0.1:{port}", tmp_path, environ)
        started.append(site)
        threading.Thread(target=lambda: site.output.extend(process.stdout or ()), daemon=True).start()
        site.wait_for(lambda: "answers at" in "".join(site.output) or process.poll() is not None)
        assert process.poll() is None, "it ended; it printed:\n" + "".join(site.output)
        return site

    yield start
    for site in started:
        if site.process.poll() is None:
            site.process.send_signal(signal.SIGTERM)
            site.process.wait(timeout=30)
        if site.process.stdout:
            site.process.stdout.close()


def _copy_of_source(target: Path) -> Path:
    """What a build reads, copied, so that building writes nothing into the folder one works in."""
    target.mkdir()
    names = ["setup.cfg", "pyproject.toml", "MANIFEST.in", "README.md", "learnhub"]
    _run("cp", "-r", *(ROOT / name for name in names if (ROOT / name).exists()), target)
    return target


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
