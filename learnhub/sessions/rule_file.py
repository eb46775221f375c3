"""Opens the rule files of sessions."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from learnhub.sessions.rules import SessionRule

CURRENT = "station-roll"


@cache
def read_rule(name: str = CURRENT) -> SessionRule:
    """The figures of ``data/<name>.toml``. Raises TypeError for a missing or unknown entry."""
    values = tomllib.loads((files("learnhub.sessions") / "data" / f"{name}.toml").read_text("utf-8"))
    return SessionRule(**{**values, "source": values["source"].strip(), "credited": tuple(values["credited"])})
