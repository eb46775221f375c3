"""Recordings, documents and timed text: upload, look through, transcode, deliver.

Tables: Asset (one per content), Rendition (what was made of it), Caption and CaptionVersion. Events: AssetReady, AssetRefused,
CaptionsChanged. Jobs: ``media.prepare``, ``media.drop_renditions``. Files lie in the media folder, which only ``store`` opens; ``delivery`` gives
out signed addresses below ``/m/``. Other features use ``actions``, ``queries``, ``delivery`` and ``upkeep``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask


def register(app: Flask) -> None:
    """Puts the delivery path, the job and the words into the application."""
    from learnhub.design import navigation
    from learnhub.design.i18n import _l
    from learnhub.kernel import events, messages
    from learnhub.media import access, own_data, tasks
    from learnhub.media.messages import ACTION_WORDS, WORDS
    from learnhub.media.uploads import messages as upload_words
    from learnhub.media.uploads import shelf_views
    from learnhub.media.uploads import tasks as upload_tasks
    from learnhub.media.uploads import views as upload_views
    from learnhub.media.views import blueprint
    from learnhub.org import audit
    from learnhub.org.events import StandingChanged

    messages.register(WORDS | upload_words.WORDS)
    audit.name_actions(ACTION_WORDS | upload_words.ACTION_WORDS)
    events.subscribe(StandingChanged, access.follow_standing)
    tasks.register(app.extensions["learnhub_settings"])
    upload_tasks.register(app.extensions["learnhub_settings"])
    upload_views.register(app)
    settings = app.extensions["learnhub_settings"]
    if settings.s3_bucket and (away := urlsplit(settings.s3_public_endpoint or settings.s3_endpoint)).netloc:
        app.config["MEDIA_ORIGIN"] = f"{away.scheme}://{away.netloc}"
    own_data.register()
    app.register_blueprint(shelf_views.blueprint)
    navigation.add_item("media", _l("Media"), "shelf.list_media", "catalog.edit", order=61, icon="upload")
    app.register_blueprint(blueprint)
