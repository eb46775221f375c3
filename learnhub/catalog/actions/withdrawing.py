"""Taking a course away from everybody at once, and giving it back."""

from __future__ import annotations

from datetime import datetime

from learnhub.catalog.events import CourseRestored, CourseWithdrawn
from learnhub.catalog.models import Course
from learnhub.catalog.rules import LONGEST_REASON, State
from learnhub.kernel import events
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Invalid, NotFound
from learnhub.kernel.text import clean
from learnhub.org import audit
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, may, require


def withdraw_course(actor: Actor | None, course_id: int, reason: str, *, now: datetime) -> Course:
    """Withdraws a published course: nobody finds or opens it; what was earned with it stays.

    Raises NotFound, Forbidden ``org.not_allowed``, Conflict ``catalog.not_published``, Invalid ``catalog.reason_…``.
    """
    return _change(actor, course_id, reason, State.PUBLISHED, State.WITHDRAWN, now)


def restore_course(actor: Actor | None, course_id: int, reason: str, *, now: datetime) -> Course:
    """Offers a withdrawn course again, as it was. Raises like :func:`withdraw_course`."""
    return _change(actor, course_id, reason, State.WITHDRAWN, State.PUBLISHED, now)


def _change(actor: Actor | None, course_id: int, reason: str, before: State, after: State, now: datetime) -> Course:
    reason = _checked(reason)
    is_withdrawal = after is State.WITHDRAWN
    with transaction():
        course: Course | None = Course.select(Course, Unit).join(Unit).where(Course.id == course_id).first()
        if course is None or (actor is not None and not may(actor, "catalog.edit", course.unit.path)):
            raise NotFound("catalog.course_not_found")
        if actor is not None:
            require(actor, "catalog.publish", course.unit.path)
        changed = (
            Course.update(state=after, state_reason=reason if is_withdrawal else "", changed_at=now)
            .where((Course.id == course_id) & (Course.state == before))
            .execute()
        )
        if not changed:
            raise Conflict("catalog.not_published" if is_withdrawal else "catalog.not_withdrawn")
        action = "catalog.withdraw_course" if is_withdrawal else "catalog.restore_course"
        audit.record(
            actor,
            action,
            "course",
            course_id,
            unit_id=course.unit_id,
            now=now,
            reason=reason,
            before=before,
            after=after,
        )
        events.publish(CourseWithdrawn(course_id) if is_withdrawal else CourseRestored(course_id))
        events.publish(events.DocumentChanged("course", str(course_id)))
        return Course.get_by_id(course_id)


def _checked(reason: str) -> str:
    reason = clean(reason)
    if not reason:
        raise Invalid("catalog.reason_missing", fields={"reason": "catalog.reason_missing"})
    if len(reason) > LONGEST_REASON:
        raise Invalid("catalog.reason_too_long", fields={"reason": "catalog.reason_too_long"}, longest=LONGEST_REASON)
    return reason
