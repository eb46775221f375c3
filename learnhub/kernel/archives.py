"""Zip files that are sent while they are made: nothing is kept but the piece at hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator


class _Pipe(io.RawIOBase):
    """What the zip writer writes into; it cannot go back, so sizes follow each file."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, piece: object) -> int:
        """Keeps a piece until it is taken."""
        self.pieces.append(bytes(piece))  # type: ignore[call-overload]
        return len(self.pieces[-1])

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def zip_chunks(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """A zip file piece by piece, of these files: name and content, itself in pieces."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in content:
                    file.write(piece)
                    if pipe.pieces:
                        yield pipe.take()
    yield pipe.take()
