"""The shortest way to what a year still asks for: which lessons and group sessions, the least time in all.

Each requirement is to be covered by the hours of what is taken, and a lesson is taken once. Prices for a hundredth of an
hour (Lagrange multipliers, one for each requirement) give a bound that no way can be shorter than; choices that give the
same are interchangeable, so of each such group only the shortest are taken, and what remains to be decided is how many
of each group. That is searched as far as :data:`MOST_NODES` reach: the way is the shortest, or told by how much at most
it is longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from math import gcd
from operator import mul

from learnhub.study.rules.hours import Balance

MOST_NODES = 1_000
"""Steps of the search; each takes some microseconds."""

ROUNDS = 60
"""Improvements of the prices."""


@dataclass(frozen=True)
class Choice:
    """Something that would give hours: a lesson (``left_s`` seconds to go), or a group session at ``starts_at``."""

    key: str
    source: str
    is_required: bool
    centihours: int
    left_s: int
    lesson_ids: tuple[int, ...]
    title: str
    title_en: str = ""
    course: str = ""
    course_en: str = ""
    starts_at: datetime | None = None
    session_id: int | None = None


@dataclass(frozen=True)
class Way:
    """What to take, the most hours for the time first. ``fills``: everything missing, not only all that there is.

    ``longer_by``: the share of its time by which it is at most longer than the shortest way that gives as much.
    """

    choices: tuple[Choice, ...] = ()
    longer_by: float = 0.0
    fills: bool = True

    @property
    def left_s(self) -> int:
        """How long it takes, in seconds."""
        return sum(one.left_s for one in self.choices)

    @property
    def centihours(self) -> int:
        """What it gives."""
        return sum(one.centihours for one in self.choices)


@dataclass(frozen=True)
class _Group:
    """Choices that fill the requirements alike, the shortest first; one that shares a lesson stands alone.

    ``gives``: centihours of each choice by requirement; ``costs``: seconds of the first so many.
    """

    gives: tuple[int, ...]
    choices: tuple[Choice, ...]
    costs: tuple[int, ...]
    lessons: frozenset[int] = frozenset()


@dataclass
class _Search:
    """The best way found so far, as how many of each group, and what the prices say."""

    groups: list[_Group]
    needs: tuple[int, ...]
    best: list[int]
    best_s: int
    bound: float = 0.0
    prices: list[float] = field(default_factory=list)
    nodes: int = 0


def shortest_way(balances: Iterable[Balance], choices: Iterable[Choice]) -> Way:
    """The way that fills what is missing (or, where there is too little, all that can be filled) in the least time."""
    wanted = [one for one in balances if one.missing_centihours]
    missing = tuple(one.missing_centihours for one in wanted)
    groups = _groups(wanted, missing, choices)
    if not groups:
        return Way(fills=not wanted)
    start = _taken(groups, missing, [1.0] * len(missing))
    there = tuple(min(asked, given) for asked, given in zip(missing, _given(groups, start), strict=True))
    return _found(groups, missing, start, fills=True) or _found(groups, there, start, fills=False) or Way(fills=False)


def _found(groups: list[_Group], asked: tuple[int, ...], start: list[int], *, fills: bool) -> Way | None:
    """The shortest way that gives what is asked; None when there is none. ``start``: one that may do."""
    needs = tuple(_stepped(groups, need, place) for place, need in enumerate(asked))
    if not _covers(_given(groups, [len(group.choices) for group in groups]), needs):
        return None
    if _covers(_given(groups, start), needs):
        best = _trimmed(groups, needs, start)
        search = _Search(groups, needs, best, _seconds(groups, best))
    else:  # what was taken first shares lessons with what is needed
        search = _Search(groups, needs, [], 1 + sum(group.costs[-1] for group in groups))
    _price(search)
    shortest_s = search.best_s if _branch(search) else max(1.0, search.bound)
    if not search.best:
        return None
    return Way(_in_order(search), max(0.0, search.best_s / max(1, shortest_s) - 1), fills)


def _covers(given: Sequence[int], needs: Sequence[int]) -> bool:
    return all(there >= need for there, need in zip(given, needs, strict=True))


def _groups(wanted: list[Balance], missing: tuple[int, ...], choices: Iterable[Choice]) -> list[_Group]:
    """What gives something that is missing, in groups; of each no more than could be needed."""
    useful: list[tuple[tuple[int, ...], Choice]] = []
    for one in choices:
        gives = tuple(
            one.centihours
            if one.source in asked.requirement.sources and (one.is_required or not asked.requirement.only_required)
            else 0
            for asked in wanted
        )
        if any(given > 0 for given in gives):
            useful.append((gives, one))
    shared = {lesson for _gives, one in useful if len(one.lesson_ids) > 1 for lesson in one.lesson_ids}
    shared |= _repeated(one for _gives, one in useful)
    alike: dict[object, list[tuple[tuple[int, ...], Choice]]] = {}
    for gives, one in useful:
        alike.setdefault(one.key if shared & set(one.lesson_ids) else gives, []).append((gives, one))
    found = []
    for same in alike.values():
        gives = same[0][0]
        most = max(-(-asked // given) for asked, given in zip(missing, gives, strict=True) if given)
        kept = tuple(sorted((one for _gives, one in same), key=lambda one: (one.left_s, one.key))[:most])
        lessons = frozenset(kept[0].lesson_ids) & shared
        found.append(_Group(gives, kept, (0, *accumulate(one.left_s for one in kept)), lessons))
    return found


def _repeated(choices: Iterable[Choice]) -> set[int]:
    seen: set[int] = set()
    return {lesson for one in choices for lesson in one.lesson_ids if lesson in seen or seen.add(lesson)}  # type: ignore[func-returns-value]


def _stepped(groups: list[_Group], need: int, place: int) -> int:
    """The need rounded up to what sums of the given hours can be: 210 is 225 where all lessons give quarters."""
    step = gcd(*(group.gives[place] for group in groups))
    return -(-need // step) * step if step else need


def _taken(groups: list[_Group], needs: tuple[int, ...], prices: Sequence[float]) -> list[int]:
    """How many of each group, taken one by one, the most worth for its time first, while anything is still missing."""
    order = []
    for place, group in enumerate(groups):
        worth = sum(map(mul, prices, group.gives)) or 1e-9
        order += [(one.left_s / worth, one.key, place) for one in group.choices]
    counts, left, used = [0] * len(groups), list(needs), set[int]()
    for _ratio, _key, place in sorted(order):
        group = groups[place]
        if used & group.lessons or not any(a > 0 and given for a, given in zip(left, group.gives, strict=True)):
            continue
        counts[place] += 1
        used |= group.lessons
        left = [a - given for a, given in zip(left, group.gives, strict=True)]
        if all(a <= 0 for a in left):
            break
    return counts


def _trimmed(groups: list[_Group], needs: tuple[int, ...], counts: list[int]) -> list[int]:
    """The same without what is not needed, the longest first."""
    counts, given = list(counts), _given(groups, counts)
    spare = [there - need for there, need in zip(given, needs, strict=True)]
    order = [(one.left_s, place) for place, count in enumerate(counts) for one in groups[place].choices[:count]]
    for _left_s, place in sorted(order, reverse=True):
        gives = groups[place].gives
        if all(a >= b for a, b in zip(spare, gives, strict=True)):
            spare = [a - b for a, b in zip(spare, gives, strict=True)]
            counts[place] -= 1
    return counts


def _given(groups: list[_Group], counts: list[int]) -> list[int]:
    totals = [0] * len(groups[0].gives)
    for group, count in zip(groups, counts, strict=True):
        if count:
            totals = [total + count * given for total, given in zip(totals, group.gives, strict=True)]
    return totals


def _seconds(groups: list[_Group], counts: list[int]) -> int:
    return sum(group.costs[count] for group, count in zip(groups, counts, strict=True))


def _price(search: _Search) -> None:
    """Looks for the prices with the highest bound (subgradient steps), and for shorter ways at each of them."""
    groups, needs = search.groups, search.needs
    prices = [search.best_s / max(1, sum(needs))] * len(needs)
    eager, stale = 1.0, 0
    search.prices = [0.0] * len(needs)
    for turn in range(ROUNDS):
        bound = sum(map(mul, prices, needs))
        lacking = list(needs)
        for group in groups:
            worth = sum(map(mul, prices, group.gives))
            count = _worthwhile(group, worth)
            if count:
                bound += group.costs[count] - count * worth
                lacking = [a - count * given for a, given in zip(lacking, group.gives, strict=True)]
        if bound > search.bound:
            search.bound, search.prices, stale = bound, list(prices), 0
        else:
            stale += 1
            eager = eager / 2 if stale % 3 == 0 else eager
        if turn % 8 == 4:
            _keep(search, _trimmed(groups, needs, _taken(groups, needs, prices)))
        size = sum(a * a for a in lacking)
        if not size or search.best_s - search.bound < 1:
            return
        step = eager * max(1.0, search.best_s - bound) / size
        prices = [max(0.0, price + step * a) for price, a in zip(prices, lacking, strict=True)]


def _worthwhile(group: _Group, worth: float) -> int:
    """How many of a group are shorter than what they are worth."""
    if len(group.choices) == 1:
        return int(group.costs[1] < worth)
    low, high = 0, len(group.choices)
    while low < high:
        middle = (low + high) // 2
        if group.choices[middle].left_s < worth:
            low = middle + 1
        else:
            high = middle
    return low


def _keep(search: _Search, counts: list[int]) -> None:
    given, seconds = _given(search.groups, counts), _seconds(search.groups, counts)
    if seconds < search.best_s and _covers(given, search.needs):
        search.best, search.best_s = counts, seconds


def _branch(search: _Search) -> bool:
    """Searches what the bound leaves open; True when nothing shorter can exist any more."""
    slack = search.best_s - 1 - search.bound + 1e-6  # whole seconds: a better way is at least one shorter
    if slack < 0:
        return True
    fixed, open_ = _options(search, slack)
    counts = [0] * len(search.groups)
    used: set[int] = set()
    for place, count in fixed:
        counts[place] = count
        if count and used & search.groups[place].lessons:
            return True  # two that every better way would need share a lesson
        used |= search.groups[place].lessons if count else set()
    open_.sort(key=lambda one: -max(penalty for _count, penalty in one[1]))
    left = [need - there for need, there in zip(search.needs, _given(search.groups, counts), strict=True)]
    if len(open_) > 300:
        return False  # deeper than is worth the time; the bound stands
    rest = [[0] * len(left)]
    for place, options in reversed(open_):
        most = max(count for count, _penalty in options)
        rest.append([a + most * given for a, given in zip(rest[-1], search.groups[place].gives, strict=True)])
    rest.reverse()
    _walk(search, open_, rest, 0, counts, left, used, search.bound)
    return search.nodes <= MOST_NODES


_Options = list[tuple[int, list[tuple[int, float]]]]


def _options(search: _Search, slack: float) -> tuple[list[tuple[int, int]], _Options]:
    """How many of each group a shorter way could take: those with one answer, and (count, what it adds to the bound)."""
    fixed: list[tuple[int, int]] = []
    open_: _Options = []
    for place, group in enumerate(search.groups):
        worth = sum(map(mul, search.prices, group.gives))
        at_best = _worthwhile(group, worth)
        least = group.costs[at_best] - at_best * worth
        options = []
        for step in (-1, 1):
            count = at_best if step > 0 else at_best - 1
            while 0 <= count <= len(group.choices):
                penalty = group.costs[count] - count * worth - least
                if penalty > slack:
                    break
                options.append((count, max(0.0, penalty)))
                count += step
        if len(options) == 1:
            fixed.append((place, options[0][0]))
        else:
            open_.append((place, sorted(options, key=lambda one: one[1])))
    return fixed, open_


def _walk(
    search: _Search, open_: _Options, rest: list[list[int]], depth: int, counts: list[int], left: list[int],
    used: set[int], bound: float,
) -> None:  # fmt: skip
    search.nodes += 1
    if search.nodes > MOST_NODES or any(a > there for a, there in zip(left, rest[depth], strict=True)):
        return
    if depth == len(open_):
        seconds = _seconds(search.groups, counts)
        if seconds < search.best_s:
            search.best, search.best_s = list(counts), seconds
        return
    place, options = open_[depth]
    group = search.groups[place]
    for count, penalty in options:
        if bound + penalty > search.best_s - 1 + 1e-6:
            break  # the options that follow add more
        if count and used & group.lessons:
            continue
        counts[place] = count
        after = [a - count * given for a, given in zip(left, group.gives, strict=True)]
        _walk(search, open_, rest, depth + 1, counts, after, used | group.lessons if count else used, bound + penalty)
    counts[place] = 0


def _in_order(search: _Search) -> tuple[Choice, ...]:
    taken = [one for group, count in zip(search.groups, search.best, strict=True) for one in group.choices[:count]]
    return tuple(sorted(taken, key=lambda one: (one.left_s / one.centihours, one.left_s, one.key)))


def still_missing(balances: Iterable[Balance], way: Way) -> Mapping[str, int]:
    """Requirement → centihours that the way does not fill."""
    return {
        one.requirement.name: rest
        for one in balances
        if (rest := one.missing_centihours - _filled(one, way.choices)) > 0
    }  # fmt: skip


def _filled(balance: Balance, way: Sequence[Choice]) -> int:
    asked = balance.requirement
    return sum(
        one.centihours for one in way if one.source in asked.sources and (one.is_required or not asked.only_required)
    )
