"""Reports of live viewings, folded in memory and written together.

A report changes a state in memory and is answered at once; a thread of its own writes what has changed in one
transaction. What is in memory only is never called durable, so losing it (kill -9, a refused write, an eviction) is the
same as losing the reports on the line: the player sends them again and they are judged by the stored bucket. For that
reason no process needs to own a person: :func:`.storing.store_changes` writes a state only if what it was made of is
still what is stored, and whoever loses reads again.

Reports that finish a lesson or come from an ended viewing are stored at once, by :func:`.storing.store_report`.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from datetime import datetime

from learnhub.config import Settings
from learnhub.kernel.db import db, give_back_if_broken
from learnhub.study.actions import storing
from learnhub.study.actions.storing import LIVE, Answer, Change, Claims, Stored
from learnhub.study.rules import completion, intervals, reports
from learnhub.study.rules.reports import Report

FLUSH_S = 0.5
"""How long a believed report waits before it is written, at most, while the disk keeps up."""

MOST_AT_ONCE = 2_000
"""Viewings in one transaction: bounds for how long others wait for SQLite's only write lock."""

IDLE_MS = 180_000
"""A viewing that was silent so long leaves the memory; its next report reads it again."""

_IDLE_ROUNDS = 20
_EVICT_ROUNDS = 20
_SLOWEST = 6

_log = logging.getLogger(__name__)
_folds: weakref.WeakSet[Fold] = weakref.WeakSet()


class Held:
    """A live viewing in memory. ``state`` was made of ``stored`` by ``reports`` reports; equal when there are none."""

    __slots__ = ("at", "claims", "durable_seq", "now_ms", "reports", "seen_ms", "state", "stored", "whole_seq")

    def __init__(self, claims: Claims, stored: Stored, now_ms: int) -> None:
        self.claims, self.stored, self.state = claims, stored, stored.state
        self.seen_ms = stored.state.seen_ms
        self.reports = 0
        self.at: datetime | None = None
        self.whole_seq: int | None = None
        self.durable_seq: int | None = None
        self.now_ms = now_ms


class Fold:
    """The live viewings of one process. ``background``: a thread writes; else only :meth:`flush` does."""

    def __init__(self, settings: Settings, *, background: bool = True) -> None:
        self._settings, self._background = settings, background
        self._lock = threading.Lock()  # for the dictionaries and what they hold; never while asking the database
        self._writing = threading.Lock()  # one flush at a time; taken before any transaction
        self._held: dict[str, Held] = {}
        self._dirty: dict[str, Held] = {}
        self._thread: threading.Thread | None = None
        self._next_s = settings.beat_seconds
        self._latest_ms = 0
        _folds.add(self)

    def take(self, claims: Claims, report: Report, *, now: datetime) -> Answer:
        """Judges a report. No statement for a viewing that is held; raises NotFound ``study.no_viewing``."""
        now_ms = storing.in_ms(now)
        with self._lock:
            held = self._held.get(claims.viewing_id)
            answer = self._fold(held, report, now, now_ms) if held is not None else None
        if held is None:
            stored = storing.load(claims)
            if not stored.state.is_live:
                return storing.store_report(claims, report, now=now, settings=self._settings)
            with self._lock:
                held = self._held.setdefault(claims.viewing_id, Held(claims, stored, now_ms))
                answer = self._fold(held, report, now, now_ms)
        return answer or self._finish(held, report, now)

    def _fold(self, held: Held, report: Report, now: datetime, now_ms: int) -> Answer | None:
        """None when this report finishes the lesson: nothing has changed then."""
        before, claims = held.state, held.claims
        believed, state = reports.accept(report, before, now_ms)
        seen_ms = held.seen_ms + intervals.measure(believed) if believed else held.seen_ms
        if not held.stored.is_done and completion.is_done(seen_ms, claims.needed_ms):
            return None
        held.now_ms = self._latest_ms = now_ms
        if believed or state.last_seq != before.last_seq:
            held.state, held.seen_ms, held.at = state, seen_ms, now
            held.reports += 1
            self._dirty[claims.viewing_id] = held
            if self._thread is None and self._background:
                self._start()
        if held.durable_seq != report.seq and _carries_nothing_new(report, held.stored):
            durable: int | None = report.seq
        else:
            durable = held.durable_seq
            if (held.whole_seq is None or report.seq > held.whole_seq) and not intervals.without(
                report.seen, held.state.seen
            ):
                held.whole_seq = report.seq
        return Answer(durable, seen_ms, seen_ms / claims.length_ms, held.stored.is_done, self._next_s, LIVE)

    def _finish(self, held: Held, report: Report, now: datetime) -> Answer:
        """What was folded, this report and the hours are stored before the answer."""
        self.flush(held.claims.person_id)
        with self._lock:
            self._forget(held)
        return storing.store_report(held.claims, report, now=now, settings=self._settings)

    def flush(self, person_id: int | None = None) -> None:
        """Writes what has changed (of one person or of all); returns when it is durable.

        A database that is away is told as by any action; what could not be written is kept for the next time.
        """
        if not self._changed(person_id):
            return
        with self._writing:
            chosen = self._changed(person_id)
            for start in range(0, len(chosen), MOST_AT_ONCE):
                self._write(chosen[start : start + MOST_AT_ONCE])

    def _changed(self, person_id: int | None) -> list[Held]:
        with self._lock:
            if person_id is None:
                return list(self._dirty.values())
            return [held for held in self._dirty.values() if held.claims.person_id == person_id]

    def _write(self, chosen: list[Held]) -> None:
        with self._lock:
            changes = []
            for held in chosen:
                change = Change(held.claims, held.stored, held.state, held.reports, held.at)  # type: ignore[arg-type]
                changes.append((held, change, held.whole_seq))
        written, waiting = storing.store_changes([change for _held, change, _seq in changes])
        written_ids, waiting_ids = {id(change) for change in written}, {id(change) for change in waiting}
        with self._lock:
            for held, change, whole_seq in changes:
                if id(change) in written_ids:
                    self._settle(held, change, whole_seq)
                elif id(change) not in waiting_ids:
                    self._forget(held)

    def _settle(self, held: Held, change: Change, whole_seq: int | None) -> None:
        stored = change.stored
        held.stored = Stored(stored.progress_id, stored.is_done, stored.reports + change.reports, change.state)
        held.reports -= change.reports
        held.durable_seq = whole_seq
        if not held.reports:
            self._dirty.pop(held.claims.viewing_id, None)

    def forget(self, viewing_id: str) -> None:
        """Lets go of a viewing, whether or not all of it was written."""
        with self._lock:
            held = self._held.get(viewing_id)
            if held is not None:
                self._forget(held)

    def _forget(self, held: Held) -> None:
        for known in (self._held, self._dirty):
            if known.get(held.claims.viewing_id) is held:
                del known[held.claims.viewing_id]

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="reports", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Writes until nothing has come for a while; the next report starts another thread."""
        rounds = idle = 0
        while True:
            time.sleep(FLUSH_S)
            rounds, idle = rounds + 1, 0 if self._dirty else idle + 1
            began = time.monotonic()
            try:
                self.flush()
            except Exception:  # noqa: BLE001 - players keep what is not durable; the next round tries again
                _log.exception("reports not written")
                give_back_if_broken()
            # When the disk does not keep up, players are asked to report less often.
            slower = 1 + int((time.monotonic() - began) / (2 * FLUSH_S))
            self._next_s = self._settings.beat_seconds * min(_SLOWEST, slower)
            with self._lock:
                if idle >= _IDLE_ROUNDS and not self._dirty:
                    self._held.clear()
                    self._thread = None
                    break
                if rounds % _EVICT_ROUNDS == 0:
                    self._evict()
        db.close()

    def _evict(self) -> None:
        silent = [held for held in self._held.values() if self._latest_ms - held.now_ms > IDLE_MS and not held.reports]
        for held in silent:
            self._forget(held)


def _carries_nothing_new(report: Report, stored: Stored) -> bool:
    state = stored.state
    is_known_place = report.seq <= state.last_seq or report.position_ms == state.position_ms
    return is_known_place and not intervals.without(report.seen, state.seen)


def settle(person_id: int) -> None:
    """Writes what this process has folded of a person, so that whoever asks the database next finds it.

    Within a transaction nothing is done: the writer may be waiting for this very transaction.
    """
    if not db.in_transaction():
        for fold in tuple(_folds):
            fold.flush(person_id)


def forget(viewing_id: str) -> None:
    """A viewing was ended: its next report is to read that, and is to send again what was not yet written."""
    for fold in tuple(_folds):
        fold.forget(viewing_id)


__all__ = ["FLUSH_S", "Fold", "forget", "settle"]
