"""What changes the texts and the index: noting a change, indexing what waits, rebuilding, counting misses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import peewee

from learnhub.kernel import jobs
from learnhub.kernel.db import transaction
from learnhub.search import rules
from learnhub.search.executor import IndexUnusable
from learnhub.search.index import Entry, SearchIndex
from learnhub.search.models import SearchMiss, SearchOutbox, SearchText
from learnhub.search.rules import Kind
from learnhub.search.sources import SearchDocument, get_source, list_sources

INDEX_JOB = "search.index"
REBUILD_JOB = "search.rebuild"
BATCH = 200  # documents in one commit of the index
GATHER = timedelta(seconds=1)  # changes within this time share a commit

Progress = Callable[[int, int], None]


def note_change(source: str, source_id: str, *, now: datetime) -> None:
    """Puts a changed document in line, inside the transaction that changed it."""
    with transaction():
        SearchOutbox.create(source=source, source_id=source_id, created_at=now)
        jobs.enqueue(INDEX_JOB, {}, now=now, key=INDEX_JOB, run_at=now + GATHER)


def request_rebuild(*, now: datetime) -> None:
    """Asks a worker to rebuild the index; asking again while it waits changes nothing."""
    jobs.enqueue(REBUILD_JOB, {}, now=now, key=REBUILD_JOB)


def index_pending(index: SearchIndex, *, now: datetime) -> int:
    """Brings up to BATCH changed documents into the texts and the index; returns how many.

    The outbox rows go last: killed at any point, the same documents are done again, with the same outcome.
    A missing or damaged index is rebuilt from the texts. Raises Unavailable while another process writes.
    """
    rows = list(SearchOutbox.select().order_by(SearchOutbox.id).limit(BATCH * 5))
    owners = list(dict.fromkeys((row.source, row.source_id) for row in rows))[:BATCH]
    if not owners:
        return 0
    for source, source_id in owners:
        store_texts(source, source_id, get_source(source).documents_for(source_id), now=now)
    try:
        index.update([f"{source}:{source_id}" for source, source_id in owners], _entries_of(owners))
    except IndexUnusable:
        index.rebuild(_all_entries())
    done = set(owners)
    ids = [row.id for row in rows if (row.source, row.source_id) in done]
    SearchOutbox.delete().where(SearchOutbox.id.in_(ids)).execute()
    if SearchOutbox.select().exists():
        jobs.enqueue(INDEX_JOB, {}, now=now, key=INDEX_JOB)
    return len(owners)


def store_texts(source: str, source_id: str, documents: Iterable[SearchDocument], *, now: datetime) -> None:
    """Makes the stored texts of one document those given; an unchanged part keeps its row and its id."""
    wanted = {document.part: _row(document) for document in documents if document.unit_ids}
    mine = (SearchText.source == source) & (SearchText.source_id == source_id)
    with transaction():
        for row in list(SearchText.select().where(mine)):
            values = wanted.pop(row.part, None)
            if values is None:
                row.delete_instance()
            elif any(getattr(row, name) != value for name, value in values.items()):
                SearchText.update(**values, updated_at=now).where(SearchText.id == row.id).execute()
        fresh = [
            {"source": source, "source_id": source_id, "part": part, "updated_at": now, **values}
            for part, values in wanted.items()
        ]
        for batch in peewee.chunked(fresh, 40):
            SearchText.insert_many(batch).execute()


def rebuild_all(index: SearchIndex, *, now: datetime, progress: Progress = lambda _done, _of: None) -> int:
    """Reads every source again, makes the texts agree, and replaces the index; returns how many texts there are.

    Searches go on with the old index meanwhile. What changes during the rebuild stays in line and is indexed after.
    """
    seen = [row.id for row in SearchOutbox.select(SearchOutbox.id)]
    listed = [(source.name, source_id) for source in list_sources() for source_id in source.list_ids()]
    for done, (name, source_id) in enumerate(listed):
        progress(done, len(listed))
        store_texts(name, source_id, get_source(name).documents_for(source_id), now=now)
    kept = set(listed)
    known = SearchText.select(SearchText.source, SearchText.source_id).distinct().tuples()
    for name, source_id in [owner for owner in known if owner not in kept]:
        store_texts(name, source_id, [], now=now)
    count = index.rebuild(_all_entries())
    for batch in peewee.chunked(seen, 500):
        SearchOutbox.delete().where(SearchOutbox.id.in_(batch)).execute()
    if SearchOutbox.select().exists():
        jobs.enqueue(INDEX_JOB, {}, now=now, key=INDEX_JOB)
    return count


def list_faults(index: SearchIndex) -> list[str]:
    """A sentence for each fault of the index, and for a difference between its texts and the database's."""
    faults = index.faults()
    if not faults:
        stored, indexed = SearchText.select().count(), index.snapshot().count
        waiting = SearchOutbox.select().count()
        if stored != indexed and not waiting:
            faults.append(f"the index holds {indexed} texts, the database {stored}: rebuild it")
    return faults


def record_miss(query: str, *, now: datetime) -> None:
    """Counts a query that found nothing, without who asked; what may hold somebody's number is not kept."""
    if not rules.is_kept(query):
        return
    with transaction():
        counted = SearchMiss.update(count=SearchMiss.count + 1, last_at=now).where(SearchMiss.query == query).execute()
        if not counted:
            SearchMiss.insert(query=query, count=1, first_at=now, last_at=now).on_conflict(
                conflict_target=[SearchMiss.query], update={SearchMiss.count: SearchMiss.count + 1}
            ).execute()


def _row(document: SearchDocument) -> dict[str, object]:
    return {
        "kind": str(document.kind),
        "title": document.title[:300],
        "body": document.body,
        "folded": document.folded,
        "url": document.url,
        "parents": [list(parent) for parent in document.parents],
        "category": document.category,
        "level": document.level,
        "unit_ids": sorted(document.unit_ids),
        "cues": [list(cue) for cue in document.cues],
        "start_ms": document.start_ms,
        "length_s": document.length_s,
    }


def _entries_of(owners: Iterable[tuple[str, str]]) -> Iterator[Entry]:
    for source, source_id in owners:
        mine = (SearchText.source == source) & (SearchText.source_id == source_id)
        for row in SearchText.select().where(mine).order_by(SearchText.id):
            yield _entry(row)


def _all_entries() -> Iterator[Entry]:
    last = 0
    while rows := list(SearchText.select().where(SearchText.id > last).order_by(SearchText.id).limit(500)):
        for row in rows:
            yield _entry(row)
        last = rows[-1].id


def _entry(row: SearchText) -> Entry:
    return Entry(
        text_id=row.id,
        owner=f"{row.source}:{row.source_id}",
        kind=row.kind,
        category=row.category,
        level=row.level,
        audience=tuple(row.unit_ids),
        title="" if row.kind == Kind.CAPTION else row.title,
        body=row.body,
    )
