"""The registry of sources: features say how their documents are listed and read; search knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from learnhub.search.analyse import Cue, fold, passages
from learnhub.search.rules import Kind


@dataclass(frozen=True)
class SearchDocument:
    """A text to be found. ``part`` is unique within its document; ``unit_ids``: published to these subtrees.

    ``parents``: (title, address) of what it lies in, from the top; ``cues``: (character, millisecond) pairs.
    """

    part: str
    kind: Kind
    title: str
    body: str
    url: str
    unit_ids: tuple[int, ...]
    parents: tuple[tuple[str, str], ...] = ()
    category: str = ""
    level: str = ""
    length_s: int | None = None
    start_ms: int | None = None
    cues: tuple[tuple[int, int], ...] = ()

    @property
    def indexed_title(self) -> str:
        """The title as far as it is searched: a passage of captions is found by what is said in it alone."""
        return "" if self.kind is Kind.CAPTION else self.title

    @property
    def folded(self) -> str:
        """Searched title, line break, body; each character in its place."""
        return f"{fold(self.indexed_title)}\n{fold(self.body)}"


@dataclass(frozen=True)
class Source:
    """A feature's documents. ``documents_for`` gives the texts of one, none if it is withdrawn or unknown."""

    name: str
    list_ids: Callable[[], Iterable[str]]
    documents_for: Callable[[str], list[SearchDocument]]


_sources: dict[str, Source] = {}


def register_source(source: Source) -> None:
    """Adds a source; the same name again replaces it, so that an application may be made twice."""
    _sources[source.name] = source


def get_source(name: str) -> Source:
    """The source of that name. Raises KeyError."""
    return _sources[name]


def list_sources() -> list[Source]:
    """All sources, by name."""
    return [_sources[name] for name in sorted(_sources)]


def caption_documents(
    cues: Iterable[Cue], *, part: str, title: str, url: str, unit_ids: tuple[int, ...],
    parents: tuple[tuple[str, str], ...] = (), category: str = "", level: str = "",
) -> list[SearchDocument]:  # fmt: skip
    """The captions of one lesson as documents of about half a minute each; ``part`` begins the part of each."""
    return [
        SearchDocument(
            part=f"{part}-{number}", kind=Kind.CAPTION, title=title, body=passage.text, url=url, unit_ids=unit_ids,
            parents=parents, category=category, level=level, cues=passage.cues, start_ms=passage.start_ms,
            length_s=max(1, round((passage.end_ms - passage.start_ms) / 1000)),
        )
        for number, passage in enumerate(passages(list(cues)), 1)
    ]  # fmt: skip
