"""Ways to watch a ten-minute lesson, honest and not, as scripts that run against the rules and against the server.

A script drives a :class:`Player`: it plays, seeks, waits and forges. ``TRACES`` is the table: name, what the person
really does, and whether "90 % of the lesson seen" holds for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

LENGTH_MS = 600_000
NEEDED_MS = 540_000
STEP_MS = 10_000
DAY_MS = 24 * 3_600_000

Pieces = list[tuple[int, int]]


class Server(Protocol):
    """What a player talks to; ``at_ms`` is the server's clock, counted from the beginning of the script."""

    def open(self, at_ms: int) -> str:
        """Opens the lesson and returns the viewing."""

    def report(self, viewing: str, seq: int, seen: Pieces, position_ms: int, at_ms: int) -> int | None:
        """Hands in a report and returns the durable sequence number."""


class Player:
    """A player that behaves like the page's: reports every ten seconds, keeps what is not yet durable."""

    def __init__(self, server: Server, at_ms: int = 0) -> None:
        self.server, self.at_ms = server, at_ms
        self.viewing = server.open(at_ms)
        self.pending: Pieces = []
        self.seq = 0

    def play(self, start: int, end: int, speed: float = 1.0) -> None:
        """Plays from ``start`` to ``end`` in media milliseconds."""
        while start < end:
            upto = min(end, start + int(STEP_MS * speed))
            self.at_ms += -(-(upto - start) * 100 // int(speed * 100))
            self.pending.append((start, upto))
            self.send(upto)
            start = upto

    def wait(self, ms: int) -> None:
        """Pauses."""
        self.at_ms += ms

    def send(self, position_ms: int) -> None:
        """Reports what is pending."""
        self.seq += 1
        if self.server.report(self.viewing, self.seq, self.pending, position_ms, self.at_ms) == self.seq:
            self.pending = []

    def forge(self, pieces: Pieces) -> None:
        """Claims to have seen what was not played."""
        self.pending = pieces
        self.send(pieces[-1][1])


def full_view(server: Server) -> None:
    Player(server).play(0, LENGTH_MS)


def first_half_twice(server: Server) -> None:
    player = Player(server)
    player.play(0, LENGTH_MS // 2)
    player.play(0, LENGTH_MS // 2)


def jump_to_the_end(server: Server) -> None:
    player = Player(server)
    player.play(0, 10_000)
    player.play(LENGTH_MS - 10_000, LENGTH_MS)


def one_forged_report(server: Server) -> None:
    player = Player(server)
    player.wait(1_000)
    player.forge([(0, LENGTH_MS)])


def same_half_in_two_windows(server: Server) -> None:
    one = Player(server)
    other = Player(server)
    for start in range(0, LENGTH_MS // 2, STEP_MS):
        for window in (one, other):
            window.play(start, start + STEP_MS)
        one.at_ms = other.at_ms = max(one.at_ms, other.at_ms)


def one_minute_ten_times(server: Server) -> None:
    player = Player(server)
    for _ in range(10):
        player.play(120_000, 180_000)


def rewinding_a_minute(server: Server) -> None:
    player = Player(server)
    player.play(0, 300_000)
    player.play(240_000, LENGTH_MS)


def honest_at_double_speed(server: Server) -> None:
    Player(server).play(0, LENGTH_MS, speed=2.0)


def half_on_each_of_two_devices(server: Server) -> None:
    Player(server).play(0, LENGTH_MS // 2)
    Player(server, at_ms=DAY_MS).play(LENGTH_MS // 2, LENGTH_MS)


def leaving_at_95_5_percent(server: Server) -> None:
    Player(server).play(0, LENGTH_MS * 955 // 1000)


def rewinding_does_not_fill_a_gap(server: Server) -> None:
    player = Player(server)
    player.play(0, 300_000)
    player.play(240_000, 510_000)


def leaving_at_89_9_percent(server: Server) -> None:
    Player(server).play(0, NEEDED_MS - 600)


def reports_handed_in_late(server: Server) -> None:
    player = Player(server)
    for start in range(0, LENGTH_MS, STEP_MS):  # the line is down: nothing is sent
        player.at_ms += STEP_MS
        player.pending.append((start, start + STEP_MS))
    player.send(LENGTH_MS)


def forging_every_second(server: Server) -> None:
    player = Player(server)
    for _ in range(60):
        player.wait(1_000)
        player.forge([(0, LENGTH_MS)])


def opening_again_and_again(server: Server) -> None:
    for second in range(60):
        Player(server, at_ms=second * 1_000).forge([(0, LENGTH_MS)])


@dataclass(frozen=True)
class Trace:
    """One line of the table."""

    name: str
    script: Callable[[Server], None]
    seen_ms: int
    is_credited: bool


TRACES = [
    Trace("full view", full_view, 600_000, True),
    Trace("first half twice", first_half_twice, 300_000, False),
    Trace("jump to the end", jump_to_the_end, 20_000, False),
    Trace("one forged report of the whole length", one_forged_report, 4_000, False),
    Trace("the same half in two windows", same_half_in_two_windows, 300_000, False),
    Trace("one minute looped ten times", one_minute_ten_times, 60_000, False),
    Trace("rewinding 60 s", rewinding_a_minute, 600_000, True),
    Trace("honest at 2x", honest_at_double_speed, 600_000, True),
    Trace("half on each of two devices on two days", half_on_each_of_two_devices, 600_000, True),
    Trace("leaving at 95.5 %", leaving_at_95_5_percent, 573_000, True),
]

MORE = [
    Trace("rewinding 60 s and leaving at 85 %", rewinding_does_not_fill_a_gap, 510_000, False),
    Trace("leaving at 89.9 %", leaving_at_89_9_percent, 539_400, False),
    Trace("ten minutes handed in after the line was down", reports_handed_in_late, 600_000, True),
    Trace("the whole length forged every second for a minute", forging_every_second, 122_000, False),
    Trace("a new viewing and a forged report every second for a minute", opening_again_and_again, 120_000, False),
]
