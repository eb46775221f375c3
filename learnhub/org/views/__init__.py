"""The pages of the tree, its people, accounts and powers."""

from learnhub.org.views import accounts, duplicates, people, reorganise, second_step, trail, transfers, units
from learnhub.org.views.blueprint import blueprint

__all__ = ["accounts", "blueprint", "duplicates", "people", "reorganise", "second_step", "trail", "transfers", "units"]
