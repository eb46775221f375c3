"""Children end: by themselves, by the clock, with their parent."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from learnhub.kernel.runner import Bounds, ChildStopped, run
from tests.media.conftest import processes_with

PYTHON = sys.executable


def test_lines_and_errors_come_back_with_the_exit_code() -> None:
    seen: list[str] = []
    ended = run(
        [PYTHON, "-c", "import sys; print('one'); print('two'); print('bad', file=sys.stderr); sys.exit(3)"],
        bounds=Bounds(),
        on_line=seen.append,
    )
    assert (seen, ended.code, ended.errors) == (["one", "two"], 3, ["bad"])


def test_a_flood_of_errors_blocks_nothing_and_fills_no_memory() -> None:
    ended = run(
        [
            PYTHON,
            "-c",
            "import sys; sys.stderr.write('x' * 99 + '\\n')\nfor i in range(20000): sys.stderr.write('y' * 99 + '\\n')",
        ],
        bounds=Bounds(),
    )
    assert ended.code == 0
    assert len(ended.errors) <= 400


def test_a_child_that_says_nothing_is_stopped_as_stalled() -> None:
    started = time.monotonic()
    with pytest.raises(ChildStopped, match="stalled"):
        run([PYTHON, "-c", "import time; time.sleep(60)"], bounds=Bounds(stall_s=0.5))
    assert time.monotonic() - started < 30  # long before its own end


def test_a_child_that_never_ends_is_stopped_with_its_own_children(tmp_path: Path) -> None:
    code = f"import subprocess, time\nsubprocess.Popen(['sleep', '61'], cwd={str(tmp_path)!r})\nwhile True: print(1, flush=True); time.sleep(.1)"
    with pytest.raises(ChildStopped, match="timeout"):
        run([PYTHON, "-c", code], bounds=Bounds(wall_s=1.0))
    _until(lambda: processes_with(tmp_path) == [])


def test_an_error_in_the_listener_leaves_no_child(tmp_path: Path) -> None:
    def listener(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="1"):
        run([PYTHON, "-c", "while True: print(1)"], bounds=Bounds(), on_line=listener, folder=tmp_path)
    assert processes_with(tmp_path) == []


def test_memory_and_files_are_bounded(tmp_path: Path) -> None:
    greedy = run([PYTHON, "-c", "b'x' * (1 << 31)"], bounds=Bounds(memory_bytes=1 << 30))
    assert greedy.code != 0
    assert "MemoryError" in greedy.errors[-1]
    writing = run(
        [PYTHON, "-c", "open('big', 'wb').write(b'x' * 100000)"], bounds=Bounds(file_bytes=1000), folder=tmp_path
    )
    assert writing.code != 0
    assert (tmp_path / "big").stat().st_size <= 1000


def test_a_killed_parent_takes_its_child_along(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\nfrom learnhub.kernel.runner import Bounds, run\n"
        f"run(['sleep', '62'], bounds=Bounds(stall_s=90, wall_s=90), folder=Path({str(tmp_path)!r}))"
    )
    parent = subprocess.Popen([PYTHON, "-c", code], cwd=Path(__file__).parents[2])
    try:
        _until(lambda: bool(processes_with(tmp_path)))
        time.sleep(0.3)
    finally:
        parent.kill()
        parent.wait()
    _until(lambda: not _sleeping(tmp_path))


def _sleeping(folder: Path) -> list[int]:
    return [number for number in processes_with(folder) if Path(f"/proc/{number}").exists()]


def _until(true: object, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
