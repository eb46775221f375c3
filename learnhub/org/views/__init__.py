"""The pages of the tree, its people, accounts and powers."""

from learnhub.org.views import accounts, people, trail, units
from learnhub.org.views.blueprint import blueprint

__all__ = ["accounts", "blueprint", "people", "trail", "units"]
