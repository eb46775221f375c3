"""The ledger: append only, each hour once, each entry sealed to the one before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import peewee
import pytest

from learnhub.config import Settings
from learnhub.kernel.db import db as database
from learnhub.kernel.db import is_postgres, transaction
from learnhub.kernel.errors import Invalid, NotFound
from learnhub.study import actions, ledger
from learnhub.study.models import Attempt, Completion, LedgerEntry, Progress
from learnhub.study.rules import chain
from tests.cast import Cast
from tests.study.conftest import Library

RIGHT = [[0], [0, 1], [0]]


def credit_group(cast: Cast, library: Library, settings: Settings, **change: Any) -> LedgerEntry | None:
    values = {"held_at": cast.now, "now": cast.now + timedelta(hours=1), "settings": settings, **change}
    return actions.credit_group_viewing(cast.people["learner"].id, library.video.id, 7, **values)


def test_online_and_group_viewing_of_one_lesson_count_once_a_year(
    cast: Cast, library: Library, settings: Settings
) -> None:
    entry = credit_group(cast, library, settings, evidence={"station": "YX0190"})
    assert entry is not None
    assert (entry.source, entry.centihours, entry.year, entry.number) == ("group", 25, 2026, 1)
    assert entry.evidence["session"] == 7
    assert entry.evidence["station"] == "YX0190"
    assert Progress.get().done_by == "group"
    assert credit_group(cast, library, settings) is None
    next_year = cast.now + timedelta(days=365)
    later = credit_group(cast, library, settings, held_at=next_year, now=next_year)
    assert later is not None
    assert (later.year, later.number, later.previous_digest) == (2027, 2, entry.digest)


def test_a_lesson_counts_for_the_year_that_it_is_in_china(cast: Cast, library: Library, settings: Settings) -> None:
    new_year = cast.now.replace(month=12, day=31, hour=16, minute=0)  # midnight in China
    entry = credit_group(cast, library, settings, held_at=new_year)
    assert entry is not None
    assert entry.year == 2027


def test_the_database_itself_refuses_a_second_credit(cast: Cast, library: Library, settings: Settings) -> None:
    entry = credit_group(cast, library, settings)
    assert entry is not None
    values = {**entry.__data__, "number": 2}
    del values["id"]
    with pytest.raises(peewee.IntegrityError), transaction():
        LedgerEntry.insert(**values).execute()
    with pytest.raises(peewee.IntegrityError), transaction():  # nor can a chain fork
        LedgerEntry.insert(**{**values, "number": 1, "credit_key": "other"}).execute()


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_entry SET centihours = 100", "DELETE FROM ledger_entry"], ids=["update", "delete"]
)
def test_the_database_itself_refuses_to_change_the_ledger(
    cast: Cast, library: Library, settings: Settings, statement: str
) -> None:
    credit_group(cast, library, settings)
    with pytest.raises(peewee.DatabaseError, match="never"), transaction():
        database.execute_sql(statement)
    assert LedgerEntry.get().centihours == 25


def test_an_altered_missing_or_forged_entry_is_named(cast: Cast, library: Library, settings: Settings) -> None:
    for year in range(4):
        credit_group(cast, library, settings, held_at=cast.now + timedelta(days=366 * year))
    assert list(ledger.list_faults()) == []
    assert ledger.count_entries() == 4
    rows = [ledger.plain(entry) for entry in LedgerEntry.select().order_by(LedgerEntry.number)]
    assert chain.faults(rows) == []
    assert chain.faults([rows[0], {**rows[1], "centihours": 100}, *rows[2:]]) == [(2, "altered")]
    assert chain.faults([rows[0], {**rows[1], "evidence": {"seen": []}}, *rows[2:]]) == [(2, "evidence")]
    assert chain.faults([rows[0], *rows[2:]]) == [(2, "missing")]
    assert chain.faults([rows[1], *rows[2:]]) == [(1, "missing")]
    forged = {**rows[1], "centihours": 100}
    forged["digest"] = chain.seal(forged)
    assert chain.faults([rows[0], forged, *rows[2:]]) == [(3, "order")]
    swapped = [rows[0], {**rows[2], "number": 2}, {**rows[1], "number": 3}, rows[3]]
    assert {number for number, _code in chain.faults(swapped)} >= {2, 3}


def test_a_change_behind_the_triggers_back_is_found(cast: Cast, library: Library, settings: Settings) -> None:
    credit_group(cast, library, settings)
    if is_postgres():
        database.execute_sql("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
    else:
        database.execute_sql("DROP TRIGGER ledger_entry_no_update")
    database.execute_sql("UPDATE ledger_entry SET centihours = 900")
    person = cast.people["learner"].id
    assert list(ledger.list_faults()) == [(person, 1, "altered")]
    assert list(ledger.list_faults(person)) == [(person, 1, "altered")]


def test_a_passed_test_gives_its_hours_once(cast: Cast, library: Library, settings: Settings) -> None:
    learner, now = cast.actor("learner"), cast.now
    failed = actions.submit_attempt(learner, library.test.id, [[1], [0], [1]], now=now, settings=settings)
    assert (failed.number, failed.score, failed.is_passed) == (1, 0.0, False)
    assert LedgerEntry.select().count() == 0
    passed = actions.submit_attempt(learner, library.test.id, [[0], [0, 1], [1]], now=now, settings=settings)
    assert (passed.number, passed.is_passed) == (2, True)
    entry = LedgerEntry.get()
    assert (entry.source, entry.centihours, entry.evidence["attempt"]) == ("test", 50, passed.id)
    actions.submit_attempt(learner, library.test.id, RIGHT, now=now, settings=settings)
    assert LedgerEntry.select().count() == 1
    assert Attempt.select().count() == 3


@pytest.mark.parametrize("answers", [[], [[0], [0]], [[9], [0], [0]], [[-1], [0], [0]], [[0], [0], [2]]])
def test_answers_that_do_not_fit_the_test_are_refused(
    cast: Cast, library: Library, settings: Settings, answers: list[list[int]]
) -> None:
    with pytest.raises(Invalid, match="study.bad_answers"):
        actions.submit_attempt(cast.actor("learner"), library.test.id, answers, now=cast.now, settings=settings)


def test_only_tests_are_submitted_and_only_lessons_with_length_watched(
    cast: Cast, library: Library, settings: Settings
) -> None:
    learner = cast.actor("learner")
    with pytest.raises(Invalid, match="study.not_a_test"):
        actions.submit_attempt(learner, library.video.id, [], now=cast.now, settings=settings)
    with pytest.raises(Invalid, match="study.nothing_to_watch"):
        actions.open_viewing(learner, library.test.id, device="", now=cast.now, settings=settings)
    with pytest.raises(NotFound):
        actions.submit_attempt(cast.actor("neighbour"), library.test.id, RIGHT, now=cast.now, settings=settings)
    assert credit_of_test(cast, library, settings) is None


def credit_of_test(cast: Cast, library: Library, settings: Settings) -> LedgerEntry | None:
    return actions.credit_group_viewing(
        cast.people["learner"].id, library.test.id, 7, held_at=cast.now, now=cast.now, settings=settings
    )


def test_a_course_is_complete_when_every_lesson_is_done(cast: Cast, library: Library, settings: Settings) -> None:
    person = cast.people["learner"].id
    for lesson in (library.video, library.text, library.document):
        actions.credit_group_viewing(person, lesson.id, 7, held_at=cast.now, now=cast.now, settings=settings)
    assert Completion.select().count() == 0
    actions.submit_attempt(cast.actor("learner"), library.test.id, RIGHT, now=cast.now, settings=settings)
    done = Completion.get()
    assert (done.person_id, done.course_id, done.completed_at) == (person, library.course.id, cast.now)
