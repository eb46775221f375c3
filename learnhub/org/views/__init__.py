"""The pages of the tree, its people, accounts and powers."""

from learnhub.org.views import (
    accounts,
    details,
    duplicates,
    outside,
    people,
    reorganise,
    rosters,
    second_step,
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
    "outside",
    "people",
    "reorganise",
    "rosters",
    "second_step",
    "trail",
    "transfers",
    "units",
]
