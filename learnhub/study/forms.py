"""What requests carry into study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

LAST_SECOND = 24 * 3600


def read_answers(form: MultiDict[str, str], questions: Sequence[dict[str, Any]]) -> list[list[int]]:
    """The chosen option indexes of each question, in the order in which the questions are stored."""
    return [
        [int(text) for text in form.getlist(f"q{index}") if text.isdecimal() and len(text) < 4]
        for index in range(len(questions))
    ]


def read_start(args: MultiDict[str, str]) -> int | None:
    """The second at which a player is to begin (``?t=95``), or None."""
    text = args.get("t", "")
    return min(int(text), LAST_SECOND) if text.isdecimal() and len(text) < 9 else None
