"""The blueprint of the feature, and what all its views need."""

from __future__ import annotations

from flask import Blueprint, current_app

from learnhub.config import Settings

blueprint = Blueprint("years", __name__, template_folder="../templates", static_folder=None)


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.extensions["learnhub_settings"]
    return found
