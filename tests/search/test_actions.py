"""The outbox, the batches, the misses."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from learnhub.kernel.db import transaction
from learnhub.kernel.events import DocumentChanged, publish
from learnhub.kernel.models import Job
from learnhub.search import actions
from learnhub.search.index import SearchIndex
from learnhub.search.models import SearchMiss, SearchOutbox, SearchText
from tests.cast import Cast
from tests.search.library import NAME, Shelf, lesson


def test_a_change_that_is_rolled_back_is_not_indexed(db: str, shelf: Shelf) -> None:
    def fail() -> None:
        with transaction():
            publish(DocumentChanged(NAME, "1"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (SearchOutbox.select().count(), Job.select().count()) == (0, 0)


def test_many_changes_make_one_job(db: str, shelf: Shelf) -> None:
    for number in range(20):
        shelf.put(str(number), lesson(str(number), "水法", "", 1))
    assert (SearchOutbox.select().count(), Job.select().count()) == (20, 1)


def test_more_than_a_batch_asks_for_another_job(
    db: str, shelf: Shelf, index: SearchIndex, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "BATCH", 3)
    for number in range(7):
        shelf.put(str(number), lesson(str(number), "水法", "", 1))
    assert [actions.index_pending(index, now=now) for _ in range(4)] == [3, 3, 1, 0]
    assert SearchText.select().count() == index.snapshot().count == 7


def test_a_change_during_indexing_stays_in_line(db: str, shelf: Shelf, index: SearchIndex, now: datetime) -> None:
    shelf.put("1", lesson("1", "水法", "", 1))

    class Interrupted(SearchIndex):
        def update(self, owners: object, entries: object) -> None:
            shelf.put("1", lesson("1", "森林法", "", 1))
            super().update(owners, entries)  # type: ignore[arg-type]

    index.rebuild([])
    actions.index_pending(Interrupted(index.folder), now=now)
    assert SearchOutbox.select().count() == 1
    actions.index_pending(index, now=now)
    assert SearchText.get().title == "森林法"


def test_killed_before_the_outbox_is_cleared_the_same_is_done_again(
    db: str, shelf: Shelf, index: SearchIndex, now: datetime
) -> None:
    shelf.put("1", lesson("1", "水法", "", 1))

    class Killed(SearchIndex):
        def update(self, owners: object, entries: object) -> None:
            super().update(owners, entries)  # type: ignore[arg-type]
            raise KeyboardInterrupt

    index.rebuild([])
    with pytest.raises(KeyboardInterrupt):
        actions.index_pending(Killed(index.folder), now=now)
    assert actions.index_pending(index, now=now) == 1
    assert (index.snapshot().count, SearchText.select().count()) == (1, 1)


def test_an_unchanged_part_keeps_its_row(db: str, shelf: Shelf, index: SearchIndex, now: datetime) -> None:
    shelf.put("1", lesson("a", "水法", "", 1), lesson("b", "森林法", "", 1))
    actions.index_pending(index, now=now)
    before = {row.part: (row.id, row.updated_at) for row in SearchText.select()}
    shelf.put("1", lesson("a", "水法", "", 1), lesson("c", "草原法", "", 1))
    actions.index_pending(index, now=now + timedelta(hours=1))
    after = {row.part: (row.id, row.updated_at) for row in SearchText.select()}
    assert set(after) == {"a", "c"}
    assert after["a"] == before["a"]


def test_a_sound_index_has_no_faults_and_a_foreign_one_has(
    cast: Cast, library: Shelf, index: SearchIndex, now: datetime
) -> None:
    assert actions.list_faults(index) == []
    index.rebuild([])
    assert "rebuild it" in actions.list_faults(index)[0]
    actions.rebuild_all(index, now=now)
    assert actions.list_faults(index) == []


def test_misses_are_counted_without_names(db: str, now: datetime) -> None:
    for _ in range(3):
        actions.record_miss("量子计算", now=now)
    actions.record_miss("区块链", now=now)
    assert [(miss.query, miss.count) for miss in SearchMiss.select().order_by(SearchMiss.id)] == [
        ("量子计算", 3),
        ("区块链", 1),
    ]
    assert not {"person", "actor", "address"} & set(SearchMiss._meta.fields)


@pytest.mark.parametrize("query", ["13800138000", "身份证530402199001011234", "长" * 61])
def test_what_may_be_somebodys_number_is_not_kept(db: str, now: datetime, query: str) -> None:
    actions.record_miss(query, now=now)
    assert not SearchMiss.select().exists()
