"""Which entries may be one person: the same name in one unit, names a slip of the pen apart, staff numbers alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

SAME, NEAR, NUMBER = "same_name", "near_name", "staff_no"
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "_": "", ".": ""})
_LARGEST = 6  # a name that more people of a unit share is common there, and no sign


@dataclass(frozen=True)
class Entry:
    """A person as far as duplicates are concerned; ``name`` is folded (kernel.text.fold_name)."""

    id: int
    name: str
    unit_id: int
    staff_no: str = ""


@dataclass(frozen=True, order=True)
class Pair:
    """Two entries (the smaller id first) and why they may be one person."""

    why: str
    one: int
    other: int


def shape_of(staff_no: str) -> str:
    """A staff number without what is mistyped: case, dashes, O for 0, I or l for 1, zeros in front."""
    return staff_no.upper().translate(_ALIKE).lstrip("0")


def bare(name: str) -> str:
    """A folded name without its middle dots."""
    return name.replace("·", "")


def find_pairs(entries: Iterable[Entry]) -> list[Pair]:
    """Every pair that may be one person, once each with its strongest reason. The work grows with the entries only."""
    known = list(entries)
    same, near, numbers = defaultdict(list), defaultdict(list), defaultdict(list)
    for entry in known:
        name = bare(entry.name)
        same[entry.unit_id, name].append(entry)
        if len(name) >= 3:
            for place in range(len(name)):
                near[entry.unit_id, place, name[:place] + name[place + 1 :]].append(entry)
        if shape := shape_of(entry.staff_no):
            numbers[shape].append(entry)
    found: dict[tuple[int, int], str] = {}
    for why, groups in ((SAME, same), (NUMBER, numbers), (NEAR, near)):
        for group in groups.values():
            if 1 < len(group) <= _LARGEST:
                for one, other in combinations(group, 2):
                    key = (min(one.id, other.id), max(one.id, other.id))
                    if one.id != other.id:
                        found.setdefault(key, why)
    return sorted(Pair(why, *key) for key, why in found.items())
