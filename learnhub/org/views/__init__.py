"""The pages of the tree, its people, accounts and powers."""

from learnhub.org.views import (
    accounts,
    details,
    duplicates,
    grants,
    outside,
    people,
    readings,
    reorganise,
    rosters,
    second_step,
    slips,
    trail,
    transfers,
    units,
)
from learnhub.org.views.blueprint import blueprint

__all__ = [
    "accounts",
    "blueprint",
    "details",
    "duplicates",
    "grants",
    "outside",
    "people",
    "readings",
    "reorganise",
    "rosters",
    "second_step",
    "slips",
    "trail",
    "transfers",
    "units",
]
