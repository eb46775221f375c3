"""What the server believes of a study report.

A report says which parts of a lesson were on screen since the last report that was answered as durable. The server
believes a part when its own clock leaves room for it: each viewing owns a bucket of milliseconds that the server's
clock fills at :data:`MAX_SPEED`; newly seen media time is paid from it. What was seen before costs nothing, so
rewinding, looping, seeking, pausing and sending a report twice are free.

- The bucket opens with what the person's previous viewing left, at most :data:`GRACE_MS` (network and clock jitter).
  Grace is never given per report or per viewing: a client that reports often would gain time.
- After an accepted report at most :data:`RESERVE_MS` stays in the bucket: what is handed in late is bounded by the time
  that passed for the server since the last accepted report, and by the minute that a report may be stuck on the line.
- What does not fit is not believed yet. The player keeps it and sends it again; nothing honest is lost.

Over everything that one person does: believed media time <= MAX_SPEED x time on the server's clock + GRACE_MS.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from learnhub.kernel.errors import Malformed
from learnhub.study.rules import intervals
from learnhub.study.rules.intervals import Intervals

MAX_SPEED = 2
"""The fastest speed of the player; media milliseconds per millisecond of the server's clock."""

GRACE_MS = 2_000
"""What a bucket may hold before the clock has filled it: jitter of network and clocks."""

RESERVE_MS = 60_000 * MAX_SPEED
"""What stays in a bucket after an accepted report: room for the next one when this one took a minute to arrive."""

END_SLACK_MS = 1_500
"""Players measure a stream's end up to a padded audio frame later than ffprobe; more than this is no lesson time."""

MAX_PIECES = 300
"""Intervals in one report; the player sends the rest with the next one."""

MAX_SEQ = 2**31 - 1
_FIELDS = {"token", "seq", "seen", "position_ms"}


class Report(msgspec.Struct, frozen=True, gc=False):
    """One report: ``seq`` counts up within a viewing, ``seen`` is media time not yet acknowledged as durable."""

    seq: int
    seen: Intervals
    position_ms: int


class ViewingState(msgspec.Struct, frozen=True, gc=False):
    """What must be known of a viewing to judge its next report; times of the clock in milliseconds since 1970.

    ``seen``: the union over all viewings of this person and lesson version. ``own``: what this viewing added to it.
    """

    length_ms: int
    budget_ms: int
    filled_ms: int
    is_live: bool = True
    last_seq: int = 0
    position_ms: int = 0
    seen: Intervals = ()
    own: Intervals = ()
    refused_ms: int = 0

    @property
    def seen_ms(self) -> int:
        """Milliseconds of the lesson that this person has seen."""
        return intervals.measure(self.seen)


def read_report(data: Any, length_ms: int) -> Report:
    """The report in a decoded JSON value. Raises Malformed with a ``study.report_…`` code.

    Only whole numbers count as numbers: no booleans, no fractions, nothing negative, nothing behind the end.
    """
    if not isinstance(data, dict) or not data.keys() <= _FIELDS:
        raise Malformed("study.report_shape")
    seq, pieces, position = data.get("seq"), data.get("seen"), data.get("position_ms", 0)
    if not _is_whole(seq, MAX_SEQ) or not isinstance(pieces, list):
        raise Malformed("study.report_shape")
    if len(pieces) > MAX_PIECES:
        raise Malformed("study.report_pieces", limit=MAX_PIECES)
    for piece in pieces:
        if not isinstance(piece, list) or len(piece) != 2 or not (_is_whole(piece[0]) and _is_whole(piece[1])):
            raise Malformed("study.report_numbers")
    if not _is_whole(position):
        raise Malformed("study.report_numbers")
    return report_of(seq, pieces, position, length_ms)


def report_of(seq: int, pieces: Sequence[Sequence[int]], position_ms: int, length_ms: int) -> Report:
    """The report with these whole numbers, cut at the end of the lesson. Raises Malformed."""
    last = length_ms + END_SLACK_MS
    for start, end in pieces:
        if start >= end:
            raise Malformed("study.report_order")
        if end > last:
            raise Malformed("study.report_beyond_end")
    if position_ms > last:
        raise Malformed("study.report_beyond_end")
    return Report(seq, intervals.below(intervals.normal(pieces), length_ms), min(position_ms, length_ms))


def _is_whole(value: Any, limit: int | None = None) -> bool:
    return type(value) is int and value >= 0 and (limit is None or value <= limit)


def opening_balance(left_ms: int, idle_ms: int) -> tuple[int, int]:
    """The opening balance of a new viewing, and what of the previous one's bucket stays for its late reports.

    ``left_ms``: what the previous bucket held at its end; ``idle_ms``: clock time from that end to the new opening.
    """
    by_clock = max(0, idle_ms) * MAX_SPEED
    opening = min(GRACE_MS, left_ms + by_clock)
    return opening, left_ms - max(0, opening - by_clock)


def filled(state: ViewingState, now_ms: int) -> ViewingState:
    """The bucket after the clock has filled it up to ``now_ms``."""
    gained = _gained(state, now_ms)
    return replace(state, budget_ms=state.budget_ms + gained, filled_ms=now_ms) if gained else state


def _gained(state: ViewingState, now_ms: int) -> int:
    """What the clock has added to a bucket; nothing to that of an ended viewing.

    A clock that is set back fills nothing until it is where it was; one that jumps forward fills as if time had passed.
    """
    return (now_ms - state.filled_ms) * MAX_SPEED if state.is_live and now_ms > state.filled_ms else 0


def go_on(
    state: ViewingState, seq: int, start: int, end: int, position_ms: int, now_ms: int
) -> tuple[int, ViewingState] | None:
    """:func:`accept` in one step for what nearly every report is: one piece that goes on with what was seen last.

    None for any other report, and for one that is not believed whole.
    """
    seen, own = state.seen, state.own
    if not seen or not own or seq <= state.last_seq or not state.is_live or now_ms <= state.filled_ms:
        return None
    begun, upto = seen[-1]
    if not begun <= start <= upto < end <= state.length_ms or position_ms > state.length_ms or own[-1][1] != upto:
        return None
    paid = end - upto
    budget = state.budget_ms + (now_ms - state.filled_ms) * MAX_SPEED - paid
    if budget < 0:
        return None
    grown = (*seen[:-1], (begun, end))
    own = grown if own is seen else (*own[:-1], (own[-1][0], end))
    left = budget if budget < RESERVE_MS else RESERVE_MS
    return paid, ViewingState(
        state.length_ms, left, now_ms, True, seq, position_ms, grown, own, state.refused_ms
    )  # fmt: skip


def accept(report: Report, state: ViewingState, now_ms: int) -> tuple[int, ViewingState]:
    """How many milliseconds are newly believed, and the state after it. Repeating or reordering reports changes nothing.

    The position follows the highest sequence number, so that a late report does not move the place to resume from.
    """
    gained = _gained(state, now_ms)
    budget, filled_ms = state.budget_ms + gained, now_ms if gained else state.filled_ms
    seen, own, refused, last_seq, position = state.seen, state.own, state.refused_ms, state.last_seq, state.position_ms
    is_newest, paid = report.seq > last_seq, 0
    fresh = intervals.without(report.seen, seen)
    if fresh:
        believed = intervals.first(fresh, budget)
        paid = intervals.measure(believed)
        if is_newest and believed is not fresh:
            refused += intervals.measure(fresh) - paid
        is_first = own is seen  # nothing of this lesson version was seen in another viewing
        seen = intervals.union(seen, believed)
        own = seen if is_first else intervals.union(own, believed)
    if is_newest:
        last_seq, position = report.seq, report.position_ms
    if is_newest or paid:
        budget = min(budget - paid, RESERVE_MS)
    return paid, ViewingState(state.length_ms, budget, filled_ms, state.is_live, last_seq, position, seen, own, refused)
