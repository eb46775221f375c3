"""The tree changes and the catalogue follows: whoever saw a course goes on seeing it, and somebody goes on caring for it.

Heard inside the transaction of the change. Moving a unit needs nothing: audiences name units, and people see what was
published to the units on the way down to their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from learnhub.catalog.models import Course, CourseAudience
from learnhub.kernel import events
from learnhub.org.events import UnitRetired, UnitsMerged, UnitSplit
from learnhub.org.models import Unit


def follow_merge(merged: UnitsMerged) -> None:
    """Courses of and for the unit that went are of and for the one that stays."""
    _publish_also(merged.gone_id, merged.kept_id)
    offered = CourseAudience.unit == merged.gone_id
    courses = {course for (course,) in CourseAudience.select(CourseAudience.course).where(offered).tuples()}
    CourseAudience.delete().where(offered).execute()
    _say_changed(courses | _hand_on(merged.gone_id, merged.kept_id))


def follow_split(split: UnitSplit) -> None:
    """What was published to the unit is published to its part too; the unit goes on caring for its courses."""
    _say_changed(_publish_also(split.unit_id, split.part_id))


def follow_retirement(retired: UnitRetired) -> None:
    """Courses of a unit that ended are cared for by the unit above it; a root's stay where they are."""
    if retired.parent_id is not None:
        _say_changed(_hand_on(retired.unit_id, retired.parent_id))


def _publish_also(unit_id: int, other_id: int) -> set[int]:
    """Publishes to ``other_id`` what is published to ``unit_id``; returns the courses."""
    there = CourseAudience.select(CourseAudience.course).where(CourseAudience.unit == other_id)
    missing = CourseAudience.select(CourseAudience.course).where(
        (CourseAudience.unit == unit_id) & CourseAudience.course.not_in(there)
    )
    courses = [course for (course,) in missing.tuples()]
    for course in courses:
        CourseAudience.create(course=course, unit=other_id)
    return set(courses)


def _hand_on(unit_id: int, heir_id: int) -> set[int]:
    """Gives the courses of one unit to another, whose level becomes theirs; returns them."""
    own = Course.unit == unit_id
    courses = {course for (course,) in Course.select(Course.id).where(own).tuples()}
    level = Unit.select(Unit.level).where(Unit.id == heir_id).scalar()
    Course.update(unit=heir_id, level=level).where(own).execute()
    return courses


def _say_changed(courses: Iterable[int]) -> None:
    for course in sorted(courses):
        events.publish(events.DocumentChanged("course", str(course)))
