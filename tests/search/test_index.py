"""The index on disk: whole generations, one writer, damage, sudden death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from learnhub.kernel.errors import Unavailable
from learnhub.search import index as index_module
from learnhub.search.analyse import read_query
from learnhub.search.executor import IndexUnusable
from learnhub.search.index import Entry, SearchIndex

ROOT = Path(__file__).resolve().parents[2]


def entry(number: int, body: str) -> Entry:
    """A text of unit 1 that is a document of its own."""
    return Entry(number, f"shelf:{number}", "lesson", "", "", (1,), "", body)


def found(index: SearchIndex, text: str) -> set[int]:
    """The ids that a query finds."""
    return set(index.snapshot().find(read_query(text)).scores)


def test_a_missing_index_says_so(index: SearchIndex) -> None:
    with pytest.raises(IndexUnusable, match="missing"):
        index.snapshot()
    assert index.faults() == ["missing"]


def test_an_empty_index_finds_nothing(index: SearchIndex) -> None:
    assert index.rebuild([]) == 0
    assert found(index, "水法") == set()
    assert index.faults() == []


def test_readers_see_a_change_without_being_told(index: SearchIndex) -> None:
    index.rebuild([entry(1, "水法")])
    before = index.snapshot()
    other_process = SearchIndex(index.folder)
    other_process.update(["shelf:1"], [entry(2, "森林法")])
    assert index.snapshot().generation > before.generation
    assert found(index, "水法") == set()
    assert found(index, "森林") == {2}
    assert set(before.find(read_query("水法")).scores) == {1}, "a reader under way keeps its generation"


def test_an_unchanged_index_is_not_opened_again(index: SearchIndex) -> None:
    index.rebuild([entry(1, "水法")])
    assert index.snapshot() is index.snapshot()


@pytest.mark.parametrize("kind", [".toc", ".trm", ".pst", ".col"])
@pytest.mark.parametrize("damage", ["empty", "noise", "gone", "half"])
def test_a_damaged_file_is_noticed_and_a_rebuild_heals(index: SearchIndex, kind: str, damage: str) -> None:
    entries = [entry(number, f"水法第{number}条规定水资源属于国家所有") for number in range(1, 200)]
    index.rebuild(entries)
    for path in index.folder.glob(f"*{kind}"):
        data = path.read_bytes()
        path.unlink()
        if damage != "gone":
            path.write_bytes({"empty": b"", "noise": os.urandom(len(data)), "half": data[: len(data) // 2]}[damage])
    reopened = SearchIndex(index.folder)
    assert reopened.faults() or found(reopened, "资源") == {entry.text_id for entry in entries}
    assert reopened.rebuild(entries) == len(entries)
    assert SearchIndex(index.folder).faults() == []
    assert len(found(SearchIndex(index.folder), "国家所有")) == len(entries)


def test_a_failed_batch_changes_nothing_and_leaves_no_lock(index: SearchIndex) -> None:
    index.rebuild([entry(1, "水法")])

    def broken() -> object:
        yield entry(2, "森林法")
        raise RuntimeError("the source failed")

    with pytest.raises(RuntimeError):
        index.update(["shelf:1"], broken())  # type: ignore[arg-type]
    assert found(index, "水法") == {1}
    index.update([], [entry(3, "草原法")])
    assert found(index, "草原") == {3}


def test_a_second_writer_waits_and_is_then_refused(index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.rebuild([entry(1, "水法")])
    monkeypatch.setattr(index_module, "LOCK_WAIT_S", 0.2)
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD_LOCK, str(index.folder)], stdout=subprocess.PIPE, cwd=ROOT, env=_environ()
    )
    assert holder.stdout is not None
    with holder, holder.stdout:
        holder.stdout.readline()
        with pytest.raises(Unavailable) as refused:
            index.update([], [entry(2, "森林法")])
        holder.kill()
    assert refused.value.code == "search.index_busy"
    index.update([], [entry(2, "森林法")])
    assert found(index, "森林") == {2}


def test_two_writers_lose_nothing(index: SearchIndex) -> None:
    index.rebuild([])
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITE, str(index.folder), str(first)], cwd=ROOT, env=_environ())
        for first in (1000, 2000)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert found(index, "水法") == {*range(1000, 1008), *range(2000, 2008)}
    assert index.faults() == []


def test_killed_in_the_middle_of_commits_the_index_stays_usable(index: SearchIndex) -> None:
    index.rebuild([entry(1, "森林法")])
    for delay in (0.0, 0.02, 0.05, 0.09):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITE_FOR_EVER, str(index.folder)], stdout=subprocess.PIPE, cwd=ROOT, env=_environ()
        )
        assert writer.stdout is not None
        with writer, writer.stdout:
            writer.stdout.readline()
            time.sleep(delay)
            writer.send_signal(signal.SIGKILL)
        assert SearchIndex(index.folder).faults() == []
        assert found(SearchIndex(index.folder), "森林") == {1}
    index.update([], [entry(2, "草原法")])
    assert found(index, "草原") == {2}


def test_what_a_table_of_contents_names_is_synced_before_it(
    index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    synced, renamed = index_module._sync, os.rename
    monkeypatch.setattr(index_module, "_sync", lambda path: (steps.append(os.path.basename(path)), synced(path)))
    monkeypatch.setattr(os, "rename", lambda old, new: (steps.append("rename"), renamed(old, new)))
    index.rebuild([entry(1, "水法")])
    last = len(steps) - 1 - steps[::-1].index("rename")
    assert steps[last + 1] == index.folder.name
    segment_files = {path.name for path in index.folder.glob("MAIN_*") if path.suffix != ""} - {"MAIN_WRITELOCK"}
    assert segment_files
    assert segment_files <= set(steps[:last])


def _environ() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


_START = """
import sys
from pathlib import Path
from learnhub.search.index import Entry, SearchIndex
def entry(number):
    return Entry(number, f"shelf:{number}", "lesson", "", "", (1,), "", "水法" * 50)
index = SearchIndex(Path(sys.argv[1]))
"""
_HOLD_LOCK = (
    _START + "writer = index._writer(index._openable()); print('held', flush=True); import time; time.sleep(60)"
)
_WRITE = _START + "[index.update([], [entry(int(sys.argv[2]) + number)]) for number in range(8)]"
_WRITE_FOR_EVER = (
    _START
    + """
print('writing', flush=True)
number = 10_000
while True:
    number += 1
    index.update([f"shelf:{number - 5}"], [entry(number)])
"""
)
