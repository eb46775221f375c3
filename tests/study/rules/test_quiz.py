"""Tests: order, marks, passing."""

from __future__ import annotations

import pytest

from learnhub.study.rules import quiz
from tests.study.conftest import QUESTIONS


def test_an_attempt_has_its_own_order_and_keeps_it() -> None:
    many = QUESTIONS * 4
    first = quiz.order_for(1, 2, 1, many)
    assert first == quiz.order_for(1, 2, 1, many)
    assert first != quiz.order_for(1, 2, 2, many)
    assert first != quiz.order_for(2, 2, 1, many)
    assert sorted(index for index, _options in first) == list(range(12))
    for index, options in first:
        assert sorted(options) == list(range(quiz.option_count(many[index])))
        if many[index]["kind"] == "judge":
            assert options == [0, 1]


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([[0], [0, 1], [0]], 1.0),
        ([[0], [1, 0, 1], [0]], 1.0),
        ([[0], [0], [0]], 2 / 3),  # half of a multiple choice is not right
        ([[0], [0, 1, 2], [0]], 2 / 3),
        ([[], [], []], 0.0),
        ([[1], [2], [1]], 0.0),
    ],
)
def test_a_question_is_right_when_exactly_the_right_options_are_chosen(answers: list[list[int]], score: float) -> None:
    assert quiz.score(quiz.mark(QUESTIONS, answers)) == score


@pytest.mark.parametrize(
    ("score", "share", "passed"), [(0.6, 0.6, True), (2 / 3, 0.6, True), (0.5999, 0.6, False), (0.0, 0.0, False)]
)
def test_the_share_asked_for_is_enough(score: float, share: float, passed: bool) -> None:
    assert quiz.is_passed(score, share) is passed
