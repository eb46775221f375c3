"""The business acts of the catalogue: each is one transaction."""

from __future__ import annotations

from learnhub.catalog.actions.from_media import add_media_lesson, replace_media, usable_asset
from learnhub.catalog.actions.measuring import note_captions, note_prepared
from learnhub.catalog.actions.proposing import (
    approve_proposal,
    obstacle_to,
    put_up_addition,
    put_up_replacement,
    refuse_proposal,
    take_back_proposal,
)
from learnhub.catalog.actions.publishing import Published, ask_to_publish, publish_course, publish_folder
from learnhub.catalog.actions.reviewing import review_folder
from learnhub.catalog.actions.shelves import set_categories
from learnhub.catalog.actions.withdrawing import restore_course, withdraw_course

__all__ = [
    "Published",
    "add_media_lesson",
    "approve_proposal",
    "ask_to_publish",
    "note_captions",
    "note_prepared",
    "obstacle_to",
    "publish_course",
    "publish_folder",
    "put_up_addition",
    "put_up_replacement",
    "refuse_proposal",
    "replace_media",
    "restore_course",
    "review_folder",
    "set_categories",
    "take_back_proposal",
    "usable_asset",
    "withdraw_course",
]
