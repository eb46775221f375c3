"""What is known of a prepared asset, kept as ``facts.json`` beside its renditions.

The folder appears by one rename, the rows of the database after it; a worker killed between the two finds the facts
and does not encode again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from learnhub.kernel import files
from learnhub.media.playlists import Variant

FACTS = "facts.json"


@dataclass(frozen=True)
class Facts:
    """A prepared medium: kind, length in milliseconds, displayed size in pixels, what was made.

    Of its first sound: loudness before in LUFS, the gain given in dB, loudness after it; None for silence.
    """

    kind: str
    duration_ms: int
    width: int | None
    height: int | None
    variants: tuple[Variant, ...]
    lufs: float | None = None
    gain_db: float = 0.0
    outcome_lufs: float | None = None


def write_facts(folder: Path, facts: Facts) -> None:
    """Puts the facts beside the renditions."""
    files.write_whole(folder / FACTS, json.dumps(asdict(facts), ensure_ascii=False, indent=1).encode())


def read_facts(folder: Path) -> Facts:
    """The facts of a complete folder."""
    told = json.loads((folder / FACTS).read_text("utf-8"))
    told["variants"] = tuple(Variant(**one) for one in told["variants"])
    return Facts(**told)
