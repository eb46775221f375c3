"""Pages of sessions."""

from learnhub.sessions.views import calendar, planning, playing, roll, session
from learnhub.sessions.views.blueprint import blueprint

__all__ = ["blueprint", "calendar", "planning", "playing", "roll", "session"]
