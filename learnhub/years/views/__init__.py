"""The pages of the year; importing this package registers them all."""

from learnhub.years.views import choosing, deciding, own
from learnhub.years.views.blueprint import blueprint

__all__ = ["blueprint", "choosing", "deciding", "own"]
