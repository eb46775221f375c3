"""What a report changes in the database: a viewing, the person's progress and, when enough was seen, the hours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import db, is_postgres, transaction
from learnhub.kernel.errors import NotFound
from learnhub.study import hours, ledger
from learnhub.study.actions.finishing import finish_lesson
from learnhub.study.lessons import StudyLesson, lesson_of_version
from learnhub.study.models import LedgerEntry, Progress, Viewing
from learnhub.study.rules import completion, intervals, reports
from learnhub.study.rules.hours import ONLINE, lesson_centihours
from learnhub.study.rules.reports import Report, ViewingState

LIVE, ELSEWHERE = "live", "elsewhere"
_CHUNK = 500  # names in one statement; older SQLite takes 999
_MINUTE_MS = 60_000


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What the server holds after a report.

    ``durable``: all that the report of this viewing with this sequence number carried is on disk; it may be an earlier
    one than the report that is answered. None: of no report is that known; what was sent should be sent again.
    ``state``: live, or elsewhere when the person opened a lesson in another place.
    """

    durable: int | None
    seen_ms: int
    done: bool
    next_s: int
    state: str


class Claims(msgspec.Struct, frozen=True, gc=False):
    """What a token says; the server signed it when the lesson was opened."""

    viewing_id: str
    person_id: int
    length_ms: int
    needed_ms: int


class Stored(msgspec.Struct, frozen=True, gc=False):
    """A viewing as the database holds it. ``reports`` grows with every write, so it names the state that was read.

    ``changed_ms``: the time at which this process last moved the lesson up in the list of what was begun.
    """

    progress_id: int
    is_done: bool
    reports: int
    seen_ms: int
    changed_ms: int
    state: ViewingState


class Change(msgspec.Struct, frozen=True, gc=False):
    """What several reports of one viewing made of ``stored``: to be written only if ``stored`` is still true."""

    claims: Claims
    stored: Stored
    state: ViewingState
    seen_ms: int
    reports: int
    at_ms: int

    @property
    def moves_up(self) -> bool:
        """Whether the lesson's place in the list of what was begun is to be renewed: once a minute is often enough."""
        return self.at_ms - self.stored.changed_ms >= _MINUTE_MS

    @property
    def made(self) -> Stored:
        """What is stored once this was written."""
        was = self.stored
        changed_ms = self.at_ms if self.moves_up else was.changed_ms
        return Stored(was.progress_id, was.is_done, was.reports + self.reports, self.seen_ms, changed_ms, self.state)


_SELECT = """
SELECT p.id, CASE WHEN p.done_by = 'group' THEN NULL ELSE p.done_at END, v.budget_ms, v.filled_ms, v.ended_at, v.last_seq, p.position_ms, p.seen, v.seen, v.refused_ms,
v.reports
FROM viewing v JOIN progress p ON p.person_id = v.person_id AND p.version_id = v.version_id
WHERE v.id = {0} AND v.person_id = {0}
"""
# Each names what it was made of. An ended viewing is written only in the transaction that has just read it.
_UPDATE_VIEWING = """
UPDATE viewing SET budget_ms = {0}, filled_ms = {0}, last_seq = {0}, seen = {0}, refused_ms = {0}, reported_at = {0},
reports = reports + {0} WHERE id = {0} AND reports = {0} AND (ended_at IS NULL) = {0}
"""
_UPDATE_PROGRESS = "UPDATE progress SET seen = {0}, seen_ms = {0}, position_ms = {0} WHERE id = {0} AND seen_ms = {0}"
_MOVE_UP = "UPDATE progress SET changed_at = {0} WHERE id = {0}"
_SELECT_AS_READ = """
SELECT v.id, p.id, v.reports, p.seen_ms
FROM viewing v JOIN progress p ON p.person_id = v.person_id AND p.version_id = v.version_id
WHERE v.ended_at IS NULL AND v.id IN ({0})
"""
_TRY_LOCK = "SELECT person FROM unnest({0}::integer[]) person WHERE pg_try_advisory_xact_lock({0}, person)"


class _Outdated(Exception):
    """Something in a batch was made of what is stored no more."""


def _dialect(statement: str) -> str:
    return statement.format("%s" if is_postgres() else "?")


def _execute(statement: str, *values: Any) -> Any:
    # Statements by hand: this is the one path that every learner's browser takes every few seconds.
    return db.execute_sql(_dialect(statement), values)


def _execute_many(statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """How many rows were changed."""
    if len(rows) == 1:
        return int(_execute(statement, *rows[0]).rowcount)
    cursor = db.cursor()
    cursor.executemany(_dialect(statement), rows)
    return int(cursor.rowcount)


def load(claims: Claims) -> Stored:
    """The viewing of a token. Raises NotFound ``study.no_viewing``. One statement."""
    row = _execute(_SELECT, claims.viewing_id, claims.person_id).fetchone()
    if row is None:
        raise NotFound("study.no_viewing")
    progress_id, done_at, budget, filled, ended_at, last_seq, position, seen_text, own_text, refused, count = row
    seen = _pieces(seen_text)
    own = seen if own_text == seen_text else _pieces(own_text)
    state = ViewingState(claims.length_ms, budget, filled, ended_at is None, last_seq, position, seen, own, refused)
    return Stored(progress_id, done_at is not None, count, intervals.measure(seen), 0, state)


def store_report(claims: Claims, report: Report, *, now: datetime, settings: Settings) -> Answer:
    """Takes one report in one transaction, durable when it returns; writes the hours when enough was seen.

    The same statements whatever the size of the catalogue. Raises NotFound ``study.no_viewing``.
    """
    with transaction():
        ledger.lock_person(claims.person_id)
        stored = load(claims)
        paid, state = reports.accept(report, stored.state, clock.in_ms(now))
        seen_ms = stored.seen_ms + paid
        if paid or state.last_seq != stored.state.last_seq:
            _write([Change(claims, stored, state, seen_ms, 1, clock.in_ms(now))])
        is_done = completion.is_done(seen_ms, claims.needed_ms)
        if is_done and not stored.is_done:
            _finish(stored.progress_id, now, settings)
    whole = not intervals.without(report.seen, state.seen)
    return Answer(
        durable=report.seq if whole else None, seen_ms=seen_ms, done=stored.is_done or is_done,
        next_s=settings.beat_seconds, state=LIVE if state.is_live else ELSEWHERE,
    )  # fmt: skip


def store_changes(changes: list[Change]) -> tuple[list[Change], list[Change]]:
    """Writes many viewings in one transaction; returns those that were written and those that must wait.

    What is in neither list was made of a state that is true no more: another process wrote the viewing, another
    viewing of the person added to the union, or a takeover ended it. Such a change is not written, else something would
    be paid twice from a bucket or taken out of a union. On PostgreSQL a person whom another transaction is writing
    waits for the next time instead of holding up everybody.
    """
    try:
        return _store(changes, _unchecked)
    except _Outdated:
        return _store(changes, _still_true)


def _store(changes: list[Change], choose: Any) -> tuple[list[Change], list[Change]]:
    with transaction():
        free = _try_lock(changes)
        waiting = [change for change in changes if change.claims.person_id not in free] if is_postgres() else []
        ready = [change for change in changes if change.claims.person_id in free] if waiting else changes
        chosen = choose(ready)
        _write(chosen)
    return chosen, waiting


def _unchecked(changes: list[Change]) -> list[Change]:
    """All of them: as a rule nobody else wrote, and the statements say so when somebody did."""
    return changes


def _still_true(changes: list[Change]) -> list[Change]:
    present = _as_read([change.claims.viewing_id for change in changes])
    return [
        change
        for change in changes
        if present.get(change.claims.viewing_id)
        == (change.stored.progress_id, change.stored.reports, change.stored.seen_ms)
    ]


def _try_lock(changes: list[Change]) -> set[int]:
    people = {change.claims.person_id for change in changes}
    if not is_postgres():
        return people  # the transaction holds the only write lock
    return {person for (person,) in _execute(_TRY_LOCK, sorted(people), ledger.LOCK).fetchall()}


def _as_read(viewings: list[str]) -> dict[str, tuple[int, int, int]]:
    """Progress row, number of reports and measure of the union, for those viewings that are live.

    Unions only grow, so one of the same measure is the same.
    """
    found: dict[str, tuple[int, int, int]] = {}
    for start in range(0, len(viewings), _CHUNK):
        names = viewings[start : start + _CHUNK]
        statement = _SELECT_AS_READ.format(", ".join(["%s" if is_postgres() else "?"] * len(names)))
        found.update((row[0], tuple(row[1:])) for row in db.execute_sql(statement, names).fetchall())
    return found


def _write(changes: list[Change]) -> None:
    """Raises :class:`_Outdated` when one of them found other than what it was made of."""
    viewings, progress, moved = [], [], []
    for change in changes:
        stored, state, at = change.stored, change.state, _moment(change.at_ms)
        seen = _text(state.seen)
        own = seen if state.own is state.seen else _text(state.own)
        viewings.append(
            (state.budget_ms, state.filled_ms, state.last_seq, own, state.refused_ms, at, change.reports,
             change.claims.viewing_id, stored.reports, state.is_live)
        )  # fmt: skip
        progress.append((seen, change.seen_ms, state.position_ms, stored.progress_id, stored.seen_ms))
        if change.moves_up:
            moved.append((at, stored.progress_id))
    if not changes:
        return
    if _execute_many(_UPDATE_VIEWING, viewings) + _execute_many(_UPDATE_PROGRESS, progress) < 2 * len(changes):
        raise _Outdated
    if moved:
        _execute_many(_MOVE_UP, moved)


def _finish(progress_id: int, now: datetime, settings: Settings) -> LedgerEntry | None:
    progress = Progress.get_by_id(progress_id)
    lesson = lesson_of_version(progress.version_id)
    rule = hours.rule_of_person(progress.person_id, clock.local_year(now), settings)
    return finish_lesson(
        progress, lesson, by="viewing", source=ONLINE, rule=rule.stamp,
        centihours=lesson_centihours(rule, lesson.hours_ms, is_required=lesson.is_required),
        evidence=_evidence(progress, lesson), at=now, now=now,
    )  # fmt: skip


def _evidence(progress: Progress, lesson: StudyLesson) -> dict[str, Any]:
    """What was seen when: the union, and what each viewing added to it, by the server's clock."""
    viewings = (
        Viewing.select()
        .where((Viewing.person == progress.person_id) & (Viewing.version == progress.version_id))
        .order_by(Viewing.opened_at)
    )
    return {
        "kind": lesson.kind,
        "version": progress.version_id,
        "length_ms": progress.length_ms,
        "needed_ms": progress.needed_ms,
        "seen_ms": progress.seen_ms,
        "seen": progress.seen,
        "viewings": [
            {
                "id": viewing.id,
                "opened_at": viewing.opened_at.isoformat(),
                "last_report_at": viewing.reported_at.isoformat(),
                "device": viewing.device,
                "added": viewing.seen,
            }
            for viewing in viewings
            if viewing.seen
        ],
    }


def _moment(ms: int) -> str:
    """An instant as the database holds it."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03}000"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    # A batch holds thousands of instants of the same few seconds.
    return clock.at_ms(seconds * 1000).replace(tzinfo=None).isoformat(" ", "seconds")


def _pieces(text: str) -> intervals.Intervals:
    return tuple((start, end) for start, end in json.loads(text))


def _text(pieces: intervals.Intervals) -> str:
    if len(pieces) == 1:  # nearly every viewing
        return f"[[{pieces[0][0]},{pieces[0][1]}]]"
    return f"[{','.join([f'[{start},{end}]' for start, end in pieces])}]"
