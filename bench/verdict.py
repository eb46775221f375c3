"""How every benchmark ends: one line of JSON with the machine and a bar for each figure that was promised."""

from __future__ import annotations

import json
import os
import platform
from typing import Any

Bar = dict[str, object]


def at_most(name: str, value: float, most: float) -> Bar:
    """A figure that must not pass ``most``."""
    return {"name": name, "value": round(value, 4), "target": f"<= {most:g}", "holds": value <= most}


def at_least(name: str, value: float, least: float) -> Bar:
    """A figure that must reach ``least``."""
    return {"name": name, "value": round(value, 4), "target": f">= {least:g}", "holds": value >= least}


def last_line(bench: str, bars: list[Bar], **more: Any) -> str:
    """The last line of a benchmark; ``more`` are figures behind the bars."""
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.platform()}
    return json.dumps({"bench": bench, "machine": machine, "bars": bars, **more}, ensure_ascii=False)
