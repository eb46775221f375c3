"""The pages of the year; importing this package registers them all."""

from learnhub.years.views import deciding, own, rules
from learnhub.years.views.blueprint import blueprint

__all__ = ["blueprint", "deciding", "own", "rules"]
