"""The blueprint that all pages of sessions hang on."""

from __future__ import annotations

from flask import Blueprint, current_app

from learnhub.catalog.messages import said
from learnhub.config import Settings
from learnhub.sessions.messages import STATES, STATUSES
from learnhub.sessions.rules import MARKS

blueprint = Blueprint("sessions", __name__, template_folder="../templates")

STATE_KINDS = {"planned": "info", "held": "warn", "closed": "good", "cancelled": "neutral"}
STATUS_KINDS = {"unmarked": "neutral", "present": "good", "late": "warn", "leave": "info", "absent": "bad"}


@blueprint.context_processor
def words() -> dict[str, object]:
    """The names and colours of states and marks, and titles by language, for every template of sessions."""
    return {
        "state_words": STATES,
        "status_words": STATUSES,
        "state_kinds": STATE_KINDS,
        "status_kinds": STATUS_KINDS,
        "marks": MARKS,
        "said": said,
    }


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.extensions["learnhub_settings"]
    return found
