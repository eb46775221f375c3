"""The shortest way to what a year still asks for: which lessons and group sessions, the most hours for the time first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from learnhub.study.rules.hours import Balance


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

    @property
    def cost(self) -> float:
        """Seconds for a hundredth of an hour."""
        return self.left_s / self.centihours


def shortest_way(balances: Iterable[Balance], choices: Iterable[Choice], *, most: int = 12) -> list[Choice]:
    """The cheapest choices that fill what is missing, in the order in which to take them; at most ``most``.

    A lesson is taken once, on line or in a session. What fills several requirements at once comes before what fills
    one. Greedy: no promise that no other set is some minutes shorter.
    """
    missing = [(one.requirement, one.missing_centihours) for one in balances if one.missing_centihours]
    left = {requirement.name: centihours for requirement, centihours in missing}
    sources = {requirement.name: requirement for requirement, _centihours in missing}
    taken: list[Choice] = []
    used: set[int] = set()
    waiting = [one for one in choices if one.centihours > 0]

    def served(one: Choice) -> list[str]:
        return [
            name for name, wanted in sources.items()
            if left[name] > 0 and one.source in wanted.sources and (one.is_required or not wanted.only_required)
        ]  # fmt: skip

    while len(taken) < most and any(centihours > 0 for centihours in left.values()):
        useful = [one for one in waiting if served(one) and not used & set(one.lesson_ids)]
        if not useful:
            break
        best = min(useful, key=lambda one: (one.cost / len(served(one)), one.left_s, one.key))
        for name in served(best):
            left[name] -= best.centihours
        taken.append(best)
        used |= set(best.lesson_ids)
        waiting.remove(best)
    return taken


def still_missing(balances: Iterable[Balance], way: Iterable[Choice]) -> Mapping[str, int]:
    """Requirement → centihours that the way does not fill."""
    chosen = list(way)
    return {
        one.requirement.name: rest
        for one in balances
        if (rest := one.missing_centihours - _filled(one, chosen)) > 0
    }  # fmt: skip


def _filled(balance: Balance, way: list[Choice]) -> int:
    asked = balance.requirement
    return sum(
        one.centihours for one in way if one.source in asked.sources and (one.is_required or not asked.only_required)
    )
