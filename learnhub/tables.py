"""Every table of LearnHub, feature by feature, in an order in which they can be created."""

from __future__ import annotations

from importlib import import_module

from learnhub.kernel.db import Model

FEATURES_WITH_TABLES = (
    *("kernel", "org", "org.roster", "media", "media.uploads", "catalog", "study", "sessions", "years", "proofs"),
    "search",
)


def tables_of(feature: str) -> tuple[type[Model], ...]:
    """The tables of one feature (or of the kernel)."""
    return tuple(import_module(f"learnhub.{feature}.models").TABLES)


def all_tables() -> tuple[type[Model], ...]:
    """All tables."""
    return tuple(table for feature in FEATURES_WITH_TABLES for table in tables_of(feature))
