"""The usual ranks (职级), kept as data: ``data/ranks.csv``; hours rules name them by code."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from learnhub.kernel import sheets
from learnhub.kernel.db import transaction
from learnhub.org import audit
from learnhub.org.models import Rank

FILE = Path(__file__).parent / "data" / "ranks.csv"


def add_usual_ranks(*, now: datetime) -> int:
    """:func:`load_ranks` by whoever runs the command line, with a line in the audit trail when something was written."""
    with transaction():
        written = load_ranks()
        if written:
            audit.record(None, "ranks.loaded", "rank", "", unit_id=None, now=now, count=written)
    return written


def load_ranks() -> int:
    """Adds the ranks that are missing and corrects names and order; returns how many were written."""
    known = {rank.code: rank for rank in Rank.select()}
    written = 0
    with transaction():
        for _line, row in sheets.read_csv(FILE.read_bytes()):
            values = {"name": row["name"], "name_en": row["name_en"], "order": int(row["order"])}
            rank = known.get(row["code"])
            if rank is None:
                Rank.create(code=row["code"], **values)
            elif any(getattr(rank, field) != value for field, value in values.items()):
                Rank.update(**values).where(Rank.id == rank.id).execute()
            else:
                continue
            written += 1
    return written
