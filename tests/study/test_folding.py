"""Reports folded in memory: what is durable, what several processes do to each other, what a crash loses."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

import pytest
from werkzeug.test import Client

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.errors import Unavailable
from learnhub.study import actions, beat
from learnhub.study.actions import folding
from learnhub.study.models import LedgerEntry, Progress, Viewing
from learnhub.study.rules import intervals
from tests.cast import Cast
from tests.study.conftest import Library
from tests.study.serving import HttpServer
from tests.study.traces import LENGTH_MS, Player


def test_a_report_asks_the_database_nothing_and_writing_it_takes_few_statements(
    server: HttpServer, queries: Callable[[], int]
) -> None:
    server.is_written_at_once = False
    player = Player(server)
    player.play(0, 10_000)
    for start in range(10_000, 500_000, 10_000):
        queries()
        player.play(start, start + 10_000)
        assert queries() == 0
        server.fold.flush()
        assert 0 < queries() <= 4


def test_many_people_are_written_together(
    cast: Cast, library: Library, settings: Settings, now: datetime, queries: Callable[[], int]
) -> None:
    server = HttpServer(cast, library.video.id, settings, now)
    for who in ("learner", "colleague", "sibling_learner"):
        server.actor = cast.actor(who)
        server.is_written_at_once = False
        Player(server).play(0, 20_000)
    queries()
    server.fold.flush()
    assert queries() <= 2  # the lock and what is stored; the rows themselves go as two batches
    assert [row.seen for row in Progress.select()] == [[[0, 20_000]]] * 3


def test_nothing_is_called_durable_before_it_is_written(server: HttpServer) -> None:
    server.is_written_at_once = False
    viewing = server.open(0)
    assert server.report(viewing, 1, [(0, 10_000)], 10_000, 10_000) is None
    assert server.report(viewing, 2, [(0, 20_000)], 20_000, 20_000) is None
    assert Progress.get().seen_ms == 0
    server.fold.flush()
    assert Progress.get().seen_ms == 20_000
    assert server.report(viewing, 3, [(0, 30_000)], 30_000, 30_000) == 2
    assert server.report(viewing, 2, [(0, 20_000)], 20_000, 31_000) == 2


def test_finishing_a_lesson_is_durable_at_once_with_its_hours(server: HttpServer) -> None:
    server.is_written_at_once = False
    player = Player(server)
    player.play(0, 530_000)
    assert LedgerEntry.select().count() == 0
    player.play(530_000, 540_000)
    assert (server.answer["done"], server.answer["durable"]) == (True, player.seq)
    assert LedgerEntry.get().evidence["seen"] == [[0, 540_000]]
    assert Viewing.get().reports == 54


def test_opening_elsewhere_sees_what_was_not_yet_written(server: HttpServer) -> None:
    server.is_written_at_once = False
    player = Player(server)
    player.play(0, 50_000)
    opened = actions.open_viewing(
        server.actor, server.lesson_id, device="other", now=server.now, settings=server.settings
    )
    assert (opened.position_ms, opened.seen) == (50_000, ((0, 50_000),))


def test_the_first_report_after_a_takeover_is_told(server: HttpServer) -> None:
    server.is_written_at_once = False
    first = Player(server)
    first.play(0, 20_000)
    Player(server, at_ms=first.at_ms)
    first.play(20_000, 30_000)
    assert server.answer["state"] == "elsewhere"


def test_two_processes_that_hold_one_viewing_pay_once_and_lose_nothing(server: HttpServer) -> None:
    server.is_written_at_once = False
    folds = [server.fold, actions.Fold(server.settings, background=False)]
    paths = [
        Client(beat.make_beat(server.settings, now_ms=lambda: clock.in_ms(server.now), fold=fold)) for fold in folds
    ]
    player = Player(server)
    for turn, start in enumerate(range(0, 500_000, 10_000)):
        server.http = paths[turn % 2]
        player.play(start, start + 10_000)
        if turn % 5 == 4:
            for fold in folds if turn % 2 else reversed(folds):
                fold.flush()
    player.send(500_000)
    for fold in folds:
        fold.flush()
    assert Progress.get().seen == [[0, 500_000]]
    player.forge([(500_000, LENGTH_MS)])  # what each process believed is not paid from two buckets
    for fold in folds:
        fold.flush()
    assert Progress.get().seen_ms <= LENGTH_MS
    assert Viewing.get().budget_ms >= 0


def test_a_takeover_in_another_process_ends_what_this_one_holds(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.is_written_at_once = False
    player = Player(server)
    player.play(0, 20_000)
    monkeypatch.setattr("learnhub.study.actions.viewing.settle", lambda _person: None)  # that process cannot see it
    second = server.open(20_000)
    server.fold.flush()
    assert Progress.get().seen_ms == 0
    player.play(20_000, 30_000)  # comes late, with all that is not durable: believed up to the takeover
    assert (server.answer["state"], server.answer["seen_ms"]) == ("elsewhere", 30_000)
    assert server.report(second, 1, [(30_000, 90_000)], 90_000, player.at_ms) is None
    server.fold.flush()
    budget = 2_000 + 2 * player.at_ms
    assert Progress.get().seen_ms <= budget


def test_a_database_that_is_away_loses_nothing(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_changes: object) -> None:
        raise Unavailable("kernel.database_away")

    server.is_written_at_once = False
    player = Player(server)
    player.play(0, 20_000)
    with monkeypatch.context() as broken:
        broken.setattr("learnhub.study.actions.storing.store_changes", away)
        with pytest.raises(Unavailable):
            server.fold.flush()
        player.play(20_000, 40_000)
        assert server.answer["durable"] is None
    server.fold.flush()
    player.send(40_000)
    assert server.answer["durable"] == player.seq
    assert Progress.get().seen_ms == 40_000


def test_the_thread_writes_by_itself_and_ends_when_nobody_watches(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "FLUSH_S", 0.02)
    server.is_written_at_once = False
    server.fold = actions.Fold(server.settings)
    server.http = Client(beat.make_beat(server.settings, now_ms=lambda: clock.in_ms(server.now), fold=server.fold))
    Player(server).play(0, 20_000)
    thread = server.fold._thread
    assert thread is not None
    thread.join(20)
    assert not thread.is_alive()
    assert Progress.get().seen_ms == 20_000
    assert not server.fold._held


class Chance:
    """Two processes, crashes, takeovers, lost answers and honest play, in an order drawn by chance."""

    def __init__(self, server: HttpServer, seed: int) -> None:
        self.server, self.draw, self.at_ms = server, random.Random(seed), 0
        server.is_written_at_once = False
        self.folds = [server.fold, server.fold]
        self.crash()
        self.viewings: list[str] = []
        self.sent: dict[tuple[str, int], intervals.Intervals] = {}
        self.durable: intervals.Intervals = ()
        self.claimed: intervals.Intervals = ()
        self.open()

    def crash(self) -> None:
        """One of the processes is killed and starts with nothing in its memory."""
        self.folds[self.draw.randrange(2)] = actions.Fold(self.server.settings, background=False)

    def open(self) -> None:
        """Half of the times in a third process, which cannot write first what these two have folded."""
        mine = list(folding._folds)
        if self.draw.random() < 0.5:
            folding._folds.clear()
        self.viewings.append(self.server.open(self.at_ms))
        folding._folds.update(mine)
        self.seq = 0

    def flush(self) -> None:
        self.draw.choice(self.folds).flush()

    def report(self) -> None:
        """From the live viewing, now and then from an ended one; the answer may get lost."""
        viewing = self.viewings[-1] if self.draw.random() < 0.8 else self.draw.choice(self.viewings)
        start = self.draw.randrange(0, 500_000)
        piece = (start, start + self.draw.randrange(1, 39_000))
        self.seq += 1
        seen = intervals.union(intervals.normal([piece]), () if self.draw.random() < 0.5 else self.claimed[:50])
        self.claimed = intervals.union(self.claimed, seen)
        self.sent[viewing, self.seq] = seen
        fold = self.draw.choice(self.folds)
        self.server.http = Client(
            beat.make_beat(self.server.settings, now_ms=lambda: clock.in_ms(self.server.now), fold=fold)
        )
        durable = self.server.report(viewing, self.seq, list(seen), piece[1], self.at_ms)
        if durable is not None:
            self.durable = intervals.union(self.durable, self.sent[viewing, durable])

    def step(self) -> None:
        acts = [self.report] * 8 + [self.flush] * 3 + [self.crash, self.open]
        self.draw.choice(acts)()
        self.at_ms += self.draw.randrange(0, 9_000)
        stored = tuple((start, end) for start, end in Progress.get().seen)
        assert not intervals.without(self.durable, stored)
        assert not intervals.without(stored, self.claimed)
        assert intervals.measure(stored) <= 2 * self.at_ms + 2_000
        assert sum(intervals.measure(row.seen) for row in Viewing.select()) == intervals.measure(stored)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_nothing_durable_is_lost_and_nothing_is_paid_twice(server: HttpServer, seed: int) -> None:
    chance = Chance(server, seed)
    for _ in range(120):
        chance.step()
    assert chance.durable
