"""An index in a temporary folder, filled with the small library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from learnhub.kernel import events
from learnhub.org.scope import Actor
from learnhub.search import actions, sources, tasks
from learnhub.search.index import SearchIndex
from learnhub.search.queries import Asked, Hits, search
from tests.cast import Cast
from tests.search.library import NAME, Shelf, fill


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    """An index that does not exist yet."""
    return SearchIndex(tmp_path / "search_index")


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """An empty shelf whose changes are heard; the only source there is."""
    before = dict(sources._sources)
    sources._sources.clear()
    events.subscribe(events.DocumentChanged, tasks.on_document_changed)
    yield Shelf()
    sources._sources.clear()
    sources._sources.update({name: source for name, source in before.items() if name != NAME})


@pytest.fixture
def library(cast: Cast, shelf: Shelf, index: SearchIndex, now: datetime) -> Shelf:
    """The small library, published to the county and indexed."""
    fill(shelf, cast.county.id)
    actions.index_pending(index, now=now)
    return shelf


@pytest.fixture
def find(cast: Cast, index: SearchIndex) -> Callable[..., Hits]:
    """``find("村务")``: what the learner finds; ``find("村务", actor, kind="lesson")``."""

    def ask(text: str, actor: Actor | None = None, **filters: object) -> Hits:
        return search(actor or cast.learner, Asked(text, **filters), index=index)  # type: ignore[arg-type]

    return ask
