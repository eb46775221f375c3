"""The library of tests/study, for people's years."""

from tests.study.conftest import library

__all__ = ["library"]
