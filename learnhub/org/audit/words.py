"""The words for what the audit trail calls by a code: each feature names its own actions when it registers."""

from __future__ import annotations

from collections.abc import Mapping

from learnhub.design.i18n import LazyText

ACTIONS: dict[str, LazyText | str] = {}
"""``account.signed_in`` → "Signed in"."""


def name_actions(words: Mapping[str, LazyText | str]) -> None:
    """Adds a feature's words: code of the action → what was done, in a few words."""
    ACTIONS.update(words)


PAGES: dict[str, LazyText | str] = {}
"""``org.show_person`` → "Page of a person": what was read, by the endpoint that answered."""


def name_pages(words: Mapping[str, LazyText | str]) -> None:
    """Adds a feature's words: endpoint → which page, list or file about people it is."""
    PAGES.update(words)
