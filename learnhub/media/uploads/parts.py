"""Half-received files in ``.uploads`` of the media folder: only this module opens them.

``.uploads/<id>.part``, in the same file system as the originals, so that a whole file becomes one by a rename.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from learnhub.kernel import files

_FOLDER = ".uploads"


def folder_of(media_dir: Path) -> Path:
    """Where the half-received files are."""
    return media_dir / _FOLDER


def path_of(media_dir: Path, upload_id: int) -> Path:
    """The file of one upload, or where it would be."""
    return folder_of(media_dir) / f"{int(upload_id)}.part"


def make(media_dir: Path, upload_id: int) -> None:
    """Makes an empty file; its name survives a power cut."""
    path = path_of(media_dir, upload_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    files.sync_folder(path.parent)


def drop(media_dir: Path, upload_id: int) -> None:
    """Removes the file, if it is there."""
    path_of(media_dir, upload_id).unlink(missing_ok=True)


def list_parts(media_dir: Path, *, older_than_s: float) -> list[tuple[int, Path]]:
    """The files that nobody has written to for so many seconds, with the numbers of their uploads (0: not ours)."""
    before = time.time() - older_than_s
    found = sorted(folder_of(media_dir).iterdir()) if folder_of(media_dir).is_dir() else []
    return [
        (int(path.stem) if path.stem.isdecimal() and path.suffix == ".part" else 0, path)
        for path in found
        if path.stat().st_mtime < before
    ]


class Part:
    """One open file. Writers take its lock only while they write, never while they wait for the network."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR)

    def close(self) -> None:
        """Lets go of the file."""
        os.close(self._handle)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other writers of this file out, in this process and in others."""
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def cut(self, length: int) -> None:
        """Forgets everything after ``length`` bytes. Raises ValueError when fewer are there."""
        if os.fstat(self._handle).st_size < length:
            raise ValueError("the part file is shorter than what was acknowledged")
        os.ftruncate(self._handle, length)

    def write(self, at: int, piece: bytes) -> None:
        """Puts bytes at a place."""
        view = memoryview(piece)
        while view:
            written = os.pwrite(self._handle, view, at)
            view, at = view[written:], at + written

    def sync(self) -> None:
        """Returns when everything written is on the disk."""
        os.fdatasync(self._handle)
