"""The words for what the audit trail calls by a code: each feature names its own actions when it registers."""

from __future__ import annotations

from collections.abc import Mapping

from learnhub.design.i18n import LazyText

ACTIONS: dict[str, LazyText | str] = {}
"""``account.signed_in`` → "Signed in"."""


def name_actions(words: Mapping[str, LazyText | str]) -> None:
    """Adds a feature's words: code of the action → what was done, in a few words."""
    ACTIONS.update(words)
