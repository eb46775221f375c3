"""Reports of live viewings, folded in memory and written together.

A report changes a state in memory and is answered at once; a thread of its own writes what has changed in one
transaction. What is in memory only is never called durable, so losing it (kill -9, a refused write, an eviction) is the
same as losing the reports on the line: the player sends them again and they are judged by the stored bucket. For that
reason no process needs to own a person: :func:`.storing.store_changes` writes a state only if what it was made of is
still what is stored, and whoever loses reads again.

Reports that finish a lesson or come from an ended viewing are stored at once, by :func:`.storing.store_report`.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections.abc import Sequence

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import db, give_back_if_broken
from learnhub.kernel.errors import Malformed
from learnhub.study.actions import refusals, storing
from learnhub.study.actions.refusals import Refusals
from learnhub.study.actions.storing import LIVE, Answer, Change, Claims, Stored
from learnhub.study.actions.tokens import read_token
from learnhub.study.rules import completion, intervals, reports
from learnhub.study.rules.reports import Report, ViewingState

FLUSH_S = 1.0
"""How long a believed report waits before it is written, at most, while the disk keeps up."""

MOST_AT_ONCE = 2_000
"""Viewings in one transaction: bounds for how long others wait for SQLite's only write lock."""

IDLE_MS = 180_000
"""A viewing that was silent so long leaves the memory; its next report reads it again."""

CHECK_AGAIN_MS = 300_000
"""For so long a token whose signature was checked is known again by being equal."""

_IDLE_ROUNDS = 20
_EVICT_ROUNDS = 20
_SLOWEST = 6

_log = logging.getLogger(__name__)
_folds: weakref.WeakSet[Fold] = weakref.WeakSet()


class Held:
    """A live viewing in memory. ``state`` was made of ``stored`` by ``reports`` reports; equal when there are none."""

    __slots__ = (
        "at_ms", "checked_ms", "claims", "durable_seq", "heard_ms", "reports", "seen_ms", "state", "stored", "token",
        "whole_seq",
    )  # fmt: skip

    def __init__(self, token: str, claims: Claims, stored: Stored, now_ms: int) -> None:
        self.token, self.claims, self.stored, self.state = token, claims, stored, stored.state
        self.seen_ms = stored.seen_ms
        self.reports = 0
        self.at_ms = self.heard_ms = self.checked_ms = now_ms
        self.whole_seq: int | None = None
        self.durable_seq: int | None = None


class Fold:
    """The live viewings of one process. ``background``: a thread writes; else only :meth:`flush` does."""

    def __init__(self, settings: Settings, *, background: bool = True) -> None:
        self._settings, self._background = settings, background
        self._lock = threading.Lock()  # for the dictionaries and what they hold; never while asking the database
        self._writing = threading.Lock()  # one flush at a time; taken before any transaction
        self._held: dict[str, Held] = {}  # by token
        self._dirty: dict[str, Held] = {}
        self._of_person: dict[int, Held] = {}  # the last one; there is but one unless a process lags behind
        self._thread: threading.Thread | None = None
        self._wake, self._is_closing = threading.Event(), False
        self._next_s = settings.beat_seconds
        self._latest_ms = 0
        self.refusals = Refusals()
        _folds.add(self)

    def take(self, token: str, seq: int, pieces: Sequence[Sequence[int]], position_ms: int, now_ms: int) -> Answer:
        """Judges a report of whole numbers. No statement for a viewing that is held.

        Raises Forbidden ``study.report_token``, NotFound ``study.no_viewing``, Malformed ``study.report_…``.
        """
        with self._lock:
            held = self._held.get(token)
            if held is not None and 0 <= now_ms - held.checked_ms < CHECK_AGAIN_MS:
                went_on = None
                if len(pieces) == 1:
                    start, end = pieces[0]
                    went_on = reports.go_on(held.state, seq, start, end, position_ms, now_ms)
                if went_on is not None:
                    answer = self._hold(held, seq, *went_on, now_ms)
                else:
                    answer = self._fold(held, self._read(seq, pieces, position_ms, held.claims), now_ms)
                if answer is not None:
                    return answer
        return self._take_slowly(token, seq, pieces, position_ms, now_ms)

    def _take_slowly(
        self, token: str, seq: int, pieces: Sequence[Sequence[int]], position_ms: int, now_ms: int
    ) -> Answer:
        """A viewing that is not held, or a report that finishes its lesson."""
        now = clock.at_ms(now_ms)
        claims = read_token(token, key=self._settings.token_key, now=now)
        report = self._read(seq, pieces, position_ms, claims)
        with self._lock:
            held = self._held.get(token)
        stored = held.stored if held is not None else storing.load(claims)
        if not stored.state.is_live:
            self.count_refused(refusals.ELSEWHERE, now_ms)
            self.flush(claims.person_id)  # of the live one, which shares the union with this
            return storing.store_report(claims, report, now=now, settings=self._settings)
        with self._lock:
            held = self._held.setdefault(token, held or Held(token, claims, stored, now_ms))
            held.checked_ms = now_ms
            self._of_person[claims.person_id] = held
            answer = self._fold(held, report, now_ms)
        return answer or self._finish(held, report, now_ms)

    def _read(self, seq: int, pieces: Sequence[Sequence[int]], position_ms: int, claims: Claims) -> Report:
        try:
            return reports.report_of(seq, pieces, position_ms, claims.length_ms)
        except Malformed:
            self.refusals.count_viewing(claims.viewing_id)
            raise

    def _fold(self, held: Held, report: Report, now_ms: int) -> Answer | None:
        paid, state = reports.accept(report, held.state, now_ms)
        is_known = not paid and _carries_nothing_new(report, held.stored)
        return self._hold(held, report.seq, paid, state, now_ms, is_known=is_known)

    def _hold(
        self, held: Held, seq: int, paid: int, state: ViewingState, now_ms: int, *, is_known: bool = False
    ) -> Answer | None:
        """Makes ``state`` the viewing's. None when the report finishes the lesson: nothing has changed then.

        ``is_known``: all that the report says is on disk already.
        """
        before, stored = held.state, held.stored
        seen_ms = held.seen_ms + paid
        if paid and not stored.is_done and completion.is_done(seen_ms, held.claims.needed_ms):
            return None
        held.heard_ms = self._latest_ms = now_ms
        is_newest = seq > before.last_seq
        if paid or is_newest:
            held.state, held.seen_ms, held.at_ms = state, seen_ms, now_ms
            if not held.reports:
                self._dirty[held.token] = held
                if self._thread is None:
                    self._start()
            held.reports += 1
        durable = held.durable_seq
        if not is_newest:
            self.refusals.count(refusals.REPEATED)
        if is_known:
            durable = seq
        elif not is_newest:
            # What it says may be more than what was written by that number.
            durable = None if durable == seq else durable
        elif state.refused_ms == before.refused_ms:
            held.whole_seq = seq  # all that it says is believed, and will be on disk with the next writing
        else:
            self.refusals.count(refusals.AHEAD)
        return Answer(durable, seen_ms, stored.is_done, self._next_s, LIVE)

    def _finish(self, held: Held, report: Report, now_ms: int) -> Answer:
        """What was folded, this report and the hours are stored before the answer."""
        self.flush(held.claims.person_id)
        with self._lock:
            self._forget(held)
        return storing.store_report(held.claims, report, now=clock.at_ms(now_ms), settings=self._settings)

    def flush(self, person_id: int | None = None) -> None:
        """Writes what has changed (of one person or of all); returns when it is durable.

        A database that is away is told as by any action; what could not be written is kept for the next time.
        """
        if person_id is None and self.refusals:
            self.refusals.write(clock.local_date(clock.at_ms(self._latest_ms)))
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
            held = self._of_person.get(person_id)
            return [held] if held is not None and held.reports else []

    def _write(self, chosen: list[Held]) -> None:
        with self._lock:
            changes = [
                (held, Change(held.claims, held.stored, held.state, held.seen_ms, held.reports, held.at_ms), held.whole_seq)
                for held in chosen
            ]  # fmt: skip
        written, waiting = storing.store_changes([change for _held, change, _seq in changes])
        is_all_written = len(written) == len(changes)
        written_ids, waiting_ids = {id(change) for change in written}, {id(change) for change in waiting}
        with self._lock:
            for held, change, whole_seq in changes:
                if is_all_written or id(change) in written_ids:
                    self._settle(held, change, whole_seq)
                elif id(change) not in waiting_ids:
                    self._forget(held)

    def _settle(self, held: Held, change: Change, whole_seq: int | None) -> None:
        held.stored = change.made
        held.reports -= change.reports
        held.durable_seq = whole_seq
        if not held.reports:
            self._dirty.pop(held.token, None)

    def forget(self, person_id: int, viewing_id: str) -> None:
        """Lets go of a viewing, whether or not all of it was written."""
        with self._lock:
            held = self._of_person.get(person_id)
            if held is not None and held.claims.viewing_id == viewing_id:
                self._forget(held)

    def _forget(self, held: Held) -> None:
        for known in (self._held, self._dirty):
            if known.get(held.token) is held:
                del known[held.token]
        if self._of_person.get(held.claims.person_id) is held:
            del self._of_person[held.claims.person_id]

    def count_refused(self, code: str, now_ms: int) -> None:
        """One more report that was refused for this reason."""
        self._latest_ms = now_ms
        self.refusals.count(code)
        self._start()

    def _start(self) -> None:
        if self._thread is None and self._background:
            self._is_closing = False
            self._wake.clear()
            atexit.register(self.close)
            self._thread = threading.Thread(target=self._run, name="reports", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends the thread; it writes what it can before."""
        atexit.unregister(self.close)
        thread, self._is_closing = self._thread, True
        if thread is not None:
            self._wake.set()
            thread.join()

    def _run(self) -> None:
        """Writes until nothing has come for a while; the next report starts another thread."""
        rounds = idle = 0
        while True:
            self._wake.wait(FLUSH_S)
            rounds, idle = rounds + 1, 0 if self._dirty or self.refusals else idle + 1
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
                if self._is_closing or (idle >= _IDLE_ROUNDS and not self._dirty):
                    self._held.clear()
                    self._of_person.clear()
                    self._thread = None
                    break
                if rounds % _EVICT_ROUNDS == 0:
                    self._evict()
        db.close()

    def _evict(self) -> None:
        silent = [
            held for held in self._held.values() if self._latest_ms - held.heard_ms > IDLE_MS and not held.reports
        ]
        for held in silent:
            self._forget(held)


def _carries_nothing_new(report: Report, stored: Stored) -> bool:
    state = stored.state
    is_known_place = report.seq <= state.last_seq or report.position_ms == state.position_ms
    return is_known_place and not intervals.without(report.seen, state.seen)


def close_all() -> None:
    """Ends the writing threads of this process; they write what they can before."""
    for fold in tuple(_folds):
        fold.close()


def settle(person_id: int) -> None:
    """Writes what this process has folded of a person, so that whoever asks the database next finds it.

    Within a transaction nothing is done: the writer may be waiting for this very transaction.
    """
    if not db.in_transaction():
        for fold in tuple(_folds):
            fold.flush(person_id)


def forget(person_id: int, viewing_id: str) -> None:
    """A viewing was ended: its next report is to read that, and is to send again what was not yet written."""
    for fold in tuple(_folds):
        fold.forget(person_id, viewing_id)


__all__ = ["FLUSH_S", "Fold", "close_all", "forget", "settle"]
