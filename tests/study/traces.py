"""Ways to study a ten-minute lesson, honest and not, as the table ``traces.toml`` tells them, and who acts them out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

LENGTH_MS = 600_000
NEEDED_MS = 540_000
STEP_MS = 10_000

Pieces = list[tuple[int, int]]


class Server(Protocol):
    """What a page talks to; ``at_ms`` is the server's clock, counted from the beginning of the script."""

    is_elsewhere: bool
    """Whether the last report was answered by "you went on in another place"."""

    def open(self, at_ms: int) -> str:
        """Opens the lesson and returns the viewing."""

    def report(self, viewing: str, seq: int, seen: Pieces, position_ms: int, at_ms: int) -> int | None:
        """Hands in a report and returns the durable sequence number; None for a refused one too."""

    def new_version(self, at_ms: int) -> None:
        """Another version of the lesson is published."""


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

    def send(self, position_ms: int) -> None:
        """Reports what is pending."""
        self.seq += 1
        if self.server.report(self.viewing, self.seq, self.pending, position_ms, self.at_ms) == self.seq:
            self.pending = []

    def forge(self, pieces: Pieces) -> None:
        """Claims to have seen what was not played."""
        self.pending = pieces
        self.send(pieces[-1][1])


@dataclass(frozen=True)
class Trace:
    """One entry of the table; times in milliseconds."""

    name: str
    do: tuple[str, ...]
    seen_ms: int
    hours: int
    seen_new_ms: int | None = None
    kind: str = "video"
    begins: datetime | None = None
    year: int | None = None
    is_for_rules: bool = True


def read_traces() -> list[Trace]:
    """The table."""
    table = tomllib.loads((Path(__file__).parent / "traces.toml").read_text("utf-8"))["trace"]
    return [_trace(dict(entry)) for entry in table]


def _trace(entry: dict[str, Any]) -> Trace:
    seen_new = entry.pop("seen_new", None)
    return Trace(
        do=tuple(entry.pop("do")), seen_ms=ms_of(entry.pop("seen")), is_for_rules=entry.pop("rules", True),
        seen_new_ms=None if seen_new is None else ms_of(seen_new), **entry,
    )  # fmt: skip


def ms_of(text: str) -> int:
    """``8:59.4`` → 539400; ``24:00:00`` → a day."""
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return round(total * 1000)


class Page:
    """A page in a browser (or what pretends to be one)."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.viewing: str | None = None
        self.seq, self.position, self.pending = 0, 0, Pieces()
        self.last: tuple[str, int, Pieces, int] | None = None
        self.waiting: list[tuple[str, int, Pieces, int]] = []
        self.is_offline = self.is_deaf = self.is_holding = False

    def open(self) -> None:
        """Opens the lesson; what was open elsewhere ends."""
        self.viewing = self.scene.server.open(self.scene.at_ms)
        self.seq = 0

    def begin(self) -> None:
        """The person begins to play: whoever went on elsewhere meanwhile has it back here."""
        if self.viewing is None:
            self.open()
        elif not (self.is_offline or self.is_holding or self.is_deaf):
            self.send()
            if self.scene.server.is_elsewhere:
                self.open()

    def show(self, start: int, end: int) -> None:
        """A piece was on screen."""
        self.pending, self.position = [*self.pending, (start, end)], end

    def send(self) -> None:
        """Reports what is not yet durable."""
        if self.viewing is None or self.is_offline:
            return
        self.seq += 1
        self.last = (self.viewing, self.seq, list(self.pending), self.position)
        if self.is_holding:
            self.waiting.append(self.last)
        else:
            self.hear(*self.last)

    def hear(self, viewing: str, seq: int, seen: Pieces, position: int) -> None:
        """A report arrives; what is durable need not be kept."""
        durable = self.scene.server.report(viewing, seq, seen, position, self.scene.at_ms)
        if durable == seq and not self.is_deaf:
            self.pending = [piece for piece in self.pending if piece not in seen]


class Scene:
    """Pages, a server and the time that passes for all of them."""

    def __init__(self, server: Server) -> None:
        self.server, self.at_ms = server, 0
        self.pages: dict[str, Page] = {}

    def act(self, line: str) -> None:
        """Acts out one line of a trace."""
        for pattern, act in LINES:
            if found := re.fullmatch(pattern, line):
                act(self, *found.groups())
                return
        raise ValueError(f"not understood: {line}")

    def page(self, name: str) -> Page:
        """The page of that name."""
        return self.pages.setdefault(name, Page(self))


TIME = r"([\d:.]+)"


def _play(scene: Scene, name: str, start: str, end: str, speed: str | None) -> None:
    page, at, upto, rate = scene.page(name), ms_of(start), ms_of(end), float(speed or 1)
    page.begin()
    while at < upto:
        until = min(upto, at + int(STEP_MS * rate))
        scene.at_ms += int(-(-(until - at) // rate))
        page.show(at, until)
        page.send()
        at = until


def _play_at_once(scene: Scene, name: str, start: str, end: str, others: str) -> None:
    places = {name: ms_of(start)}
    for other, _, place in re.findall(rf"(\w+)( from {TIME})?", others.replace(" and", "")):
        places[other] = ms_of(place) if place else ms_of(start)
    for one in places:
        scene.page(one).open()
    for gone in range(0, ms_of(end) - ms_of(start), STEP_MS):
        scene.at_ms += STEP_MS
        for one, place in places.items():
            scene.page(one).show(place + gone, place + gone + STEP_MS)
            scene.page(one).send()


def _claim(
    scene: Scene, name: str, opens: str | None, start: str, end: str, every: str | None, lasting: str | None
) -> None:
    pause = ms_of(every) if every else 0
    for _ in range(ms_of(lasting or "0") // pause if pause else 1):
        if opens:
            scene.page(name).open()
        scene.at_ms += pause
        scene.page(name).pending = []
        scene.page(name).show(ms_of(start), ms_of(end))
        scene.page(name).send()


def _set(**values: bool) -> Callable[[Scene, str], None]:
    def act(scene: Scene, name: str) -> None:
        vars(scene.page(name)).update(values)

    return act


def _deliver(scene: Scene, name: str, how: str | None) -> None:
    page = scene.page(name)
    arriving, page.waiting, page.is_holding = page.waiting, [], False
    for report in {"reversed": arriving[::-1], "twice": arriving + arriving}.get(how or "", arriving):
        page.hear(*report)


def _repeat(scene: Scene, name: str) -> None:
    page = scene.page(name)
    assert page.last is not None
    page.hear(*page.last)


def _leave(scene: Scene, name: str) -> None:
    page = scene.page(name)
    page.is_deaf = True  # nobody is there any more to hear the answer
    page.send()
    page.viewing, page.is_deaf = None, False


def _crash(scene: Scene, name: str, forgets: str | None) -> None:
    page = scene.page(name)
    assert page.viewing is not None
    page.last = None if forgets else (page.viewing, page.seq + 1, page.pending, page.position)
    page.viewing, page.pending = None, []


def _return(scene: Scene, name: str) -> None:
    page = scene.page(name)
    if page.last is not None and not page.is_offline:
        page.hear(*page.last)
    page.viewing, page.pending = None, []


def _pass_time(scene: Scene, how: str, time: str) -> None:
    scene.at_ms += ms_of(time) * (-1 if how == "clock back" else 1)


LINES: list[tuple[str, Callable[..., None]]] = [
    (rf"(\w+) plays {TIME} to {TIME}(?: at ([\d.]+)x)?", _play),
    (rf"(\w+) plays {TIME} to {TIME} with (.+)", _play_at_once),
    (rf"(\w+) (opens and )?claims {TIME} to {TIME}(?: every {TIME} for {TIME})?", _claim),
    (r"(\w+) opens", lambda scene, name: scene.page(name).open()),
    (r"(\w+) sends", lambda scene, name: scene.page(name).send()),
    (r"(\w+) repeats", _repeat),
    (r"(\w+) offline", _set(is_offline=True)),
    (r"(\w+) online", _set(is_offline=False)),
    (r"(\w+) deaf", _set(is_deaf=True)),
    (r"(\w+) hears", _set(is_deaf=False)),
    (r"(\w+) holds", _set(is_holding=True)),
    (r"(\w+) delivers(?: (reversed|twice))?", _deliver),
    (r"(\w+) leaves", _leave),
    (r"(\w+) crashes( and forgets)?", _crash),
    (r"(\w+) returns", _return),
    (rf"(wait|clock back|clock ahead) {TIME}", _pass_time),
    (r"new version", lambda scene: scene.server.new_version(scene.at_ms)),
]


def run(trace: Trace, server: Server) -> None:
    """Acts out a trace against a server."""
    scene = Scene(server)
    for line in trace.do:
        scene.act(line)
