"""The business acts of the catalogue: each is one transaction."""

from __future__ import annotations

from learnhub.catalog.actions.from_media import add_media_lesson, replace_media, usable_asset
from learnhub.catalog.actions.measuring import note_captions, note_prepared
from learnhub.catalog.actions.publishing import Published, publish_course, publish_folder
from learnhub.catalog.actions.reviewing import review_folder
from learnhub.catalog.actions.shelves import set_categories
from learnhub.catalog.actions.withdrawing import restore_course, withdraw_course

__all__ = [
    "Published",
    "add_media_lesson",
    "note_captions",
    "note_prepared",
    "publish_course",
    "publish_folder",
    "replace_media",
    "restore_course",
    "review_folder",
    "set_categories",
    "usable_asset",
    "withdraw_course",
]
