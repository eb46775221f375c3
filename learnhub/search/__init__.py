"""Finding courses, lessons, captions and documents by Chinese text, down to the second of a video.

Features register their documents (``sources.register_source``) and say ``DocumentChanged``; search knows none of
them. Tables: SearchText (what can be found; highlighting and checking read it), SearchOutbox (what waits for the
indexer), SearchMiss (searches that found nothing, without names). The index in ``search_index/`` holds only terms and
ids, is written by one process at a time and can be deleted: ``learnhub search rebuild``. Jobs: ``search.index``,
``search.rebuild``. Hears: ``DocumentChanged``. Decisions: docs/decisions/0040 to 0042.
"""

from __future__ import annotations

from flask import Flask

from learnhub.design import navigation
from learnhub.design.i18n import _l
from learnhub.kernel import events
from learnhub.kernel.messages import register as register_words
from learnhub.search import index, tasks, views
from learnhub.search.messages import WORDS


def register(app: Flask) -> None:
    """Puts the feature's pages, jobs and messages into the application."""
    index.bind(app.extensions["learnhub_settings"].search_dir)
    register_words(WORDS)
    events.subscribe(events.DocumentChanged, tasks.on_document_changed)
    app.register_blueprint(views.blueprint)
    navigation.add_item(
        "search.misses", _l("Searches without result"), "search.misses", "catalog.edit",
        order=80, place=navigation.PERSON, icon="search",
    )  # fmt: skip
