"""Who lost access while addresses given to them are still good: kept as marks that need no database to be seen.

An address lives for hours, and neither nginx nor the direct way asks the database. So a person who leaves is marked
in the media folder, both look for the mark, and the address is dead from then on.
"""

from __future__ import annotations

from datetime import datetime

from learnhub.config import Settings
from learnhub.kernel import jobs
from learnhub.media.delivery import LIFE
from learnhub.media.store import open_store
from learnhub.org.events import StandingChanged
from learnhub.org.models import Person

JOB = "media.follow_standing"


def follow_standing(change: StandingChanged) -> None:
    """Has the marks follow as soon as the change is committed. Hears :class:`StandingChanged`."""
    jobs.enqueue(JOB, {"person": change.person_id}, now=change.at, key=f"{JOB} {change.person_id}")


def mark_person(person_id: int, *, settings: Settings, now: datetime) -> None:
    """Makes the mark say what the database says; marks older than any address are taken away. Idempotent."""
    serves = Person.select(Person.id).where((Person.id == person_id) & Person.is_active).exists()
    store = open_store(settings)
    store.admit_person(person_id) if serves else store.bar_person(person_id)
    store.forget_bars(before=now - 2 * LIFE)
