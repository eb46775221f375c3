"""A million random ways to study a lesson, honest and not: what is credited against what was really seen.

    python bench/traces.py [TRACES] [SEED] [SECONDS]

Each trace is one person with up to three pages of a lesson: playing at any speed, seeking, pausing, sleeping, losing the
line, losing answers, reports repeated and in any order, pages closed without a word and opened again, server's clock
jumps; in every second one a script that claims what was not played joins in. Times are drawn in milliseconds. The
reports go through the same functions as those of real players (rules.reports). For each trace:

- without a script, the credit in the end **is** the union of what was played, to the millisecond, but for what a page had
  not handed in when it vanished together with its browser's storage;
- with one, it never exceeds what was played, or twice the server's time plus two seconds (the stated tolerance), and
  what was played honestly meanwhile is missed at most as far as the script spent the time on its own claims.

SECONDS bounds the time on a busy machine; what was judged until then is reported. The last line is JSON.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # else bench/org.py is what pickle takes for Jython

from multiprocessing import Pool  # noqa: E402

from bench.verdict import at_most, last_line  # noqa: E402
from learnhub.study.rules import intervals, reports  # noqa: E402
from learnhub.study.rules.intervals import Intervals  # noqa: E402
from learnhub.study.rules.reports import GRACE_MS, MAX_SPEED, ViewingState  # noqa: E402

TRACES = 1_000_000
SEED = 20_261_122
BATCH = 1_000
SPEEDS = (50, 75, 100, 125, 150, 200)  # per cent
ACTS = ("play",) * 10 + ("seek", "pause", "sleep", "line", "deaf", "vanish", "repeat", "open", "shuffle")


class Server:
    """One person's viewings of one lesson version, as the rules see them."""

    def __init__(self, length_ms: int) -> None:
        self.length_ms, self.seen = length_ms, ()
        self.viewings: list[ViewingState] = []
        self.opened_ms: int | None = None

    def open(self, now_ms: int) -> int:
        """Opens a viewing; the one before ends."""
        budget = GRACE_MS
        self.opened_ms = now_ms if self.opened_ms is None else self.opened_ms
        if self.viewings:
            last = reports.filled(self.viewings[-1], now_ms)
            budget, left = reports.opening_balance(last.budget_ms, now_ms - last.filled_ms)
            self.viewings[-1] = reports.replace(last, budget_ms=left, is_live=False)
        self.viewings.append(ViewingState(self.length_ms, budget, now_ms, seen=self.seen))
        return len(self.viewings) - 1

    def report(self, viewing: int, seq: int, seen: Intervals, now_ms: int) -> bool:
        """Whether all of it is believed now."""
        report = reports.report_of(seq, seen, 0, self.length_ms)
        state = reports.replace(self.viewings[viewing], seen=self.seen)
        taken = reports.accept(report, state, now_ms)
        if len(seen) == 1:  # the short way of nearly every report leads to the same
            assert reports.go_on(state, seq, *seen[0], 0, now_ms) in (None, taken)
        _paid, self.viewings[viewing] = taken
        self.seen = self.viewings[viewing].seen
        return not intervals.without(report.seen, self.seen)


class Person:
    """Acts by chance and remembers what was really played."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.length_ms = chance.randrange(20_000, 3_600_000)
        self.server = Server(self.length_ms)
        self.now_ms = chance.randrange(10**12, 2 * 10**12)
        self.began_ms = self.now_ms
        self.played: Intervals = ()
        self.lost: Intervals = ()
        self.claimed: Intervals = ()
        self.pending: Intervals = ()
        self.line: list[tuple[int, int, Intervals]] = []  # reports that were sent, to be repeated or to arrive late
        self.is_offline = self.is_deaf = False
        self.place_ms = 0
        self.viewing = self.server.open(self.now_ms)
        self.seq = 0

    def pass_time(self, ms: int) -> None:
        """The server's clock goes on."""
        self.now_ms += ms

    def play(self) -> None:
        """Plays on from the present place, at any speed the player has; reports now and then."""
        speed = self.chance.choice(SPEEDS)
        for _ in range(self.chance.randrange(1, 5)):
            end = min(self.length_ms, self.place_ms + self.chance.randrange(1, 20_000))
            if end <= self.place_ms:
                return
            self.pass_time(-(-(end - self.place_ms) * 100 // speed))
            piece = ((self.place_ms, end),)
            self.played, self.pending = intervals.union(self.played, piece), intervals.union(self.pending, piece)
            self.place_ms = end
            self.send()

    def send(self) -> None:
        """Reports what is not yet acknowledged, if there is a line."""
        self.seq += 1
        report = (self.viewing, self.seq, self.pending[: reports.MAX_PIECES])
        if self.is_offline:
            return
        self.line.append(report)
        if self.server.report(*report, self.now_ms) and not self.is_deaf:
            self.pending = intervals.without(self.pending, report[2])

    def seek(self) -> None:
        """Goes to another place, before or behind."""
        self.place_ms = self.chance.randrange(self.length_ms)

    def pause(self) -> None:
        """Up to two minutes in which nothing plays."""
        self.pass_time(self.chance.randrange(120_000))

    def sleep(self) -> None:
        """The lid is closed for up to a day."""
        self.pass_time(self.chance.randrange(24 * 3_600_000))

    def lose_line(self) -> None:
        """The line breaks or is back."""
        self.is_offline = not self.is_offline

    def lose_answers(self) -> None:
        """Answers get lost, or arrive again."""
        self.is_deaf = not self.is_deaf

    def repeat(self) -> None:
        """Reports of any age arrive once more, in any order."""
        for report in self.chance.sample(self.line, min(len(self.line), 3)):
            if not self.is_offline:
                self.server.report(*report, self.now_ms)

    def shuffle(self) -> None:
        """Three reports overtake each other on the line."""
        if self.is_offline:
            return
        late = []
        for _ in range(3):
            end = min(self.length_ms, self.place_ms + self.chance.randrange(1, 5_000))
            if end <= self.place_ms:
                break
            self.pass_time(end - self.place_ms)
            piece = ((self.place_ms, end),)
            self.played, self.pending = intervals.union(self.played, piece), intervals.union(self.pending, piece)
            self.place_ms, self.seq = end, self.seq + 1
            late.append((self.viewing, self.seq, self.pending[: reports.MAX_PIECES]))
        self.chance.shuffle(late)
        for report in late:
            self.server.report(*report, self.now_ms)

    def vanish(self) -> None:
        """The page is gone; the next one hands in what was kept, unless the storage went too."""
        if self.chance.random() < 0.3:
            self.lost = intervals.union(self.lost, intervals.without(self.pending, self.server.seen))
            self.pending = ()
        self.is_offline = self.is_deaf = False
        self.hand_in()
        self.open()

    def hand_in(self) -> None:
        """All that is kept, to the viewing in which it was seen, as the next page does."""
        while self.pending:
            self.seq += 1
            part = self.pending[: reports.MAX_PIECES]
            self.server.report(self.viewing, self.seq, part, self.now_ms)
            if intervals.without(part, self.server.seen):
                return
            self.pending = intervals.without(self.pending, part)

    def open(self) -> None:
        """The lesson is opened again, here or elsewhere, once there is a line; what is kept goes to the old viewing first."""
        if self.is_offline:
            return
        self.hand_in()
        self.viewing, self.seq = self.server.open(self.now_ms), 0

    def claim(self) -> None:
        """A script, in the same viewing or an older one."""
        start = self.chance.randrange(self.length_ms)
        piece = ((start, self.chance.randrange(start, self.length_ms) + 1),)
        self.claimed = intervals.union(self.claimed, piece)
        viewing = self.chance.randrange(len(self.server.viewings))
        self.server.report(viewing, self.chance.randrange(reports.MAX_SEQ), piece, self.now_ms)

    def act(self) -> None:
        """One of all these."""
        {
            "play": self.play, "seek": self.seek, "pause": self.pause, "sleep": self.sleep, "line": self.lose_line,
            "deaf": self.lose_answers, "vanish": self.vanish, "repeat": self.repeat, "open": self.open, "shuffle": self.shuffle,
        }[self.chance.choice(ACTS)]()  # fmt: skip


def judge(seed: str, is_script: bool) -> dict[str, int]:
    """One trace; milliseconds credited beyond the truth and missed, and beyond what the clock allows."""
    person = Person(random.Random(seed))
    for _ in range(person.chance.randrange(2, 20)):
        person.act()
        if is_script and person.chance.random() < 0.5:
            person.claim()
    person.is_offline = person.is_deaf = False
    person.hand_in()
    seen = person.server.seen
    truth = intervals.union(person.played, person.claimed)
    by_clock = MAX_SPEED * (person.now_ms - person.began_ms) + GRACE_MS
    return {
        "beyond": intervals.measure(intervals.without(seen, truth)),
        "beyond_clock": max(0, intervals.measure(seen) - by_clock),
        "missed": 0 if is_script else intervals.measure(intervals.without(intervals.without(person.played, person.lost), seen)),
        "credited": intervals.measure(seen), "played": intervals.measure(person.played),
    }  # fmt: skip


def judge_batch(task: tuple[int, int, int]) -> dict[str, int]:
    """Traces ``first`` to ``last`` of a seed, every second one with a script; the worst of each figure and the sums."""
    seed, first, last = task
    worst = {
        "beyond": 0,
        "beyond_clock": 0,
        "missed": 0,
        "credited": 0,
        "played": 0,
        "traces": last - first,
        "worst": -1,
    }
    for number in range(first, last):
        found = judge(f"{seed}-{number}", number % 2 == 1)
        for name in ("beyond", "beyond_clock", "missed"):
            if found[name] > worst[name]:
                worst[name], worst["worst"] = found[name], number
        for name in ("credited", "played"):
            worst[name] += found[name]
    return worst


def main(traces: int = TRACES, seed: int = SEED, seconds: int = 24 * 3600) -> None:
    """Judges all and prints."""
    began = time.monotonic()
    tasks = [(seed, first, min(traces, first + BATCH)) for first in range(0, traces, BATCH)]
    found = []
    with Pool() as pool:
        for batch in pool.imap_unordered(judge_batch, tasks):
            found.append(batch)
            if time.monotonic() - began > seconds:
                break
    worst = {name: max(one[name] for one in found) for name in ("beyond", "beyond_clock", "missed", "worst")}
    more = {
        "seed": seed, "traces": sum(one["traces"] for one in found),
        "seconds": round(time.monotonic() - began, 1), "hours_played": sum(one["played"] for one in found) // 3_600_000,
        "hours_credited": sum(one["credited"] for one in found) // 3_600_000,
        "worst_trace": worst["worst"],
    }  # fmt: skip
    bars = [at_most(f"{name}_ms", worst[name], 0) for name in ("beyond", "beyond_clock", "missed")]
    print(last_line("traces", bars, **more))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
