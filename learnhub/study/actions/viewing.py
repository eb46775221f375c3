"""Opening a lesson, and the reports that follow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from learnhub.config import Settings
from learnhub.kernel.db import db, is_postgres, transaction
from learnhub.kernel.errors import Forbidden, Invalid, Malformed, NotFound
from learnhub.kernel.ids import new_id
from learnhub.kernel.signing import read_signed, sign
from learnhub.org.scope import Actor
from learnhub.study import hours, ledger
from learnhub.study.actions.finishing import finish_lesson, progress_of
from learnhub.study.lessons import StudyLesson, lesson_for, lesson_of_version
from learnhub.study.models import LedgerEntry, Progress, Viewing
from learnhub.study.rules import completion, intervals, reports
from learnhub.study.rules.hours import ONLINE, lesson_centihours
from learnhub.study.rules.reports import ViewingState

TOKEN_LIFE = timedelta(days=3)
"""How long reports of a viewing may still be handed in after a line that was down."""

PURPOSE = "study.beat"
LIVE, ELSEWHERE = "live", "elsewhere"


@dataclass(frozen=True)
class Opened:
    """What a player needs to begin; lengths and positions in milliseconds."""

    token: str
    viewing_id: str
    length_ms: int
    needed_ms: int
    seen: intervals.Intervals
    seen_ms: int
    position_ms: int
    is_done: bool
    next_s: int


@dataclass(frozen=True)
class Answer:
    """What the server holds after a report.

    ``durable``: this sequence number and all that it carried is on disk; None: part of it was not believed yet and
    should be sent again. ``state``: live, or elsewhere when the person opened a lesson in another place.
    """

    durable: int | None
    seen_ms: int
    share: float
    done: bool
    next_s: int
    state: str


@dataclass(frozen=True)
class Claims:
    """What a token says; the server signed it when the lesson was opened."""

    viewing_id: str
    person_id: int
    length_ms: int
    needed_ms: int


def open_viewing(actor: Actor, lesson_id: int, *, device: str, now: datetime, settings: Settings) -> Opened:
    """Opens a lesson for watching or reading and takes over from whatever the person had open before.

    Raises NotFound ``study.no_lesson``, Invalid ``study.nothing_to_watch`` for a test or a lesson without length.
    """
    lesson = lesson_for(actor, lesson_id)
    if lesson.length_ms == 0:
        raise Invalid("study.nothing_to_watch")
    with transaction():
        ledger.lock_person(actor.person_id)
        budget = _take_over(actor.person_id, now)
        progress = progress_of(actor.person_id, lesson, now)
        viewing = Viewing.create(
            id=new_id(), person=actor.person_id, version=lesson.version_id, opened_at=now, reported_at=now,
            budget_ms=budget, filled_ms=_ms(now), seen=[], device=device[:200],
        )  # fmt: skip
    return _opened(viewing.id, actor.person_id, lesson, progress, now, settings)


def _take_over(person_id: int, now: datetime) -> int:
    """Ends the live viewing, if there is one, and returns the opening balance of the next."""
    last = Viewing.select().where(Viewing.person == person_id).order_by(Viewing.opened_at.desc()).first()
    if last is None:
        return reports.GRACE_MS
    state = reports.filled(_bucket_of(last), _ms(now))
    opening, left = reports.opening_balance(state.budget_ms, _ms(now) - state.filled_ms)
    ending = {"ended_at": now, "ended_by": "takeover"} if last.ended_at is None else {}
    Viewing.update(budget_ms=left, filled_ms=state.filled_ms, **ending).where(Viewing.id == last.id).execute()
    return opening


def _bucket_of(viewing: Viewing) -> ViewingState:
    return ViewingState(0, viewing.budget_ms, viewing.filled_ms, is_live=viewing.ended_at is None)


def _opened(
    viewing_id: str, person_id: int, lesson: StudyLesson, progress: Progress, now: datetime, settings: Settings
) -> Opened:
    claims = {"v": viewing_id, "p": person_id, "l": progress.length_ms, "n": progress.needed_ms}
    return Opened(
        token=sign(claims, purpose=PURPOSE, key=settings.token_key, expires=now + TOKEN_LIFE),
        viewing_id=viewing_id, length_ms=progress.length_ms, needed_ms=progress.needed_ms,
        seen=tuple((start, end) for start, end in progress.seen), seen_ms=progress.seen_ms,
        position_ms=progress.position_ms, is_done=progress.done_at is not None, next_s=settings.beat_seconds,
    )  # fmt: skip


def read_token(token: Any, *, key: str, now: datetime) -> Claims:
    """What a token claims. Raises Forbidden ``study.report_token`` when it is forged, damaged or too old."""
    if isinstance(token, str) and token.isascii() and len(token) < 1000:
        claims = read_signed(token, purpose=PURPOSE, key=key, now=now)
        if claims is not None:
            return Claims(claims["v"], claims["p"], claims["l"], claims["n"])
    raise Forbidden("study.report_token")


def record_report(data: Any, *, now: datetime, settings: Settings) -> Answer:
    """Takes one report, stores what is believed of it and, when enough was seen, writes the hours.

    The same three statements whatever the size of the catalogue (four on PostgreSQL); durable when it returns.
    Raises Forbidden, Malformed (rules.reports.read_report) or NotFound ``study.no_viewing``.
    """
    claims = read_token(data.get("token") if isinstance(data, dict) else None, key=settings.token_key, now=now)
    try:
        report = reports.read_report(data, claims.length_ms)
    except Malformed:
        Viewing.update(refusals=Viewing.refusals + 1).where(Viewing.id == claims.viewing_id).execute()
        raise
    with transaction():
        ledger.lock_person(claims.person_id)
        stored = _load(claims)
        believed, state = reports.accept(report, stored.state, _ms(now))
        _store(claims, stored, state, bool(believed), now)
        if not stored.is_done and completion.is_done(state.seen_ms, claims.needed_ms):
            _finish(stored.progress_id, now, settings)
    whole = not intervals.without(report.seen, state.seen)
    return Answer(
        durable=report.seq if whole else None, seen_ms=state.seen_ms, share=state.seen_ms / claims.length_ms,
        done=stored.is_done or completion.is_done(state.seen_ms, claims.needed_ms), next_s=settings.beat_seconds,
        state=LIVE if state.is_live else ELSEWHERE,
    )  # fmt: skip


@dataclass(frozen=True)
class _Stored:
    progress_id: int
    is_done: bool
    state: ViewingState


_SELECT = """
SELECT p.id, p.done_at, v.budget_ms, v.filled_ms, v.ended_at, v.last_seq, p.position_ms, p.seen, v.seen, v.refused_ms
FROM viewing v JOIN progress p ON p.person_id = v.person_id AND p.version_id = v.version_id
WHERE v.id = {0} AND v.person_id = {0}
"""
_UPDATE_VIEWING = """
UPDATE viewing SET budget_ms = {0}, filled_ms = {0}, last_seq = {0}, seen = {0}, refused_ms = {0}, reported_at = {0},
reports = reports + 1 WHERE id = {0}
"""
_UPDATE_PROGRESS = "UPDATE progress SET seen = {0}, seen_ms = {0}, position_ms = {0}, changed_at = {0} WHERE id = {0}"


def _execute(statement: str, *values: Any) -> Any:
    # Statements by hand: this is the one path that every learner's browser takes every few seconds.
    return db.execute_sql(statement.format("%s" if is_postgres() else "?"), values)


def _load(claims: Claims) -> _Stored:
    row = _execute(_SELECT, claims.viewing_id, claims.person_id).fetchone()
    if row is None:
        raise NotFound("study.no_viewing")
    progress_id, done_at, budget, filled, ended_at, last_seq, position, seen, own, refused = row
    state = ViewingState(
        length_ms=claims.length_ms, budget_ms=budget, filled_ms=filled, is_live=ended_at is None, last_seq=last_seq,
        position_ms=position, seen=_pieces(seen), own=_pieces(own), refused_ms=refused,
    )  # fmt: skip
    return _Stored(progress_id, done_at is not None, state)


def _store(claims: Claims, stored: _Stored, state: ViewingState, changed: bool, now: datetime) -> None:
    if state.last_seq == stored.state.last_seq and not changed:
        return
    at = now.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    _execute(
        _UPDATE_VIEWING,
        *(state.budget_ms, state.filled_ms, state.last_seq, _text(state.own), state.refused_ms, at, claims.viewing_id),
    )
    _execute(_UPDATE_PROGRESS, _text(state.seen), state.seen_ms, state.position_ms, at, stored.progress_id)


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


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _pieces(text: str) -> intervals.Intervals:
    return tuple((start, end) for start, end in json.loads(text))


def _text(pieces: intervals.Intervals) -> str:
    return json.dumps(pieces, separators=(",", ":"))
