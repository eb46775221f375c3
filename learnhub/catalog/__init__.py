"""Courses, their lessons and versions: authored folders, publishing, who sees what.

A course is authored as a folder (``course_folder`` reads it, and is the only module that opens ``courses/``) and
published as a whole; a lesson that changed gets a new version, one that left is retired. A course is seen by the people
below the units of its audience. Tables: Category, Course, CourseAudience, Chapter, Lesson, LessonVersion, FolderReview,
MediaProposal. Events:
CoursePublished, CourseWithdrawn, CourseRestored and, for search, DocumentChanged. Hears: AssetReady. Other features use
``queries``, ``actions``, ``rules``, ``models``; ``search_documents`` gives what can be found, ``hours`` is told what a
course is worth. Decisions: docs/decisions/0050 to 0052.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Puts the catalogue, the editor's pages, their menu entries and the words into the application."""
    from learnhub.catalog import caption_views, media_views, own_data, proposal_views, tasks, views
    from learnhub.catalog.messages import ACTION_WORDS, WORDS
    from learnhub.catalog.queries.uses import uses_of_assets
    from learnhub.design import navigation
    from learnhub.design.i18n import _l
    from learnhub.kernel import messages
    from learnhub.media.uploads import shelf
    from learnhub.org import audit

    messages.register(WORDS)
    audit.name_actions(ACTION_WORDS)
    tasks.register(app.extensions["learnhub_settings"])
    app.register_blueprint(views.blueprint)
    app.register_blueprint(media_views.blueprint)
    app.register_blueprint(proposal_views.blueprint)
    own_data.register()
    shelf.find_uses_by(uses_of_assets)
    app.register_blueprint(caption_views.blueprint)
    navigation.add_item("courses", _l("Courses"), "catalog.list_courses", "catalog.browse", order=20, icon="course")
    navigation.add_item(
        "reviewing", _l("Review courses"), "catalog.reviewing", "catalog.review", order=62, icon="check"
    )
    navigation.add_item("editing", _l("Edit courses"), "catalog.editing", "catalog.edit", order=60, icon="edit")
