"""Files that are whole or not there, and checksums."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from learnhub.kernel.ids import new_id

CHUNK = 1 << 20


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Writes ``content`` so that after a crash the file has it entirely or is as it was before."""
    write_chunks(path, [content], mode=mode)


def write_new(path: Path, content: bytes, *, mode: int = 0o644) -> bool:
    """Like :func:`write_whole`, but whoever comes first wins: False when the file is there already, unchanged."""
    part = path.with_name(f".{path.name}.{new_id()}.new")
    try:
        write_whole(part, content, mode=mode)
        os.link(part, path)
        sync_folder(path.parent)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def write_chunks(path: Path, chunks: Iterable[bytes], *, mode: int = 0o644) -> str:
    """Like :func:`write_whole` for a stream of bounded memory; returns the SHA-256 in hex."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{new_id()}.part")  # each writer its own, threads too
    hashed = hashlib.sha256()
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                hashed.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, path)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)
    return hashed.hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes renames inside ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_chunks(path: Path) -> Iterable[bytes]:
    """The content of a file in pieces of at most one MiB."""
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk


def sha256_of(path: Path) -> str:
    """The SHA-256 (hex) of a file, in bounded memory."""
    hashed = hashlib.sha256()
    for chunk in read_chunks(path):
        hashed.update(chunk)
    return hashed.hexdigest()
