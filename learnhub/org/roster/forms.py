"""What browsers send about imports and people, as plain values."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from learnhub.org.actions.people import PersonDetails

Form = MultiDict[str, str]


def read_columns(form: Form, count: int) -> list[str]:
    """The field chosen for each column: ``column-0`` and so on."""
    return [form.get(f"column-{at}", "")[:20] for at in range(count)]


def read_details(form: Form) -> PersonDetails:
    """Name, staff number, rank and post."""
    say = form.get
    return PersonDetails(say("name", "")[:200], say("staff_no", "")[:80], say("rank", "")[:40], say("duty", "")[:200])
