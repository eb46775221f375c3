"""Course folders: the only module that opens ``courses/``.

``read_course_folder(path, categories)`` gives a :class:`CourseFolder`, or raises :class:`BadCourseFolder` with every
problem that was found, each with file, line, code and parameters. Nothing outside the folder is ever read: a path with
``..``, an absolute path or a link is a problem. The format is described in ``docs/guide/course-format.md``.
"""

from __future__ import annotations

from learnhub.catalog.course_folder.reading import (
    find_course_folders,
    peek_course,
    read_categories,
    read_course_folder,
    takes_time,
)
from learnhub.catalog.course_folder.shapes import (
    BadCourseFolder,
    CategoryLine,
    ChapterPart,
    CourseFolder,
    LessonPart,
    Mark,
    MediaPart,
    Problem,
    Question,
)

__all__ = [
    "BadCourseFolder",
    "CategoryLine",
    "ChapterPart",
    "CourseFolder",
    "LessonPart",
    "Mark",
    "MediaPart",
    "Problem",
    "Question",
    "find_course_folders",
    "peek_course",
    "read_categories",
    "read_course_folder",
    "takes_time",
]
