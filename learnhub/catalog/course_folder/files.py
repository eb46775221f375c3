"""Opens the files of one course folder, and only those: no way leads out of it."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from learnhub.catalog.course_folder.shapes import MediaPart, Problem
from learnhub.kernel import files
from learnhub.media.captions import MOST_BYTES
from learnhub.media.sniff import HEAD_BYTES

LARGEST_TEXT = 1 << 20
_MOST_FILES = 2000


class Folder:
    """A course folder whose every entry was looked at: ``problems`` names the links and what is no plain file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: set[str] = set()
        self.problems: list[Problem] = []
        self._media: dict[str, MediaPart] = {}
        self._walk()

    def _walk(self) -> None:
        for root, folders, names in os.walk(self.path, followlinks=False):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in (*folders, *sorted(names)):
                whole = Path(root, name)
                shown = whole.relative_to(self.path).as_posix()
                if whole.is_symlink():
                    self.problems.append(Problem(shown, 0, "catalog.link_in_folder"))
                elif whole.is_file() and not name.startswith("."):
                    self.names.add(shown)
                if len(self.names) > _MOST_FILES:
                    self.problems.append(Problem("", 0, "catalog.too_many_files", {"most": _MOST_FILES}))
                    return

    def files_in(self, folder: str, ending: str) -> list[str]:
        """The names of the files directly inside a sub-folder, sorted; those with another ending are problems."""
        found = sorted(name for name in self.names if PurePosixPath(name).parent.as_posix() == folder)
        wrong = [name for name in found if not name.endswith(ending)]
        self.problems += [Problem(name, 0, "catalog.file_ending", {"ending": ending}) for name in wrong]
        return [name for name in found if name.endswith(ending)]

    def text(self, name: str) -> str | Problem:
        """A text file in UTF-8 (a mark at its beginning is dropped, line ends become line feeds), or what is wrong."""
        path = self.path / name
        size = path.stat().st_size
        if size > LARGEST_TEXT:
            return Problem(name, 0, "catalog.text_too_large", {"largest_kb": LARGEST_TEXT >> 10, "kb": size >> 10})
        raw = path.read_bytes()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            return Problem(name, raw[: error.start].count(b"\n") + 1, "catalog.not_utf8")
        if "\0" in text:
            return Problem(name, text[: text.index("\0")].count("\n") + 1, "catalog.not_text")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def raw(self, name: str) -> bytes:
        """A small file as it is; of a large one no more than the readers of captions would refuse anyway."""
        with (self.path / name).open("rb") as opened:
            return opened.read(MOST_BYTES + 1)

    def head(self, name: str) -> bytes:
        """The first bytes of a file, by which its nature is told."""
        with (self.path / name).open("rb") as opened:
            return opened.read(HEAD_BYTES)

    def fault_of(self, name: str) -> tuple[str, dict[str, str]] | None:
        """Why a path written by an author cannot be used: a code and its values; None when the file is there."""
        path = PurePosixPath(name)
        if path.is_absolute() or "\\" in name or ":" in name or ".." in path.parts or not name.isprintable():
            return "catalog.path_unsafe", {"path": name[:120]}
        if path.as_posix() not in self.names:
            return "catalog.media_missing", {"path": name[:120]}
        if (self.path / path).stat().st_size == 0:
            return "catalog.media_empty", {"path": name[:120]}
        return None

    def media(self, name: str) -> MediaPart:
        """A media file for which :meth:`fault_of` found nothing; hashed once."""
        if name not in self._media:
            path = self.path / name
            self._media[name] = MediaPart(path, PurePosixPath(name).name, files.sha256_of(path), path.stat().st_size)
        return self._media[name]
