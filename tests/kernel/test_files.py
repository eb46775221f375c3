"""Files that are whole or not there, also when the process is killed between writing and renaming."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from learnhub.kernel.files import CHUNK, read_chunks, sha256_of, write_chunks, write_new, write_whole

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from pathlib import Path
from learnhub.kernel import files

def content():
    yield b"new " * 100_000
    if sys.argv[2] == "writing":
        os.kill(os.getpid(), signal.SIGKILL)

replace = os.replace
def killed_before_renaming(*paths):
    os.kill(os.getpid(), signal.SIGKILL)
def killed_after_renaming(*paths):
    replace(*paths)
    os.kill(os.getpid(), signal.SIGKILL)

os.replace = killed_before_renaming if sys.argv[2] == "written" else killed_after_renaming
files.write_chunks(Path(sys.argv[1]), content())
"""


@pytest.mark.parametrize("moment", ["writing", "written", "renamed"])
def test_a_process_killed_at_any_moment_leaves_the_old_or_the_new_content_whole(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "facts.json"
    write_whole(path, b"old content")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path), moment], cwd=ROOT, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert path.read_bytes() == (b"new " * 100_000 if moment == "renamed" else b"old content")
    write_whole(path, b"written again")
    assert path.read_bytes() == b"written again"


def test_a_process_killed_at_a_random_moment_leaves_one_content_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / "x"
    contents = [bytes([letter]) * 300_000 for letter in b"ab"]
    write_whole(path, contents[0])
    loop = (
        "import sys\nfrom pathlib import Path\nfrom learnhub.kernel.files import write_whole\nprint(flush=True)\n"
        "while True:\n    for letter in b'ab':\n        write_whole(Path(sys.argv[1]), bytes([letter]) * 300_000)\n"
    )
    for number in range(4):
        writer = subprocess.Popen([sys.executable, "-c", loop, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.01 + number * 0.013)
        writer.kill()
        writer.communicate()
        assert path.read_bytes() in contents


def test_a_source_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the line was cut")

    write_whole(tmp_path / "x", b"old")
    with pytest.raises(OSError, match="cut"):
        write_chunks(tmp_path / "x", broken())
    assert (tmp_path / "x").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x"]


def test_threads_that_write_the_same_file_disturb_nobody(tmp_path: Path) -> None:
    path = tmp_path / "x"
    contents = [bytes([letter]) * 50_000 for letter in b"abcd"]
    failed: list[BaseException] = []

    def write(content: bytes) -> None:
        try:
            for _time in range(10):
                write_whole(path, content)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert path.read_bytes() in contents
    assert os.listdir(tmp_path) == ["x"]


def test_folders_are_made_and_the_mode_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a" / "名" / "secret.json"
    write_whole(path, b"{}", mode=0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_checksums_and_pieces_cover_the_whole_file(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    told = write_chunks(tmp_path / "x", [content[: size // 2], content[size // 2 :]])
    assert told == sha256_of(tmp_path / "x") == hashlib.sha256(content).hexdigest()
    pieces = list(read_chunks(tmp_path / "x"))
    assert b"".join(pieces) == content
    assert all(len(piece) <= CHUNK for piece in pieces)


def test_of_two_who_make_a_file_the_first_wins(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secrets.json"
    assert write_new(path, b"first", mode=0o600)
    assert not write_new(path, b"second")
    assert path.read_bytes() == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["secrets.json"]
