"""The media folder: whole or not there, once per content."""

from __future__ import annotations

from pathlib import Path

import pytest

from learnhub.kernel.errors import Unavailable
from learnhub.media.store import SUMS, Store


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_same_content_twice_is_stored_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "media")
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"same")
    first = store.keep_original(tmp_path / "a.mp4")
    assert store.keep_original(tmp_path / "b.mp4") == first
    assert files_in(store.root) == [f"originals/{first[0][:2]}/{first[0]}"]
    assert store.original_is_whole(first[0])


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path / "media")
    (tmp_path / "a").write_bytes(b"content")
    sha256, _size = store.keep_original(tmp_path / "a")
    path = store.original_path(sha256)
    path.chmod(0o644)
    path.write_bytes(b"c0ntent")
    assert not store.original_is_whole(sha256)


def test_renditions_appear_at_once_or_not_at_all(tmp_path: Path) -> None:
    store, sha256 = Store(tmp_path), "0" * 64

    def fail(work: Path) -> None:
        (work / "half").write_bytes(b"1")
        assert not store.has_renditions(sha256, "v")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        store.make_renditions(sha256, "v", fail)
    assert files_in(tmp_path) == []
    store.make_renditions(sha256, "v", lambda work: (work / "whole").write_bytes(b"1") and None)
    assert files_in(tmp_path) == [f"renditions/{sha256}/v/{name}" for name in (SUMS, "whole")]
    store.make_renditions(sha256, "v", fail)  # there already: not made again


def test_what_a_killed_worker_left_is_swept(tmp_path: Path) -> None:
    store, sha256 = Store(tmp_path), "0" * 64
    left = tmp_path / ".work" / f"{sha256}-v-dead"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"1")
    store.make_renditions(sha256, "v", lambda work: None)
    assert not left.exists()


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "/etc/passwd", "x\0", "..", "a" * 200])
def test_only_plain_names_open_files(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path)
    store.make_renditions("0" * 64, "v", lambda work: None)
    assert store.file_of("0" * 64, "v", name) is None


def test_no_checksum_no_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        Store(tmp_path).original_path("../../etc/passwd")


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        Store(tmp_path).require_room(1 << 60)
    assert refused.value.code == "media.disk_full"
