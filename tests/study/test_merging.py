"""Two entries of one person become one with all that was studied, and apart again; the ledger stays whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from learnhub.config import Settings
from learnhub.kernel.errors import Conflict
from learnhub.org import actions as org
from learnhub.org.models import Account, Person, PersonMerge, PersonSpell, RoleGrant
from learnhub.study import actions, ledger
from learnhub.study.models import Attempt, Completion, LedgerEntry, Progress
from tests.cast import Cast
from tests.study.conftest import Library

RIGHT = [[0], [0, 1], [0]]


def _hours(person: Person) -> int:
    return sum(entry.centihours for entry in LedgerEntry.select().where(LedgerEntry.person == person))


def _credit(person: Person, library: Library, cast: Cast, settings: Settings, session: int) -> LedgerEntry | None:
    values: dict[str, Any] = {"held_at": cast.now, "now": cast.now + timedelta(hours=1), "settings": settings}
    return actions.credit_group_viewing(person.id, library.video.id, session, **values)


def _state(*people: Person) -> dict[str, Any]:
    """All that a merge may touch, but for the ledger, which only grows."""
    tables = (Person, Account, Progress, Attempt, Completion, RoleGrant, PersonSpell)
    found: dict[str, Any] = {table.__name__: sorted(map(str, table.select().dicts())) for table in tables}
    return {**found, "hours": [_hours(person) for person in people]}


def test_all_that_was_studied_goes_over_and_comes_back(
    app: Flask, cast: Cast, library: Library, settings: Settings
) -> None:
    admin, later = cast.actor("unit_admin"), cast.now + timedelta(days=1)
    kept, gone = cast.people["villager"], cast.people["learner"]
    assert _credit(gone, library, cast, settings, 7) is not None
    actions.submit_attempt(cast.actor("learner"), library.test.id, RIGHT, now=cast.now, settings=settings)
    before = _state(kept, gone)
    merge = org.merge_people(admin, kept.id, gone.id, reason="同一人", now=later)
    assert (_hours(kept), _hours(gone)) == (before["hours"][1], 0)
    assert not Progress.select().where(Progress.person == gone).exists()
    assert Account.get(Account.username == "learner").person_id == kept.id
    assert Person.get_by_id(kept.id).staff_no == "HT2001"
    assert not Person.get_by_id(gone.id).is_active
    assert list(ledger.list_faults()) == []
    org.part_people(admin, merge.id, now=later)
    assert _state(kept, gone) == before
    assert list(ledger.list_faults()) == []


def test_a_lesson_that_gave_hours_to_both_gives_them_once(
    app: Flask, cast: Cast, library: Library, settings: Settings
) -> None:
    kept, gone = cast.people["learner"], cast.people["colleague"]
    for person, session in ((kept, 7), (gone, 8)):
        assert _credit(person, library, cast, settings, session) is not None
    once = _hours(kept)
    merge = org.merge_people(cast.actor("unit_admin"), kept.id, gone.id, now=cast.now)
    assert (_hours(kept), _hours(gone)) == (once, 0)
    assert list(ledger.list_faults()) == []
    org.part_people(cast.actor("unit_admin"), merge.id, now=cast.now)
    assert (_hours(kept), _hours(gone)) == (once, once)


def test_a_merge_on_which_the_person_has_studied_on_stays(
    app: Flask, cast: Cast, library: Library, settings: Settings, now: datetime
) -> None:
    kept, gone = cast.people["villager"], cast.people["learner"]
    _credit(gone, library, cast, settings, 7)
    merge = org.merge_people(cast.actor("unit_admin"), kept.id, gone.id, now=now)
    Progress.update(changed_at=now + timedelta(days=2)).where(Progress.person == kept).execute()
    with pytest.raises(Conflict):
        org.part_people(cast.actor("unit_admin"), merge.id, now=now)
    assert PersonMerge.get_by_id(merge.id).undone_at is None
