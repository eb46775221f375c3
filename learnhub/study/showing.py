"""What the templates of study ask for: strips, times inside a recording, the words of an option."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Flask, url_for
from markupsafe import Markup

from learnhub.design import format as shown
from learnhub.design.i18n import _

UNITS = 1000
"""The width of a strip in its own units."""


def strip(pieces: Sequence[Sequence[int]], length_ms: int) -> Markup:
    """A drawing of the seen parts of a lesson; the words beside it say the same."""
    bars = Markup("").join(
        Markup('<rect x="{}" width="{}" height="10"></rect>').format(
            round(start * UNITS / length_ms, 2), round(max(1.0, (end - start) * UNITS / length_ms), 2)
        )
        for start, end in pieces
    )
    return Markup(
        '<svg class="seen-strip" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">{}</svg>'
    ).format(bars)


def ms_timecode(ms: int, up: bool = False) -> str:
    """A place in a recording: 65900 → ``1:05``; ``up`` rounds up what is asked for: ``1:06``."""
    return shown.timecode(-(-ms // 1000) if up else ms / 1000)


def ms_seconds(ms: int) -> int:
    """Whole seconds, for ``?t=``."""
    return ms // 1000


def moment_of(text: str) -> str:
    """A moment kept as ISO text inside evidence, as people read it."""
    return shown.moment(datetime.fromisoformat(text))


def option_words(question: Mapping[str, Any], option: int) -> str:
    """The words of an option; a true-or-false question has those of the language."""
    if question["kind"] == "judge":
        return _("True") if option == 0 else _("False")
    return str(question["options"][option])


def year_tabs(years: Sequence[int], current: int) -> list[tuple[str, str, bool]]:
    """The years to choose from, as the design's tabs take them."""
    return [(str(year), url_for("years.my_year", year=year), year == current) for year in years]


def install(app: Flask) -> None:
    """Gives all of them to templates."""
    for function in (strip, ms_timecode, ms_seconds, moment_of, option_words, year_tabs):
        app.add_template_global(function, function.__name__)
