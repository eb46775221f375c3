"""Sets of media time, against the plainest model there is: sets of whole milliseconds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from learnhub.study.rules import intervals

PIECES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted).map(tuple), max_size=8)


def as_set(pieces: object) -> set[int]:
    return {point for start, end in pieces for point in range(start, end)}


def is_normal(pieces: intervals.Intervals) -> bool:
    flat = [at for piece in pieces for at in piece]
    return all(one < other for one, other in zip(flat, flat[1:], strict=False))


@given(PIECES, PIECES)
def test_union_difference_and_measure_agree_with_sets_of_points(one: list, other: list) -> None:
    first, second = intervals.normal(one), intervals.normal(other)
    assert is_normal(first)
    assert as_set(first) == as_set(one)
    assert as_set(intervals.union(first, second)) == as_set(one) | as_set(other)
    assert is_normal(intervals.union(first, second))
    assert as_set(intervals.without(first, second)) == as_set(one) - as_set(other)
    assert is_normal(intervals.without(first, second))
    assert intervals.measure(first) == len(as_set(one))


@given(PIECES, st.integers(0, 50))
def test_the_first_part_covers_the_limit_and_comes_from_the_front(pieces: list, limit: int) -> None:
    whole = intervals.normal(pieces)
    part = intervals.first(whole, limit)
    assert sorted(as_set(part)) == sorted(as_set(whole))[:limit]
    assert as_set(intervals.below(whole, limit)) == {point for point in as_set(whole) if point < limit}


def test_touching_intervals_become_one() -> None:
    assert intervals.normal([(5, 9), (0, 5), (9, 9)]) == ((0, 9),)
