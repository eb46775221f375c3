"""How many hours a course is worth is for ``study`` to say; the application tells the catalogue whom to ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Flask, current_app

Reckon = Callable[[Sequence[tuple[str, int]], bool], int]
_EXTENSION = "learnhub.catalog.hours"


def wire(app: Flask, reckon: Reckon) -> None:
    """Tells how (kind, seconds) of the lessons of a course, required or not, become hundredths of an hour for the viewer."""
    app.extensions[_EXTENSION] = reckon


def hours_of(lessons: Sequence[tuple[str, int]], *, is_required: bool) -> int | None:
    """The hundredths of an hour that a whole course gives to the viewer, or None where nobody reckons them."""
    reckon: Reckon | None = current_app.extensions.get(_EXTENSION)
    return reckon(lessons, is_required) if reckon else None
