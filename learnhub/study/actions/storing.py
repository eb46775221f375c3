"""What a report changes in the database: a viewing, the person's progress and, when enough was seen, the hours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from learnhub.config import Settings
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


class Answer(NamedTuple):
    """What the server holds after a report.

    ``durable``: all that the report of this viewing with this sequence number carried is on disk; it may be an earlier
    one than the report that is answered. None: of no report is that known; what was sent should be sent again.
    ``state``: live, or elsewhere when the person opened a lesson in another place.
    """

    durable: int | None
    seen_ms: int
    share: float
    done: bool
    next_s: int
    state: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; the server signed it when the lesson was opened."""

    viewing_id: str
    person_id: int
    length_ms: int
    needed_ms: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A viewing as the database holds it. ``reports`` grows with every write, so it names the state that was read."""

    progress_id: int
    is_done: bool
    reports: int
    state: ViewingState

    @property
    def read_as(self) -> tuple[int, int, int]:
        """Equal as long as nobody wrote: unions only grow, so one of the same measure is the same."""
        return self.progress_id, self.reports, self.state.seen_ms


@dataclass(frozen=True, slots=True)
class Change:
    """What several reports of one viewing made of ``stored``: to be written only if ``stored`` is still true."""

    claims: Claims
    stored: Stored
    state: ViewingState
    reports: int
    at: datetime


_SELECT = """
SELECT p.id, p.done_at, v.budget_ms, v.filled_ms, v.ended_at, v.last_seq, p.position_ms, p.seen, v.seen, v.refused_ms,
v.reports
FROM viewing v JOIN progress p ON p.person_id = v.person_id AND p.version_id = v.version_id
WHERE v.id = {0} AND v.person_id = {0}
"""
_UPDATE_VIEWING = """
UPDATE viewing SET budget_ms = {0}, filled_ms = {0}, last_seq = {0}, seen = {0}, refused_ms = {0}, reported_at = {0},
reports = reports + {0} WHERE id = {0}
"""
_UPDATE_PROGRESS = "UPDATE progress SET seen = {0}, seen_ms = {0}, position_ms = {0}, changed_at = {0} WHERE id = {0}"
_SELECT_AS_READ = """
SELECT v.id, p.id, v.reports, p.seen_ms
FROM viewing v JOIN progress p ON p.person_id = v.person_id AND p.version_id = v.version_id
WHERE v.ended_at IS NULL AND v.id IN ({0})
"""
_TRY_LOCK = "SELECT person FROM unnest({0}::integer[]) person WHERE pg_try_advisory_xact_lock({0}, person)"


def _dialect(statement: str) -> str:
    return statement.format("%s" if is_postgres() else "?")


def _execute(statement: str, *values: Any) -> Any:
    # Statements by hand: this is the one path that every learner's browser takes every few seconds.
    return db.execute_sql(_dialect(statement), values)


def load(claims: Claims) -> Stored:
    """The viewing of a token. Raises NotFound ``study.no_viewing``. One statement."""
    row = _execute(_SELECT, claims.viewing_id, claims.person_id).fetchone()
    if row is None:
        raise NotFound("study.no_viewing")
    progress_id, done_at, budget, filled, ended_at, last_seq, position, seen, own, refused, count = row
    state = ViewingState(
        length_ms=claims.length_ms, budget_ms=budget, filled_ms=filled, is_live=ended_at is None, last_seq=last_seq,
        position_ms=position, seen=_pieces(seen), own=_pieces(own), refused_ms=refused,
    )  # fmt: skip
    return Stored(progress_id, done_at is not None, count, state)


def store_report(claims: Claims, report: Report, *, now: datetime, settings: Settings) -> Answer:
    """Takes one report in one transaction, durable when it returns; writes the hours when enough was seen.

    The same three statements whatever the size of the catalogue (four on PostgreSQL). Raises NotFound
    ``study.no_viewing``.
    """
    with transaction():
        ledger.lock_person(claims.person_id)
        stored = load(claims)
        believed, state = reports.accept(report, stored.state, in_ms(now))
        if believed or state.last_seq != stored.state.last_seq:
            _write([Change(claims, stored, state, 1, now)])
        if not stored.is_done and completion.is_done(state.seen_ms, claims.needed_ms):
            _finish(stored.progress_id, now, settings)
    whole = not intervals.without(report.seen, state.seen)
    return Answer(
        durable=report.seq if whole else None, seen_ms=state.seen_ms, share=state.seen_ms / claims.length_ms,
        done=stored.is_done or completion.is_done(state.seen_ms, claims.needed_ms), next_s=settings.beat_seconds,
        state=LIVE if state.is_live else ELSEWHERE,
    )  # fmt: skip


def store_changes(changes: list[Change]) -> tuple[list[Change], list[Change]]:
    """Writes many viewings in one transaction; returns those that were written and those that must wait.

    What is in neither list was made of a state that is true no more: another process wrote the viewing, another
    viewing of the person added to the union, or a takeover ended it. Such a change is not written, else something would
    be paid twice from a bucket or taken out of a union. On PostgreSQL a person whom another transaction is writing
    waits for the next time instead of holding up everybody.
    """
    with transaction():
        free = _try_lock(changes)
        ready = [change for change in changes if change.claims.person_id in free]
        waiting = [change for change in changes if change.claims.person_id not in free]
        present = _as_read([change.claims.viewing_id for change in ready])
        written = [change for change in ready if present.get(change.claims.viewing_id) == change.stored.read_as]
        if written:
            _write(written)
    return written, waiting


def _try_lock(changes: list[Change]) -> set[int]:
    people = {change.claims.person_id for change in changes}
    if not is_postgres():
        return people  # the transaction holds the only write lock
    return {person for (person,) in _execute(_TRY_LOCK, sorted(people), ledger.LOCK).fetchall()}


def _as_read(viewings: list[str]) -> dict[str, tuple[int, int, int]]:
    """What :attr:`Stored.read_as` would be now, for those viewings that are live."""
    found: dict[str, tuple[int, int, int]] = {}
    for start in range(0, len(viewings), _CHUNK):
        names = viewings[start : start + _CHUNK]
        statement = _SELECT_AS_READ.format(", ".join(["%s" if is_postgres() else "?"] * len(names)))
        found.update((row[0], tuple(row[1:])) for row in db.execute_sql(statement, names).fetchall())
    return found


def _write(changes: Iterable[Change]) -> None:
    viewings, progress = [], []
    for change in changes:
        state = change.state
        at = change.at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        viewings.append(
            (state.budget_ms, state.filled_ms, state.last_seq, _text(state.own), state.refused_ms, at, change.reports,
             change.claims.viewing_id)
        )  # fmt: skip
        progress.append((_text(state.seen), state.seen_ms, state.position_ms, at, change.stored.progress_id))
    if len(viewings) == 1:
        _execute(_UPDATE_VIEWING, *viewings[0])
        _execute(_UPDATE_PROGRESS, *progress[0])
    else:
        db.cursor().executemany(_dialect(_UPDATE_VIEWING), viewings)
        db.cursor().executemany(_dialect(_UPDATE_PROGRESS), progress)


def _finish(progress_id: int, now: datetime, settings: Settings) -> LedgerEntry | None:
    progress = Progress.get_by_id(progress_id)
    lesson = lesson_of_version(progress.version_id)
    rule = hours.rule_named(settings.hours_rule)
    return finish_lesson(
        progress, lesson, by="viewing", source=ONLINE, centihours=lesson_centihours(rule, lesson.hours_ms),
        rule=rule.code, evidence=_evidence(progress, lesson), at=now, now=now,
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


def in_ms(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return int(instant.timestamp() * 1000)


def _pieces(text: str) -> intervals.Intervals:
    return tuple((start, end) for start, end in json.loads(text))


def _text(pieces: intervals.Intervals) -> str:
    return f"[{','.join([f'[{start},{end}]' for start, end in pieces])}]"
