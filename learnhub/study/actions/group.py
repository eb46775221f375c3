"""Hours for a lesson that was shown to a group at a station."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.study import hours, ledger
from learnhub.study.actions.finishing import finish_lesson, progress_of
from learnhub.study.lessons import lesson_shown
from learnhub.study.models import LedgerEntry
from learnhub.study.rules.hours import GROUP, lesson_centihours


def credit_group_viewing(
    person_id: int, lesson_id: int, session_id: int, *, held_at: datetime, now: datetime, settings: Settings,
    evidence: dict[str, Any] | None = None,
) -> LedgerEntry | None:  # fmt: skip
    """Credits a person who was present when a session showed a lesson; the caller has checked that the actor may.

    ``held_at`` (the session's end) decides the year; ``evidence``: what else proves it (station, host, status), plain
    values. Returns None when the lesson gave hours in that year already, on line or in a group, and for a test.
    Raises NotFound ``study.no_lesson``. Joins the caller's transaction.
    """
    lesson = lesson_shown(lesson_id)
    if lesson.length_ms == 0:
        return None
    rule = hours.rule_of_person(person_id, clock.local_year(held_at), settings)
    with transaction():
        ledger.lock_person(person_id)
        progress = progress_of(person_id, lesson, now)
        proof = {
            "session": session_id,
            "version": lesson.version_id,
            "held_at": held_at.isoformat(),
            **(evidence or {}),
        }
        return finish_lesson(
            progress, lesson, by="group", source=GROUP, centihours=lesson_centihours(rule, lesson.hours_ms, is_required=lesson.is_required),
            rule=rule.stamp, evidence=proof, at=held_at, now=now,
        )  # fmt: skip
