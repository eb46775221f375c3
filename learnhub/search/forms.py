"""The address of a search read as values; what makes no sense counts as not said."""

from __future__ import annotations

from collections.abc import Mapping

from learnhub.search.queries import ANY, WHOLE, WORDS, Asked
from learnhub.search.rules import Kind


def read_asked(args: Mapping[str, str]) -> Asked:
    """``q``, ``kind``, ``category``, ``level``, ``page``, ``match`` of a search address; never refuses."""
    page = args.get("page", "1")
    return Asked(
        text=args.get("q", ""),
        kind=_one_of(args.get("kind", ""), list(Kind)),
        category=args.get("category", "")[:80],
        level=args.get("level", "")[:40],
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
        match=_one_of(args.get("match", ""), [WORDS, ANY]) or WHOLE,
    )


def _one_of(value: str, known: list[str] | list[Kind]) -> str:
    return value if value in [str(one) for one in known] else ""
