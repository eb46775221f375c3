"""What a media program can do to the machine: read its own file, write in its own folder, nothing else."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from learnhub.kernel import confined
from learnhub.kernel.runner import Bounds, Finished, run

PYTHON = sys.executable
SECRET = "nobody may read this"


def _python(code: str, *words: str, folder: Path | None = None) -> Finished:
    return run([PYTHON, "-I", "-c", code, *words], bounds=Bounds(), folder=folder)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that no word of a command names."""
    path = tmp_path / "elsewhere" / "secret"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


def test_its_own_file_is_read_and_no_other(tmp_path: Path, secret: Path) -> None:
    own = tmp_path / "own"
    own.write_text("mine")
    assert _python("import sys; assert open(sys.argv[1]).read() == 'mine'", str(own)).code == 0
    split = [str(secret.parent), secret.name]
    told = _python("import sys; open(sys.argv[1][1:] + '/' + sys.argv[2])", "x" + split[0], split[1])
    assert "PermissionError" in told.errors[-1]
    for path in ("etc/passwd", "proc/self/environ", "root"):
        told = _python("import sys, os; p = '/' + sys.argv[1]; os.listdir(p) if os.path.isdir(p) else open(p)", path)
        assert "PermissionError" in told.errors[-1], path


def test_it_writes_in_its_own_folder_and_nowhere_else(tmp_path: Path, secret: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    told = _python("open('made', 'w').write('1'); open('../made', 'w')", folder=folder)
    assert "PermissionError" in told.errors[-1]
    assert [path.name for path in folder.iterdir()] == ["made"]
    told = _python("import os; os.unlink('../elsewhere/secret')", folder=folder)
    assert "PermissionError" in told.errors[-1]
    assert secret.read_text() == SECRET


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket(socket.AF_INET)",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import os; os.chmod('.', 0o777)",
        "import os; os.chown('.', 1, 1)",
        "import os, signal; os.kill(os.getppid(), 0)",
        "import os; os.mknod('x', 0o10600)",
        "import ctypes; c = ctypes.CDLL(None, use_errno=True)\n"
        "if c.ptrace(16, __import__('os').getppid(), 0, 0) < 0: raise PermissionError(1)",
    ],
)
def test_calls_that_no_media_program_needs_are_refused(code: str, tmp_path: Path) -> None:
    assert "PermissionError" in _python(code, folder=tmp_path).errors[-1]


def test_ffmpeg_reaches_no_listener_on_this_machine_even_without_its_own_lists(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        ended = run(["ffprobe", "-v", "error", f"http://127.0.0.1:{port}/a.mp4"], bounds=Bounds(wall_s=20))
        assert ended.code != 0
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_playlist_that_ffmpeg_follows_opens_no_foreign_file(tmp_path: Path, secret: Path) -> None:
    script = tmp_path / "list.txt"
    script.write_text(f"ffconcat version 1.0\nfile {secret}\n")
    words = ["ffprobe", "-v", "error", "-f", "concat", "-safe", "0", f"file:{script}"]
    assert "Permission denied" in " ".join(run(words, bounds=Bounds()).errors)


def test_the_system_is_asked_what_it_allows() -> None:
    told = subprocess.run(
        [PYTHON, "-I", "-S", confined.__file__, "report"], capture_output=True, check=True, timeout=20
    ).stdout
    assert json.loads(told) == {"files": True, "calls": True, "network": True}
