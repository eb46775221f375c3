"""The words of search: refusals, kinds of texts."""

from __future__ import annotations

from learnhub.design.i18n import _l
from learnhub.search.rules import Kind

WORDS = {
    "search.index_busy": _l(
        "The search index is being written by another process. Nothing was changed; try again in a moment."
    ),
}

ALL = _l("All")

KINDS = {
    Kind.COURSE: _l("Courses"),
    Kind.LESSON: _l("Lessons"),
    Kind.CAPTION: _l("Said in videos"),
    Kind.DOCUMENT: _l("Documents"),
}

KIND_OF_ONE = {
    Kind.COURSE: _l("Course"),
    Kind.LESSON: _l("Lesson"),
    Kind.CAPTION: _l("Said in a video"),
    Kind.DOCUMENT: _l("Document"),
}
