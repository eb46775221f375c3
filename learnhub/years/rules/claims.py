"""What a claim of hours earned elsewhere must look like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from learnhub.study.rules.hours import CLAIMED, HoursRule

LONGEST_DAYS = 120
MOST_CENTIHOURS = 40_000
LARGEST_DOCUMENT = 10 << 20


@dataclass(frozen=True)
class ClaimValues:
    """A claim as it is filled in; ``year`` is the one for which the form was opened."""

    year: int
    kind: str
    title: str
    organiser: str
    first_day: date | None
    last_day: date | None
    centihours: int | None
    is_required: bool


def faults_of(values: ClaimValues, rule: HoursRule, today: date) -> dict[str, str]:
    """Field → code of what is wrong; an empty one is a claim that can be decided about."""
    found: dict[str, str] = {}
    if values.year not in (today.year, today.year - 1):
        found["first_day"] = "years.claim_year_closed"
    if values.kind not in CLAIMED or values.kind not in rule.kinds:
        found["kind"] = "years.claim_kind"
    for name in ("title", "organiser"):
        if not 2 <= len(getattr(values, name)) <= 200:
            found[name] = "years.claim_text"
    if values.centihours is None or not 0 < values.centihours <= MOST_CENTIHOURS:
        found["hours"] = "years.claim_hours"
    return {**found, **_faults_of_days(values, today)}


def _faults_of_days(values: ClaimValues, today: date) -> dict[str, str]:
    first, last = values.first_day, values.last_day
    if first is None:
        return {"first_day": "years.claim_day"}
    if last is None:
        return {"last_day": "years.claim_day"}
    for name, day in (("first_day", first), ("last_day", last)):
        if day.year != values.year:
            return {name: "years.claim_other_year"}
        if day > today:
            return {name: "years.claim_future"}
    if last < first or (last - first).days >= LONGEST_DAYS:
        return {"last_day": "years.claim_day_order"}
    return {}


def kind_of_document(head: bytes) -> str:
    """``pdf``, ``jpg`` or ``png`` by the first bytes, whatever the name says; empty for anything else."""
    for mark, kind in ((b"%PDF-", "pdf"), (b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png")):
        if head.startswith(mark):
            return kind
    return ""
