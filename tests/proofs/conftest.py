"""The library of tests/study, for proofs."""

from tests.study.conftest import library

__all__ = ["library"]
