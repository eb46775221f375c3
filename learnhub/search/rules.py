"""Pure decisions of search: kinds, who may see a text, which unfound queries may be kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

MISS_LENGTH = 60
_NUMBER_OF_SOMEBODY = re.compile(r"\d{6,}")


class Kind(StrEnum):
    """What a text is; the order is that of the filter on the page."""

    COURSE = "course"
    LESSON = "lesson"
    CAPTION = "caption"
    DOCUMENT = "document"


def may_see(unit_ids: Collection[int], visible: Collection[int]) -> bool:
    """A text is seen by those for whom one of the units that it is published to is visible."""
    return any(unit_id in visible for unit_id in unit_ids)


def visible_units(
    own_units: Iterable[int], roots: Iterable[str], paths: Mapping[int, str], indexed: Iterable[int]
) -> frozenset[int]:
    """The units whose publications a person sees: those above and at the own unit, and those under ``roots``.

    ``roots``: paths of the subtrees that the person edits; ``paths``: the present path of each ``indexed`` unit.
    """
    managed = {unit for unit in indexed if any(paths.get(unit, "").startswith(root) for root in roots)}
    return frozenset(own_units) | managed


def is_kept(query: str) -> bool:
    """Whether a query that found nothing may be kept: short, and without what may be somebody's number."""
    return 0 < len(query) <= MISS_LENGTH and not _NUMBER_OF_SOMEBODY.search(query)
