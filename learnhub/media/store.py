"""The media folder: the only module that opens it. Everything in it is whole or not there.

``originals/ab/<sha256>``                         uploaded files by checksum, read only
``renditions/<sha256>/<ladder>/…``                what was made of one, put there by one rename
``captions/ab/<sha256>.vtt``                      timed text by checksum
``.barred/p12``, ``.barred/a7``                people and assets whose addresses are dead
``.uploads/<id>.part``                            files on their way in (``uploads.parts``)
``.work/<sha256>-<ladder>-<random>/``             half-made things; swept when the same thing is made again
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from learnhub.config import Settings
from learnhub.kernel import files, ids
from learnhub.kernel.errors import Unavailable

_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_NAME = re.compile(r"^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,80}$")
_SPARE_BYTES = 256 << 20
BARRED = ".barred"
"""Folder of empty files ``p<person>`` and ``a<asset>``: whoever is named here is not served, whatever the address says."""


SUMS = "sums.json"
"""Beside what was made of an original: the SHA-256 of each of these files, by name."""


@dataclass(frozen=True)
class Kept:
    """Something that is stored: its name (of captions: its path), bytes, when it was put there (seconds of the epoch)."""

    name: str
    size: int
    changed_s: float


def open_store(settings: Settings) -> Store:
    """The place where the media of this installation are kept: the media folder, or a bucket behind it."""
    if settings.s3_bucket:
        from learnhub.media.bucket import BucketStore

        return BucketStore(settings)
    return Store(settings.media_dir)


class Store:
    """The media folder at ``root``; makes its parts when first needed.

    ``is_away``: what is kept lies elsewhere (``bucket``), and the folder is only where things are made.
    """

    is_away = False

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep_original(self, source: Path) -> tuple[str, int]:
        """Copies a file in and returns its SHA-256 and its bytes; content already there is not stored again."""
        size = source.stat().st_size
        self.require_room(size)
        with self._part() as part:
            sha256 = files.write_chunks(part, files.read_chunks(source), mode=0o444)
            target = self.original_path(sha256)
            if not target.exists():
                _put(part, target)
        return sha256, target.stat().st_size

    def adopt(self, part: Path, sha256: str) -> None:
        """Makes a file of the same file system an original without copying; content already there stays as it is."""
        target = self.original_path(sha256)
        if target.exists():
            part.unlink()
            return
        part.chmod(0o444)
        _sync(part)
        _put(part, target)

    def original_path(self, sha256: str) -> Path:
        """Where the original with this checksum is, or would be."""
        return self.root / "originals" / _checked(sha256)[:2] / sha256

    def has_original(self, sha256: str) -> bool:
        """True when the original is there."""
        return self.original_path(sha256).is_file()

    def drop_original(self, sha256: str) -> None:
        """Forgets an original that nothing refers to."""
        self.original_path(sha256).unlink(missing_ok=True)

    def original_is_whole(self, sha256: str) -> bool:
        """Reads the original and compares its checksum; False when it is missing or rotten."""
        return self.has_original(sha256) and files.sha256_of(self.original_path(sha256)) == sha256

    def rendition_folder(self, sha256: str, version: str) -> Path:
        """Where the renditions of one original by one ladder are, or would be."""
        return self.root / "renditions" / _checked(sha256) / version

    def has_renditions(self, sha256: str, version: str) -> bool:
        """True when they are there; then they are complete."""
        return self.rendition_folder(sha256, version).is_dir()

    def make_renditions(self, sha256: str, version: str, make: Callable[[Path], None]) -> Path:
        """Has ``make`` fill an empty folder and puts it in place at once; leaves nothing behind when it fails.

        What a killed worker left half-made of the same thing is removed first.
        """
        target = self.rendition_folder(sha256, version)
        if target.is_dir():
            return target
        self.sweep(f"{sha256}-{version}-")
        work = self.root / ".work" / f"{sha256}-{version}-{ids.new_id(8)}"
        work.mkdir(parents=True)
        try:
            make(work)
            sums = {made.name: files.sha256_of(made) for made in sorted(work.iterdir())}
            (work / SUMS).write_text(json.dumps(sums, ensure_ascii=False, indent=1), "utf-8")
            for made in work.iterdir():
                _sync(made)
            files.sync_folder(work)
            target.parent.mkdir(parents=True, exist_ok=True)
            work.rename(target)
            files.sync_folder(target.parent)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return target

    def drop_renditions(self, sha256: str, version: str = "") -> None:
        """Removes everything made from an original, or what one ladder made of it."""
        folder = self.rendition_folder(sha256, version) if version else self.root / "renditions" / _checked(sha256)
        shutil.rmtree(folder, ignore_errors=True)

    def list_faults(self, sha256: str, version: str) -> list[str] | None:
        """Re-reads what was made of an original by one ladder: ``240p.m4s rotten``, ``poster.jpg missing``; None when it
        was made before checksums were kept."""
        manifest = self.file_of(sha256, version, SUMS)
        if manifest is None:
            return None
        folder, faults = self.rendition_folder(sha256, version), []
        for name, wanted in json.loads(manifest.read_text("utf-8")).items():
            found = self._sum_of(folder / name)
            if found != wanted:
                faults.append(f"{name} {'missing' if found is None else 'rotten'}")
        return faults

    def write_sums(self, sha256: str, version: str) -> None:
        """Takes what was made of an original as it is now for right: its checksums are kept from now on."""
        folder = self.rendition_folder(sha256, version)
        sums = {name: self._sum_of(folder / name) for name in self._names_in(folder) if name != SUMS}
        files.write_whole(folder / SUMS, json.dumps(sums, ensure_ascii=False, indent=1).encode())

    def _names_in(self, folder: Path) -> list[str]:
        return sorted(path.name for path in folder.iterdir())

    def _sum_of(self, path: Path) -> str | None:
        return files.sha256_of(path) if path.is_file() else None

    def list_kept(self, part: str) -> list[Kept]:
        """All ``originals``, ``renditions`` (one per original) or ``captions`` that are stored."""
        folder = self.root / part
        found = _entries(folder) if part == "renditions" else [one for two in _entries(folder) for one in _entries(two)]
        return [
            Kept(
                str(path.relative_to(self.root)) if part == "captions" else path.name,
                sum(one.stat().st_size for one in (path, *path.rglob("*")) if one.is_file()),
                path.stat().st_mtime,
            )
            for path in found
        ]

    def drop_caption(self, relative: str) -> None:
        """Forgets timed text that nothing names."""
        (self.root / relative).unlink(missing_ok=True)

    def keep_caption(self, text: str) -> str:
        """Stores WebVTT and returns its path relative to the media folder."""
        with self._part() as part:
            sha256 = files.write_chunks(part, [text.encode()], mode=0o444)
            relative = f"captions/{sha256[:2]}/{sha256}.vtt"
            if not (self.root / relative).exists():
                _put(part, self.root / relative)
        return relative

    def read_caption(self, relative: str) -> str:
        """The WebVTT at a path that :meth:`keep_caption` returned."""
        return self.kept_path(relative).read_text("utf-8")

    def kept_path(self, relative: str) -> Path:
        """Where the file at such a path is, or would be."""
        return self.root / relative

    @staticmethod
    def is_file_name(name: str) -> bool:
        """True for a plain file name: nothing that leads out of a folder or hides."""
        return _NAME.match(name) is not None

    def file_of(self, sha256: str, version: str, name: str) -> Path | None:
        """One file among the renditions; None for names that are no plain file name or are not there."""
        if not self.is_file_name(name):
            return None
        path = self.rendition_folder(sha256, version) / name
        return path if path.is_file() else None

    def bar_person(self, person_id: int) -> None:
        """Kills the addresses that this person still holds; nginx looks for the same file."""
        path = self.root / BARRED / f"p{person_id}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def admit_person(self, person_id: int) -> None:
        """The person's addresses are good again."""
        (self.root / BARRED / f"p{person_id}").unlink(missing_ok=True)

    def is_barred(self, person_id: int, asset_id: int) -> bool:
        """True when this person, or this asset, is not to be served any more."""
        barred = f"{self.root}/{BARRED}"
        return os.path.exists(f"{barred}/p{person_id}") or os.path.exists(f"{barred}/a{asset_id}")

    def bar_asset(self, asset_id: int) -> None:
        """Kills all addresses of an asset until :meth:`admit_asset`."""
        path = self.root / BARRED / f"a{asset_id}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def admit_asset(self, asset_id: int) -> None:
        """The asset may be served again."""
        (self.root / BARRED / f"a{asset_id}").unlink(missing_ok=True)

    def forget_bars(self, before: datetime) -> None:
        """Removes the marks of people made before then: their addresses have ended by themselves."""
        for path in _entries(self.root / BARRED):
            if path.name.startswith("p") and path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)

    def sweep(self, prefix: str = "") -> int:
        """Removes half-made things whose name begins with ``prefix``; returns how many. Not while they are made."""
        left = [entry for entry in _entries(self.root / ".work") if entry.name.startswith(prefix)]
        for entry in left:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        return len(left)

    def require_room(self, size: int) -> None:
        """Raises Unavailable ``media.disk_full`` when ``size`` bytes and a reserve do not fit."""
        self.root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.root).free
        if free < size + _SPARE_BYTES:
            raise Unavailable("media.disk_full", free_mb=free >> 20, mb=size >> 20)

    @contextmanager
    def _part(self) -> Iterator[Path]:
        part = self.root / ".work" / f"part-{ids.new_id()}"
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)


def _put(part: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(part, target)
    files.sync_folder(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entries(folder: Path) -> Iterable[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else ()


def _checked(sha256: str) -> str:
    if not _SHA256.match(sha256):
        raise ValueError(f"not a checksum: {sha256!r}")
    return sha256
