"""Reads of the catalogue, always for an actor: a course is seen by the people below a unit of its audience."""

from __future__ import annotations

from learnhub.catalog.queries.cards import CourseCard, CourseFilters, list_cards, list_categories, list_courses
from learnhub.catalog.queries.editing import (
    EditedCourse,
    count_by_state,
    count_waiting_media,
    list_audience,
    list_edited_courses,
    list_preparations,
)
from learnhub.catalog.queries.folders import (
    FolderLine,
    find_publishing,
    get_folder_path,
    list_folders,
    list_reviews,
    places_of,
    verdicts_on,
)
from learnhub.catalog.queries.proposals import get_proposal, list_open_proposals, list_proposals_of, shown_now
from learnhub.catalog.queries.single import (
    OutlineChapter,
    OutlineLesson,
    course_for,
    edited_course_for,
    edited_recording_for,
    find_course_by_code,
    lesson_for,
    outline,
    visible_to,
)

__all__ = [
    "CourseCard",
    "CourseFilters",
    "EditedCourse",
    "FolderLine",
    "OutlineChapter",
    "OutlineLesson",
    "count_by_state",
    "count_waiting_media",
    "course_for",
    "edited_course_for",
    "edited_recording_for",
    "find_course_by_code",
    "find_publishing",
    "get_folder_path",
    "get_proposal",
    "lesson_for",
    "list_audience",
    "list_cards",
    "list_categories",
    "list_courses",
    "list_edited_courses",
    "list_folders",
    "list_open_proposals",
    "list_proposals_of",
    "list_reviews",
    "list_preparations",
    "outline",
    "places_of",
    "shown_now",
    "verdicts_on",
    "visible_to",
]
