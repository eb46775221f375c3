"""The chain of one person's ledger entries: each carries the digest of the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from learnhub.kernel.signing import digest

START = "0" * 64
"""What the first entry of a chain names as the one before it."""

SEALED = (
    "number", "person", "year", "source", "is_required", "centihours", "credit_key", "course", "lesson", "rule",
    "evidence_digest", "previous_digest", "earned_at", "written_at",
)  # fmt: skip


def seal(entry: Mapping[str, Any]) -> str:
    """The digest of an entry given as plain values (``SEALED``); times as ISO text."""
    return digest([entry[name] for name in SEALED])


def faults(entries: Iterable[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """What is wrong with one person's entries in order of number, as (number, code).

    Codes: ``missing`` (a number is left out), ``order`` (does not follow the one before), ``altered`` (a value was
    changed), ``evidence`` (the evidence is not the one that was sealed).
    """
    found: list[tuple[int, str]] = []
    before, expected = START, 1
    for entry in entries:
        if entry["number"] != expected:
            found.append((expected, "missing"))
        elif entry["previous_digest"] != before:
            found.append((entry["number"], "order"))
        if digest(entry["evidence"]) != entry["evidence_digest"]:
            found.append((entry["number"], "evidence"))
        if seal(entry) != entry["digest"]:
            found.append((entry["number"], "altered"))
        before, expected = entry["digest"], entry["number"] + 1
    return found
