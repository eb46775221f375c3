"""The indexer: hears of changes, runs in the worker, alone writes the index."""

from __future__ import annotations

from typing import Any

from learnhub.kernel import clock, jobs
from learnhub.kernel.events import DocumentChanged
from learnhub.kernel.jobs import Running
from learnhub.search import actions
from learnhub.search.index import bound


def on_document_changed(event: DocumentChanged) -> None:
    """Puts the document in line within the transaction that changed it."""
    actions.note_change(event.source, event.id, now=clock.now())


@jobs.register(actions.INDEX_JOB)
def index_pending(_payload: dict[str, Any], _running: Running) -> None:
    """Indexes what waits."""
    actions.index_pending(bound(), now=clock.now())


@jobs.register(actions.REBUILD_JOB)
def rebuild(_payload: dict[str, Any], running: Running) -> None:
    """Rebuilds the texts and the index from the sources."""

    def tell(done: int, of: int) -> None:
        if done % 20 == 0:
            running.progress(done / of)

    actions.rebuild_all(bound(), now=clock.now(), progress=tell)
