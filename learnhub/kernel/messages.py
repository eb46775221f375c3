"""The words for refusal codes: each feature registers those of its own codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_words: dict[str, Any] = {}


def register(words: Mapping[str, Any]) -> None:
    """Adds translatable texts by code; placeholders are named as the refusal's parameters: ``%(name)s``."""
    _words.update(words)


def text_of(code: str, params: Mapping[str, Any]) -> str | None:
    """The sentence for a code in the language of the moment; None for a code without words of its own."""
    words = _words.get(code)
    if words is None:
        return None
    return str(words) % params if params else str(words)


def known_codes() -> frozenset[str]:
    """All codes that have words."""
    return frozenset(_words)
