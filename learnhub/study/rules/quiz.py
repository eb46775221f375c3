"""Tests: the order in which an attempt shows its questions, and what answers are worth."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mark:
    """One question judged: what was chosen, what is right, both as option indexes of the stored question."""

    chosen: tuple[int, ...]
    right: tuple[int, ...]

    @property
    def is_right(self) -> bool:
        """All right options chosen and no other."""
        return set(self.chosen) == set(self.right)


def option_count(question: Mapping[str, Any]) -> int:
    """How many answers may be chosen from; a true-or-false question has two, 0 is right and 1 is wrong."""
    return 2 if question["kind"] == "judge" else len(question["options"])


def order_for(
    person_id: int, version_id: int, attempt: int, questions: Sequence[Mapping[str, Any]]
) -> list[tuple[int, list[int]]]:
    """The order of questions and of their options for one attempt: (question index, option indexes).

    The same for the same attempt on every machine; another attempt has another order. True and false keep theirs.
    """
    chance = random.Random(f"{person_id}/{version_id}/{attempt}")  # noqa: S311 - an order, not a secret
    shown = list(range(len(questions)))
    chance.shuffle(shown)
    found = []
    for index in shown:
        options = list(range(option_count(questions[index])))
        if questions[index]["kind"] != "judge":
            chance.shuffle(options)
        found.append((index, options))
    return found


def mark(questions: Sequence[Mapping[str, Any]], answers: Sequence[Sequence[int]]) -> list[Mark]:
    """Each question judged; what was not answered is wrong."""
    return [
        Mark(tuple(sorted(set(chosen))), tuple(sorted(question["answer"])))
        for question, chosen in zip(questions, answers, strict=True)
    ]


def score(marks: Sequence[Mark]) -> float:
    """The share of questions answered right, 0 to 1; an empty test is worth nothing."""
    return sum(one.is_right for one in marks) / len(marks) if marks else 0.0


def is_passed(reached: float, pass_share: float) -> bool:
    """True when the share asked for is reached; 3 of 5 is 60 % whatever floating point makes of it."""
    return reached + 1e-9 >= pass_share > 0 or (pass_share <= 0 < reached)
