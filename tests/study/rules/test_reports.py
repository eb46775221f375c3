"""What is believed of reports: the table of traces at the level of the rules, and properties no script can break."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from learnhub.kernel.errors import Malformed
from learnhub.study.rules import completion, intervals, reports
from learnhub.study.rules.reports import GRACE_MS, MAX_SPEED, RESERVE_MS, ViewingState
from tests.study.traces import LENGTH_MS, Pieces, Trace, read_traces, run


class RulesServer:
    """The server's side of a trace made of the pure rules alone: one person, any number of viewings."""

    def __init__(self, length_ms: int = LENGTH_MS) -> None:
        self.length_ms = length_ms
        self.viewings: list[ViewingState] = []
        self.version_of: list[int] = []
        self.unions: list[intervals.Intervals] = [()]
        self.is_elsewhere = False

    @property
    def seen(self) -> intervals.Intervals:
        """What is believed of the first version."""
        return self.unions[0]

    def open(self, at_ms: int) -> str:
        budget = GRACE_MS
        if self.viewings:
            last = reports.filled(self.viewings[-1], at_ms)
            budget, left = reports.opening_balance(last.budget_ms, at_ms - last.filled_ms)
            self.viewings[-1] = replace(last, budget_ms=left, is_live=False)
        self.viewings.append(ViewingState(self.length_ms, budget, at_ms))
        self.version_of.append(len(self.unions) - 1)
        return str(len(self.viewings) - 1)

    def report(self, viewing: str, seq: int, seen: Pieces, position_ms: int, at_ms: int) -> int | None:
        place = int(viewing)
        version = self.version_of[place]
        state = replace(self.viewings[place], seen=self.unions[version])
        report = reports.report_of(seq, seen, position_ms, self.length_ms)
        _paid, self.viewings[place] = reports.accept(report, state, at_ms)
        self.unions[version] = self.viewings[place].seen
        self.is_elsewhere = not state.is_live
        return None if intervals.without(report.seen, self.unions[version]) else seq

    def new_version(self, at_ms: int) -> None:
        self.unions.append(())


@pytest.mark.parametrize("trace", [one for one in read_traces() if one.is_for_rules], ids=lambda trace: trace.name)
def test_a_trace_gets_exactly_the_credit_of_an_honest_reading(trace: Trace) -> None:
    server = RulesServer()
    run(trace, server)
    needed = completion.needed_ms(LENGTH_MS, completion.share_for(trace.kind, 0.9))
    assert intervals.measure(server.seen) == trace.seen_ms
    assert trace.seen_new_ms is None or intervals.measure(server.unions[1]) == trace.seen_new_ms
    is_done = any(completion.is_done(intervals.measure(union), needed) for union in server.unions)
    assert is_done is bool(trace.hours)


SPAN = st.tuples(st.integers(0, 120_000), st.integers(1, 60_000))


class ScriptedClient(RuleBasedStateMachine):
    """Anything a script can send, at any pace, in any number of viewings: never more than the clock allows."""

    @initialize()
    def begin(self) -> None:
        self.server = RulesServer(length_ms=180_000)
        self.at_ms = 1_000_000
        self.started = self.at_ms
        self.seq = 0
        self.sent: list[tuple[str, int, Pieces]] = []
        self.viewing = self.server.open(self.at_ms)

    @rule(ms=st.integers(0, 30_000))
    def time_passes(self, ms: int) -> None:
        self.at_ms += ms

    @rule(ms=st.integers(1, 90_000))
    def the_clock_is_set_back_and_put_right(self, ms: int) -> None:
        self.server.report(self.viewing, self.seq, [(0, 180_000)], 0, self.at_ms - ms)

    @rule()
    def open_again(self) -> None:
        self.viewing = self.server.open(self.at_ms)

    @rule(span=SPAN, late=st.integers(0, 3))
    def claim(self, span: tuple[int, int], late: int) -> None:
        start, length = span
        self.seq += 1
        place = max(0, len(self.server.viewings) - 1 - late)
        pieces = [(start, min(180_000, start + length))]
        self.sent.append((str(place), self.seq, pieces))
        self.server.report(str(place), self.seq, pieces, start, self.at_ms)

    @rule(chance=st.randoms(use_true_random=False))
    def repeat_something(self, chance: random.Random) -> None:
        if self.sent:
            viewing, seq, pieces = chance.choice(self.sent)
            self.server.report(viewing, seq, pieces, 0, self.at_ms)

    @invariant()
    def no_more_than_the_clock_allows(self) -> None:
        if hasattr(self, "server"):
            believed = intervals.measure(self.server.seen)
            assert believed <= MAX_SPEED * (self.at_ms - self.started) + GRACE_MS
            assert all(viewing.budget_ms >= 0 for viewing in self.server.viewings)


TestScriptedClient = ScriptedClient.TestCase
TestScriptedClient.settings = hypothesis_settings(max_examples=150, stateful_step_count=40, deadline=None)


@hypothesis_settings(max_examples=600, deadline=None)
@given(
    begun=st.lists(SPAN, min_size=1, max_size=3), more=st.lists(SPAN, max_size=2), piece=SPAN, budget=st.integers(0, 200_000),
    passed=st.integers(-2, 90_000), seq=st.integers(1, 3), position=st.integers(0, 190_000), is_live=st.booleans(),
    length=st.sampled_from([120_000, 180_000]), goes_on=st.integers(-3_000, 0) | st.none(),
)  # fmt: skip
def test_the_short_way_of_a_report_leads_to_the_same_or_is_not_taken(
    begun: Pieces, more: Pieces, piece: tuple[int, int], budget: int, passed: int, seq: int, position: int,
    is_live: bool, length: int, goes_on: int | None,
) -> None:  # fmt: skip
    own = intervals.normal([(start, start + size) for start, size in begun])
    seen = intervals.union(own, intervals.normal([(start, start + size) for start, size in more])) if more else own
    start = piece[0] if goes_on is None else max(0, seen[-1][1] + goes_on)
    end = start + piece[1]
    state = ViewingState(length, budget, 1_000_000, is_live, 1, 0, intervals.below(seen, length), own, 7)
    state = replace(state, own=state.seen) if own is seen else state
    short = reports.go_on(state, seq, start, end, position, 1_000_000 + passed)
    event("short" if short else "long")
    if short is not None:
        report = reports.report_of(seq, [(start, end)], position, length)
        assert short == reports.accept(report, state, 1_000_000 + passed)
        assert (short[1].own is short[1].seen) is (state.own is state.seen)


def test_order_and_repeats_do_not_change_what_an_honest_player_gets() -> None:
    chance = random.Random(7)
    for _round in range(200):
        server = RulesServer()
        viewing = server.open(0)
        arrivals = []
        for seq in range(1, 31):
            sent_at = seq * 10_000
            report = (seq, [(0, seq * 10_000)], seq * 10_000)  # cumulative: nothing was answered yet
            arrivals += [(sent_at + chance.randrange(60_000), *report) for _copy in range(chance.randint(1, 3))]
        for at_ms, seq, seen, position in sorted(arrivals, key=lambda arrival: arrival[0]):
            server.report(viewing, seq, seen, position, at_ms)
        assert server.seen == ((0, 300_000),)
        assert server.viewings[0].position_ms == 300_000


def test_grace_does_not_stack_with_the_number_of_reports() -> None:
    server = RulesServer()
    viewing = server.open(0)
    for seq in range(1, 1001):
        server.report(viewing, seq, [(0, LENGTH_MS)], 0, seq)  # a thousand reports within a second
    assert intervals.measure(server.seen) == GRACE_MS + MAX_SPEED * 1_000


def test_a_late_report_is_bounded_by_the_time_since_the_last_accepted_one() -> None:
    server = RulesServer()
    viewing = server.open(0)
    server.report(viewing, 1, [(0, 60_000)], 60_000, 3_600_000)
    server.report(viewing, 2, [(60_000, LENGTH_MS)], LENGTH_MS, 3_601_000)
    assert intervals.measure(server.seen) == 60_000 + RESERVE_MS + MAX_SPEED * 1_000


def test_an_ended_viewing_fills_no_more_but_keeps_what_it_had() -> None:
    server = RulesServer()
    first = server.open(0)
    server.open(30_000)
    server.report(first, 1, [(0, 200_000)], 0, 500_000)
    assert intervals.measure(server.seen) == MAX_SPEED * 30_000  # its grace went on to the next viewing


GOOD = {"token": "t", "seq": 1, "seen": [[0, 10]], "position_ms": 10}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seq": -1}, "study.report_shape"),
        ({"seq": True}, "study.report_shape"),
        ({"seq": 1.5}, "study.report_shape"),
        ({"seq": 2**31}, "study.report_shape"),
        ({"seq": None}, "study.report_shape"),
        ({"extra": 1}, "study.report_shape"),
        ({"seen": {"0": 10}}, "study.report_shape"),
        ({"seen": "0-10"}, "study.report_shape"),
        ({"seen": [[0, 1]] * 301}, "study.report_pieces"),
        ({"seen": [[0]]}, "study.report_numbers"),
        ({"seen": [[0, 1, 2]]}, "study.report_numbers"),
        ({"seen": [0, 10]}, "study.report_numbers"),
        ({"seen": [[-5, 10]]}, "study.report_numbers"),
        ({"seen": [[0, 10.5]]}, "study.report_numbers"),
        ({"seen": [[False, True]]}, "study.report_numbers"),
        ({"seen": [["0", "10"]]}, "study.report_numbers"),
        ({"seen": [[0, float("nan")]]}, "study.report_numbers"),
        ({"seen": [[0, float("inf")]]}, "study.report_numbers"),
        ({"seen": [[10, 10]]}, "study.report_order"),
        ({"seen": [[20, 10]]}, "study.report_order"),
        ({"seen": [[0, 601_501]]}, "study.report_beyond_end"),
        ({"seen": [[0, 10**400]]}, "study.report_beyond_end"),
        ({"position_ms": 10**30}, "study.report_beyond_end"),
        ({"position_ms": -1}, "study.report_numbers"),
        ({"position_ms": None}, "study.report_numbers"),
    ],
)
def test_what_cannot_be_a_report_is_refused_with_its_reason(change: dict[str, Any], code: str) -> None:
    reports.read_report(GOOD, LENGTH_MS)
    with pytest.raises(Malformed) as refusal:
        reports.read_report({**GOOD, **change}, LENGTH_MS)
    assert refusal.value.code == code


@pytest.mark.parametrize("value", [None, [], "x", 3, [[0, 1]]])
def test_a_report_is_an_object(value: Any) -> None:
    with pytest.raises(Malformed, match="report_shape"):
        reports.read_report(json.loads(json.dumps(value)), LENGTH_MS)


def test_a_padded_last_frame_is_cut_at_the_end_of_the_lesson() -> None:
    report = reports.read_report(
        {**GOOD, "seen": [[0, LENGTH_MS + 1_400]], "position_ms": LENGTH_MS + 1_400}, LENGTH_MS
    )
    assert report.seen == ((0, LENGTH_MS),)
    assert report.position_ms == LENGTH_MS


@pytest.mark.parametrize(
    ("length", "share", "needed"),
    [
        (600_000, 0.9, 540_000),
        (10_001, 0.9, 9_001),  # rounded up: 9000.9 ms are not seen by 9000
        (600_000, 0.95, 570_000),
        (600_000, 1.0, 599_000),  # the last second is never asked for
        (10_000, 1.0, 9_500),
        (1, 1.0, 1),
    ],
)
def test_the_share_is_rounded_up_to_the_millisecond(length: int, share: float, needed: int) -> None:
    assert completion.needed_ms(length, share) == needed
    assert completion.is_done(needed, needed)
    assert not completion.is_done(needed - 1, needed)


@pytest.mark.parametrize(
    ("kind", "duration", "length_s", "characters", "expected"),
    [
        ("video", 62_040, 62, 0, 62_040),
        ("audio", None, 62, 0, 62_000),
        ("text", None, 90, 3_000, 600_000),  # 300 characters a minute; at most 600 are believed
        ("text", None, 0, 5, 5_000),
        ("document", None, 0, 0, 40_000),
        ("test", None, 600, 900, 0),
    ],
)
def test_each_kind_has_its_length(
    kind: str, duration: int | None, length_s: int, characters: int, expected: int
) -> None:
    assert completion.length_ms(kind, duration_ms=duration, length_s=length_s, characters=characters) == expected


def test_a_text_takes_the_time_of_six_hundred_characters_a_minute() -> None:
    length = completion.length_ms("text", duration_ms=None, length_s=0, characters=3_000)
    needed = completion.needed_ms(length, completion.share_for("text", 0.9))
    server = RulesServer(length_ms=length)
    viewing = server.open(0)
    done_after = next(
        second for second in range(1, 1_000)
        if server.report(viewing, second, [(0, length)], length, second * 1_000) is not None
        or completion.is_done(intervals.measure(server.seen), needed)
    )  # fmt: skip
    assert 3_000 / 600 * 60 - GRACE_MS / 1000 - 1 <= done_after <= 3_000 / 600 * 60
