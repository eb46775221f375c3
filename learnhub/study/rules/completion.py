"""When a lesson is done.

"Seen" is the union of the media time that was played, in whole milliseconds, believed by :mod:`.reports`. A lesson is
done when what was seen reaches the course's share of its length (default 90 %), rounded up to the millisecond: 89.99 %
is not 90 %. What players cannot measure at the very end (a second, at most a twentieth) is never asked for, else a
share of 100 % could not be reached.

Text has a length too: reading at :data:`READING_CHARACTERS` a minute. It is scrolled, not played, but judged alike: the
share that was on screen, and no faster than the clock allows at twice that speed. It is read to the end: share 100 %.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

READING_CHARACTERS = 300
"""Characters a minute; the bucket fills at twice this speed, so the floor of time is 600 characters a minute."""

SHORTEST_READING_MS = 5_000
UNREAD_MS = 40_000
"""A document of which not even the pages are known is open for at least half of this. A page without text (a scan)
counts as 100 characters (catalog.rules.page_characters)."""

TIMED = ("video", "audio")
READ = ("text", "document")


def length_ms(kind: str, *, duration_ms: int | None, length_s: int, characters: int) -> int:
    """The length by which a lesson is judged, in milliseconds: playing time, or reading time of a text; 0 for a test."""
    if kind in TIMED:
        return duration_ms or length_s * 1000
    if kind not in READ:
        return 0
    if characters:
        return max(SHORTEST_READING_MS, characters * 60_000 // READING_CHARACTERS)
    return UNREAD_MS


def share_for(kind: str, course_share: float, rule_share: float = 0.0) -> float:
    """The share that is asked for: for what is played the course's or, where it asks for more, the rule's (``[lesson]
    share``); everything for what is read.

    >>> share_for("video", 0.8, 0.9), share_for("video", 0.9), share_for("text", 0.8, 0.9)
    (0.9, 0.9, 1.0)
    """
    return max(course_share, rule_share) if kind in TIMED else 1.0


def needed_ms(length: int, share: float) -> int:
    """How much of ``length`` milliseconds must be seen.

    >>> needed_ms(600_000, 0.9), needed_ms(10_001, 0.9), needed_ms(600_000, 1.0)
    (540000, 9001, 599000)
    """
    asked = int((Decimal(length) * Decimal(str(share))).to_integral_value(ROUND_CEILING))
    return min(asked, length - min(1000, length // 20))


def is_done(seen_ms: int, needed: int) -> bool:
    """True when enough was seen; a lesson without length is never done by looking at it."""
    return 0 < needed <= seen_ms
