"""The org feature; its paragraph is written with its rooms."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Puts the feature's pages, jobs and messages into the application."""
