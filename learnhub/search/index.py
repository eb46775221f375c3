"""The search index on disk: the only module that opens ``search_index/``.

The index holds no text, only terms and the ids of :class:`~learnhub.search.models.SearchText` rows; deleted, it is
rebuilt from the database and gives the same answers. Its folder is trusted code (posting blocks are pickled): an
index is never taken from elsewhere. One process writes at a time, readers never wait and see whole generations.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from whoosh import columns, fields, formats
from whoosh.filedb.filestore import FileStorage
from whoosh.index import EmptyIndexError, FileIndex, LockError
from whoosh.util.numeric import byte_to_length, length_to_byte
from whoosh.writing import CLEAR

from learnhub.kernel.errors import Unavailable
from learnhub.search.analyse import weigh
from learnhub.search.executor import IndexUnusable, Snapshot

LOCK_WAIT_S = 10.0
NAME = "MAIN"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """What the index knows of one text. ``owner`` names the document it is part of; ``audience``: unit ids."""

    text_id: int
    owner: str
    kind: str
    category: str
    level: str
    audience: tuple[int, ...]
    title: str
    body: str


class BigramField(fields.FieldType):
    """Terms with their weights as :func:`~learnhub.search.analyse.weigh` counts them; takes (title, body)."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None, scorable=True)

    def index(self, value: tuple[str, str], **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """(term, frequency, weight, no value) for each term.

        Whoosh keeps lengths in one byte. The first frequency is raised so that the length is one that a byte can
        tell: then the average length is the same whether it is summed up or read back.
        """
        weights = weigh(*value)
        total = weights.total()
        lengthen = byte_to_length(max(1, length_to_byte(total))) - total
        for term, weight in weights.items():
            yield term.encode(), weight + lengthen, float(weight), b""
            lengthen = 0


def make_schema() -> fields.Schema:
    """One scored field; the rest are keywords for filters, and the id as a column."""
    return fields.Schema(
        text=BigramField(),
        owner=fields.ID(),
        kind=fields.ID(),
        category=fields.ID(),
        level=fields.ID(),
        audience=fields.KEYWORD(),
        text_id=fields.COLUMN(columns.NumericColumn("i")),
    )


class SyncedStorage(FileStorage):
    """Whoosh never syncs; here what a table of contents names is on the disk before it is, and so is its name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._opened: list[Any] = []

    def open_file(self, name: str, **options: Any) -> Any:
        """Opens and remembers the file, because Whoosh forgets those that it finds damaged."""
        opened = super().open_file(name, **options)
        self._opened.append(opened)
        return opened

    def close_opened(self) -> None:
        """Closes what was opened through this storage: after a failure, when nobody else will."""
        for opened in self._opened:
            opened.file.close()

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Renames; for a table of contents with a sync of all files before and of the folder after."""
        if newname.endswith(".toc"):
            for name in self.list():
                path = self._fpath(name)
                if os.path.isfile(path):
                    _sync(path)
        super().rename_file(oldname, newname, safe)
        if newname.endswith(".toc"):
            _sync(self.folder)


def _sync(path: str | os.PathLike[str]) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SearchIndex:
    """An index folder: snapshots for readers, changes by the one who holds the lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opening = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._seen = 0

    def snapshot(self) -> Snapshot:
        """The newest generation; the same object until there is a newer one. Raises :class:`IndexUnusable`."""
        with self._opening:
            try:
                changed = self.folder.stat().st_mtime_ns
                if self._snapshot is None or changed != self._seen:
                    self._snapshot = self._refreshed(self._snapshot)
                    self._seen = changed
            except (OSError, EmptyIndexError) as error:
                self._snapshot = None
                raise IndexUnusable("missing") from error
            except Exception as error:  # a damaged pickle or structure raises anything at all
                self._snapshot = None
                raise IndexUnusable(f"damaged: {type(error).__name__}: {error}") from error
            return self._snapshot

    def _refreshed(self, old: Snapshot | None) -> Snapshot:
        for _attempt in range(19):
            try:
                return self._opened(old)
            except FileNotFoundError:  # a writer removed the generation between our two looks
                sleep(0.01)
        return self._opened(old)

    def _opened(self, old: Snapshot | None) -> Snapshot:
        storage = SyncedStorage(self.folder)
        try:
            opened = FileIndex(storage, indexname=NAME)
            generation = opened.latest_generation()
            if old is not None and old.generation == generation:
                return old
            return Snapshot(opened.reader(), generation)
        except BaseException:
            storage.close_opened()
            raise

    def generation(self) -> int:
        """The number of the newest generation. Raises :class:`IndexUnusable`."""
        return self.snapshot().generation

    def update(self, owners: Iterable[str], entries: Iterable[Entry]) -> None:
        """Takes everything of ``owners`` out and puts ``entries`` in, in one commit.

        Raises Unavailable ``search.index_busy`` when another process writes for too long, IndexUnusable when
        there is no index to change.
        """
        opened = self._openable()
        writer = self._writer(opened)
        try:
            for owner in owners:
                writer.delete_by_term("owner", owner)
            for entry in entries:
                _add(writer, entry)
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    def rebuild(self, entries: Iterable[Entry]) -> int:
        """Replaces the whole index by ``entries``, readers see the old one until the end; returns how many."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            opened = self._openable()
        except IndexUnusable as error:
            _log.warning("search index is made anew", extra={"fields": {"reason": str(error)}})
            self._clear()
            opened = FileIndex.create(SyncedStorage(self.folder), make_schema(), NAME)
        writer = self._writer(opened, limitmb=256)
        count = 0
        try:
            for entry in entries:
                _add(writer, entry)
                count += 1
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=CLEAR)
        return count

    def faults(self) -> list[str]:
        """Reads every posting of the index; a sentence for each fault, none for a sound index."""
        try:
            snapshot = self.snapshot()
            for segment in snapshot.segments:
                for name, term in segment.reader.all_terms():
                    numbers, _ = segment.postings(name, term)
                    if numbers and numbers[-1] >= len(segment.text_ids):
                        return [f"{name}:{term!r} names a document that is not there"]
        except IndexUnusable as error:
            return [str(error)]
        except Exception as error:  # noqa: BLE001 - as in snapshot(): damaged bytes raise anything
            return [f"damaged: {type(error).__name__}: {error}"]
        return []

    def _openable(self) -> FileIndex:
        self.snapshot()
        return FileIndex(SyncedStorage(self.folder), indexname=NAME)

    def _writer(self, opened: FileIndex, **options: Any) -> Any:
        until = monotonic() + LOCK_WAIT_S
        while True:
            try:
                return opened.writer(**options)
            except LockError as error:
                if monotonic() > until:
                    raise Unavailable("search.index_busy") from error
                sleep(0.05)

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path.name.startswith((f"_{NAME}_", f"{NAME}_")) and path.is_file():
                path.unlink()


def _add(writer: Any, entry: Entry) -> None:
    writer.add_document(
        text=(entry.title, entry.body),
        owner=entry.owner,
        kind=entry.kind,
        category=entry.category or None,
        level=entry.level or None,
        audience=" ".join(map(str, entry.audience)) or None,
        text_id=entry.text_id,
    )


_bound: list[SearchIndex] = []


def bind(folder: Path) -> SearchIndex:
    """Says which folder this process searches, as ``kernel.db.connect`` does for the database."""
    if not _bound or _bound[0].folder != folder:
        _bound[:] = [SearchIndex(folder)]
    return _bound[0]


def bound() -> SearchIndex:
    """The index of this process; one object, so that all threads share its cache."""
    return _bound[0]
