"""The business acts of the catalogue: each is one transaction."""

from __future__ import annotations

from learnhub.catalog.actions.measuring import note_prepared
from learnhub.catalog.actions.publishing import Published, publish_course, publish_folder
from learnhub.catalog.actions.reviewing import review_folder
from learnhub.catalog.actions.shelves import set_categories
from learnhub.catalog.actions.withdrawing import restore_course, withdraw_course

__all__ = [
    "Published",
    "note_prepared",
    "publish_course",
    "publish_folder",
    "restore_course",
    "review_folder",
    "set_categories",
    "withdraw_course",
]
