"""Patterns that cannot well be, found in plain values. A find is a question to a person, never a verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

DEVICE, ROLL, CLOCK = "device", "roll", "clock"

PEOPLE_AT_ONCE = 3
"""So many people studying at the same moment from one browser at one address."""

AT_ONCE_S = 120
"""They overlap for at least so long."""

ROLLS_IN_A_ROW, ROLL_PEOPLE = 6, 10
"""So many closed sessions one after the other with so many people on the roll, and never one of them away."""

AHEAD_MS = 600_000
"""Media time reported in one viewing beyond what the server's clock allowed."""


class Spell(NamedTuple):
    """One viewing: who, from where, from when to when."""

    person_id: int
    place: str
    start: datetime
    end: datetime
    viewing: str


@dataclass(frozen=True)
class Find:
    """Something to ask a person about; ``key`` is found only once; ``facts`` are plain values."""

    key: str
    kind: str
    person_id: int
    at: datetime
    facts: dict[str, object]


def crowds(spells: Iterable[Spell]) -> list[Find]:
    """People who studied at the same time from one device: one find for each of them and day."""
    by_place: dict[str, list[Spell]] = defaultdict(list)
    for spell in spells:
        if spell.place and (spell.end - spell.start).total_seconds() >= AT_ONCE_S:
            by_place[spell.place].append(spell)
    found: dict[str, Find] = {}
    for place, ones in by_place.items():
        for crowd in _at_once(sorted(ones, key=lambda one: one.start)):
            start, end = max(one.start for one in crowd), min(one.end for one in crowd)
            for one in crowd:
                key = f"{DEVICE}:{one.person_id}:{start:%Y%m%d}"
                facts = {"people": len(crowd), "from": start.isoformat(), "until": end.isoformat(), "place": place}
                found.setdefault(key, Find(key, DEVICE, one.person_id, start, facts))
    return list(found.values())


def _at_once(ones: list[Spell]) -> list[list[Spell]]:
    """Sets of viewings by enough people that share at least :data:`AT_ONCE_S` seconds; each with a different person."""
    crowds: list[list[Spell]] = []
    for place, one in enumerate(ones):
        present: dict[int, Spell] = {one.person_id: one}
        for other in ones[:place]:
            if (min(other.end, one.end) - one.start).total_seconds() >= AT_ONCE_S:
                present.setdefault(other.person_id, other)
        together = list(present.values())
        if len(together) >= PEOPLE_AT_ONCE and _shared_s(together) >= AT_ONCE_S:
            crowds.append(together)
    return crowds


def _shared_s(ones: list[Spell]) -> float:
    return (min(one.end for one in ones) - max(one.start for one in ones)).total_seconds()


class Roll(NamedTuple):
    """One closed session: where, who answers for it, how many stood on the roll and how many were present."""

    session_id: int
    station_id: int
    host_id: int
    at: datetime
    people: int
    present: int


def perfect_rolls(rolls: Iterable[Roll]) -> list[Find]:
    """Stations whose last sessions had everybody present every time."""
    by_station: dict[int, list[Roll]] = defaultdict(list)
    for roll in sorted(rolls, key=lambda one: one.at):
        by_station[roll.station_id].append(roll)
    found = []
    for station, ones in by_station.items():
        row: list[Roll] = []
        for roll in ones:
            row = [*row, roll] if roll.people >= ROLL_PEOPLE and roll.present == roll.people else []
            if len(row) == ROLLS_IN_A_ROW:
                facts = {
                    "station": station, "sessions": [one.session_id for one in row],
                    "people": sum(one.people for one in row),
                }  # fmt: skip
                found.append(Find(f"{ROLL}:{station}:{row[0].session_id}", ROLL, roll.host_id, roll.at, facts))
                row = []
    return found


def ahead_of_the_clock(viewings: Iterable[tuple[str, int, datetime, int]]) -> list[Find]:
    """Viewings given as (id, person, when, refused milliseconds) whose reports ran far ahead of the server's clock."""
    return [
        Find(f"{CLOCK}:{viewing}", CLOCK, person, at, {"viewing": viewing, "refused_ms": refused})
        for viewing, person, at, refused in viewings
        if refused >= AHEAD_MS
    ]
