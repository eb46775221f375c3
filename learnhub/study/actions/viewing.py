"""Opening a lesson, and the reports that follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from learnhub.catalog import queries as catalog
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import after_commit, transaction
from learnhub.kernel.errors import Invalid, NotFound
from learnhub.kernel.ids import new_id
from learnhub.media.queries import why_not_shown
from learnhub.org.scope import Actor
from learnhub.study import hours, ledger
from learnhub.study.actions import storing
from learnhub.study.actions.finishing import progress_of
from learnhub.study.actions.folding import forget, settle
from learnhub.study.actions.storing import Answer, Claims
from learnhub.study.actions.tokens import make_token, read_token
from learnhub.study.lessons import StudyLesson, by_rule, study_lesson
from learnhub.study.models import Progress, Viewing
from learnhub.study.rules import intervals, reports
from learnhub.study.rules.reports import ViewingState


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


def open_viewing(actor: Actor, lesson_id: int, *, device: str, now: datetime, settings: Settings) -> Opened:
    """Opens a lesson for watching or reading and takes over from whatever the person had open before.

    Raises NotFound ``study.no_lesson``, and ``media.not_found`` where the medium is withdrawn, has expired or is being
    prepared; Invalid ``study.nothing_to_watch`` for a test or a lesson without length.
    """
    row = catalog.lesson_for(actor, lesson_id)
    lesson = study_lesson(row)
    if lesson.length_ms == 0:
        raise Invalid("study.nothing_to_watch")
    if row.asset is not None and why_not_shown(row.asset, now):
        raise NotFound("media.not_found")
    lesson = by_rule(lesson, hours.rule_for(actor.unit_path, clock.local_year(now), settings).share)
    settle(actor.person_id)
    with transaction():
        ledger.lock_person(actor.person_id)
        budget = _take_over(actor.person_id, now)
        progress = progress_of(actor.person_id, lesson, now)
        viewing = Viewing.create(
            id=new_id(), person=actor.person_id, version=lesson.version_id, opened_at=now, reported_at=now,
            budget_ms=budget, filled_ms=clock.in_ms(now), seen=[], device=device[:200],
        )  # fmt: skip
    return _opened(viewing.id, actor.person_id, lesson, progress, now, settings)


def _take_over(person_id: int, now: datetime) -> int:
    """Ends the live viewing, if there is one, and returns the opening balance of the next."""
    last = Viewing.select().where(Viewing.person == person_id).order_by(Viewing.opened_at.desc()).first()
    if last is None:
        return reports.GRACE_MS
    state = reports.filled(_bucket_of(last), clock.in_ms(now))
    opening, left = reports.opening_balance(state.budget_ms, clock.in_ms(now) - state.filled_ms)
    ending = {"ended_at": now, "ended_by": "takeover"} if last.ended_at is None else {}
    after_commit(lambda: forget(person_id, last.id))
    Viewing.update(budget_ms=left, filled_ms=state.filled_ms, **ending).where(Viewing.id == last.id).execute()
    return opening


def _bucket_of(viewing: Viewing) -> ViewingState:
    return ViewingState(0, viewing.budget_ms, viewing.filled_ms, is_live=viewing.ended_at is None)


def _opened(
    viewing_id: str, person_id: int, lesson: StudyLesson, progress: Progress, now: datetime, settings: Settings
) -> Opened:
    claims = Claims(viewing_id, person_id, progress.length_ms, progress.needed_ms)
    return Opened(
        token=make_token(claims, key=settings.token_key, now=now),
        viewing_id=viewing_id, length_ms=progress.length_ms, needed_ms=progress.needed_ms,
        seen=tuple((start, end) for start, end in progress.seen), seen_ms=progress.seen_ms,
        position_ms=progress.position_ms, is_done=progress.done_at is not None, next_s=settings.beat_seconds,
    )  # fmt: skip


def record_report(data: Any, *, now: datetime, settings: Settings) -> Answer:
    """Takes one report by itself; durable when it returns.

    Raises Forbidden, Malformed (rules.reports.read_report) or NotFound ``study.no_viewing``.
    """
    claims = read_token(data.get("token") if isinstance(data, dict) else None, key=settings.token_key, now=now)
    return storing.store_report(claims, reports.read_report(data, claims.length_ms), now=now, settings=settings)
