"""The categories of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from learnhub.catalog.course_folder import CategoryLine
from learnhub.catalog.models import Category
from learnhub.kernel.db import transaction
from learnhub.org import audit
from learnhub.org.scope import Actor


def set_categories(actor: Actor | None, lines: Iterable[CategoryLine], *, now: datetime) -> int:
    """Adds and renames categories as ``categories.toml`` lists them; none is removed. Returns how many rows changed."""
    changed = 0
    with transaction():
        known = {row.code: row for row in Category.select()}
        for order, line in enumerate(lines, 1):
            row = known.get(line.code) or Category(code=line.code)
            wanted = (line.title, line.title_en, order)
            if row.id is not None and (row.name, row.name_en, row.order) == wanted:
                continue
            row.name, row.name_en, row.order = wanted
            row.save()
            changed += 1
            audit.record(
                actor,
                "catalog.set_category",
                "category",
                row.id,
                unit_id=None,
                now=now,
                code=line.code,
                name=line.title,
            )
    return changed
