"""The roll call, closing, and the hours that follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from learnhub.kernel import events
from learnhub.kernel.errors import Conflict, Invalid, NotFound
from learnhub.org.models import AuditLine, Person
from learnhub.sessions import actions, queries
from learnhub.sessions.actions import Mark
from learnhub.sessions.events import SessionClosed
from learnhub.sessions.models import Attendance, StationSession
from learnhub.study import ledger
from learnhub.study.models import LedgerEntry
from tests.cast import Cast
from tests.sessions.conftest import Planner


def hours_of(cast: Cast, nickname: str) -> int:
    """What the ledger holds for a person, in centihours."""
    rows = LedgerEntry.select(LedgerEntry.centihours).where(LedgerEntry.person == cast.people[nickname].id).tuples()
    return sum(row[0] for row in rows)


@pytest.fixture
def told(planner: Planner) -> dict[str, Any]:
    """The time and the settings that most acts are given: the end of the base session."""
    return {"now": planner.cast.now + timedelta(days=1, hours=1), "settings": planner.settings}


def test_the_first_roll_holds_the_active_people_of_the_unit_and_below(planner: Planner, cast: Cast) -> None:
    session = planner.held()
    names = {line.name for line in queries.list_roll(session.id)}
    assert names == {cast.people[who].name for who in ("learner", "colleague", "villager")}


def test_the_next_roll_repeats_the_last_one(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    first = planner.held()
    actions.remove_from_roll(cast.station_manager, first.id, cast.people["colleague"].id, now=told["now"])
    actions.mark_rest(cast.station_manager, first.id, "present", **told)
    actions.close_session(cast.station_manager, first.id, **told)
    later = first.starts_at + timedelta(days=10)
    second = planner.held(starts_at=later, ends_at=later + timedelta(hours=1))
    assert {line.person_id for line in queries.list_roll(second.id)} == {
        cast.people[who].id for who in ("learner", "villager")
    }


def test_a_mark_is_kept_with_who_and_when_and_its_history(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session, manager, person = planner.held(), cast.station_manager, cast.people["learner"].id
    actions.mark_attendance(manager, session.id, Mark(person, "absent"), **told)
    line = actions.mark_attendance(manager, session.id, Mark(person, "late", version=1), **told)
    assert (line.status, line.version, line.marked_by_id) == ("late", 2, manager.person_id)
    assert [(old["status"], old["by"]) for old in line.history] == [("absent", manager.person_id)]
    traced = AuditLine.get(AuditLine.action == "roll.mark_changed")
    assert (traced.detail["before"], traced.detail["after"]) == ("absent", "late")


def test_a_mark_sent_twice_changes_nothing(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session, mark = planner.held(), Mark(cast.people["learner"].id, "present", version=0)
    for _ in range(2):
        line = actions.mark_attendance(cast.station_manager, session.id, mark, **told)
    assert (line.version, line.history) == (1, [])


def test_two_managers_do_not_overwrite_each_other_unseen(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session, person = planner.held(), cast.people["learner"].id
    actions.mark_attendance(cast.system_admin, session.id, Mark(person, "leave", version=0), **told)
    with pytest.raises(Conflict) as refused:
        actions.mark_attendance(cast.station_manager, session.id, Mark(person, "absent", version=0), **told)
    assert refused.value.params["by"] == cast.system_admin.name
    other = Mark(cast.people["colleague"].id, "present", version=0)
    outcome = actions.mark_all(cast.station_manager, session.id, [Mark(person, "absent", version=0), other], **told)
    assert (outcome.changed, [who for who, _why in outcome.refused]) == (1, [person])
    assert Attendance.get(person=person).status == "leave"


def test_somebody_without_an_account_is_found_and_added(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session = planner.held()
    newcomer = Person.create(name="𬱖生", name_folded="𬱖生", unit=cast.group, created_at=cast.now)
    found = queries.list_people_to_add(queries.get_session(cast.station_manager, session.id), "𬱖")
    assert [(one.id, one.has_account) for one in found] == [(newcomer.id, False)]
    actions.add_to_roll(cast.station_manager, session.id, newcomer.id, now=told["now"])
    with pytest.raises(Conflict):
        actions.add_to_roll(cast.station_manager, session.id, newcomer.id, now=told["now"])


@pytest.mark.parametrize("nickname", ["sibling_learner", "other_learner", "retiree"])
def test_people_of_other_places_are_not_added(
    planner: Planner, cast: Cast, told: dict[str, Any], nickname: str
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.add_to_roll(cast.station_manager, planner.held().id, cast.people[nickname].id, now=told["now"])
    assert refused.value.code == "sessions.person_not_here"


def test_who_was_marked_is_not_taken_off_the_roll(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session, person = planner.held(), cast.people["learner"].id
    actions.mark_attendance(cast.station_manager, session.id, Mark(person, "present"), **told)
    with pytest.raises(Conflict):
        actions.remove_from_roll(cast.station_manager, session.id, person, now=told["now"])


def test_an_unknown_mark_and_a_stranger_are_refused(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session = planner.held()
    with pytest.raises(Invalid):
        actions.mark_attendance(cast.station_manager, session.id, Mark(cast.people["learner"].id, "asleep"), **told)
    with pytest.raises(Invalid):
        actions.mark_rest(cast.station_manager, session.id, "unmarked", **told)
    with pytest.raises(NotFound):
        actions.mark_attendance(cast.station_manager, session.id, Mark(10**6, "present"), **told)


def test_the_neighbour_marks_nobody(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session, mark = planner.held(), Mark(cast.people["learner"].id, "present")
    for act in (
        lambda: actions.mark_attendance(cast.neighbour, session.id, mark, **told),
        lambda: actions.mark_all(cast.neighbour, session.id, [mark], **told),
        lambda: actions.mark_rest(cast.neighbour, session.id, "present", **told),
        lambda: actions.close_session(cast.neighbour, session.id, **told),
    ):
        with pytest.raises(NotFound):
            act()
    assert not Attendance.select().where(Attendance.version > 0).exists()


@pytest.mark.parametrize(
    ("minutes", "code"), [(-61, "sessions.too_early_to_open"), (60 * 24 * 7 + 61, "sessions.too_late_to_open")]
)
def test_the_roll_opens_around_the_session_only(planner: Planner, cast: Cast, minutes: int, code: str) -> None:
    session = planner.scheduled()
    with pytest.raises(Conflict) as refused:
        actions.hold_session(cast.station_manager, session.id, now=session.starts_at + timedelta(minutes=minutes))
    assert refused.value.code == code


def test_closing_credits_the_present_and_the_late_and_nobody_else(planner: Planner, cast: Cast) -> None:
    told_of: list[SessionClosed] = []
    events.subscribe(SessionClosed, told_of.append)
    session = planner.closed({"learner": "present", "colleague": "late", "villager": "leave"})
    assert hours_of(cast, "learner") == hours_of(cast, "colleague") > 0
    assert hours_of(cast, "villager") == 0
    assert {entry.source for entry in LedgerEntry.select()} == {"group"}
    credited = {cast.people["learner"].id, cast.people["colleague"].id}
    assert [(event.session_id, set(event.person_ids)) for event in told_of] == [(session.id, credited)]


def test_closing_waits_for_every_mark_and_for_the_programme(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session = planner.held()
    with pytest.raises(Conflict) as refused:
        actions.close_session(cast.station_manager, session.id, **told)
    assert (refused.value.code, refused.value.params) == ("sessions.unmarked_left", {"count": 3})
    actions.mark_rest(cast.station_manager, session.id, "present", **told)
    early = {**told, "now": session.starts_at + timedelta(minutes=44)}
    with pytest.raises(Conflict) as refused:
        actions.close_session(cast.station_manager, session.id, **early)
    assert refused.value.code == "sessions.too_early_to_close"
    assert not LedgerEntry.select().exists()


def test_closing_twice_credits_once(planner: Planner, cast: Cast, told: dict[str, Any]) -> None:
    session = planner.closed({"learner": "present"})
    before = hours_of(cast, "learner")
    with pytest.raises(Conflict):
        actions.close_session(cast.station_manager, session.id, **told)
    assert hours_of(cast, "learner") == before


def test_the_same_lesson_in_another_session_gives_nothing_more(planner: Planner, cast: Cast) -> None:
    planner.closed({"learner": "present"})
    before = hours_of(cast, "learner")
    later = cast.now + timedelta(days=11)
    planner.closed({"learner": "present", "villager": "present"}, starts_at=later, ends_at=later + timedelta(hours=1))
    assert hours_of(cast, "learner") == before == hours_of(cast, "villager")


def test_a_correction_after_closing_needs_a_reason_and_moves_the_hours(
    planner: Planner, cast: Cast, told: dict[str, Any]
) -> None:
    session, manager = planner.closed({"learner": "present"}), cast.station_manager
    earned, person, other = hours_of(cast, "learner"), cast.people["learner"].id, cast.people["villager"].id
    with pytest.raises(Invalid):
        actions.mark_attendance(manager, session.id, Mark(person, "absent"), **told)
    actions.mark_attendance(manager, session.id, Mark(person, "absent"), reason="抄录有误", **told)
    actions.mark_attendance(manager, session.id, Mark(other, "late"), reason="抄录有误", **told)
    assert (hours_of(cast, "learner"), hours_of(cast, "villager")) == (0, earned)
    actions.mark_attendance(manager, session.id, Mark(person, "present"), reason="复核", **told)
    assert hours_of(cast, "learner") == earned
    assert list(ledger.list_faults()) == []


def test_the_page_of_a_closed_session_tells_who_got_how_many_hours(
    planner: Planner, cast: Cast, told: dict[str, Any]
) -> None:
    def given(session: StationSession) -> dict[str, int]:
        found = queries.list_given(session, queries.list_roll(session.id))
        return {nickname: found[one.id] for nickname, one in cast.people.items() if one.id in found}

    open_one = planner.held()
    assert given(open_one) == {}
    actions.cancel_session(cast.station_manager, open_one.id, "停电", now=told["now"])
    first = planner.closed({"learner": "present", "colleague": "absent"})
    earned = hours_of(cast, "learner")
    assert given(first) == {"learner": earned}
    later = cast.now + timedelta(days=11)
    marks = {"learner": "present", "villager": "late"}
    second = planner.closed(marks, starts_at=later, ends_at=later + timedelta(hours=1))
    assert given(second) == {"villager": earned}
    person = Mark(cast.people["learner"].id, "absent")
    actions.mark_attendance(cast.station_manager, first.id, person, reason="未到", **told)
    assert (given(first), given(second)) == ({}, {"learner": earned, "villager": earned})


def test_hours_taken_back_are_given_by_another_session_that_proves_them(
    planner: Planner, cast: Cast, told: dict[str, Any]
) -> None:
    first = planner.closed({"learner": "present"})
    later = cast.now + timedelta(days=11)
    planner.closed({"learner": "present"}, starts_at=later, ends_at=later + timedelta(hours=1))
    before = hours_of(cast, "learner")
    mark = Mark(cast.people["learner"].id, "absent")
    actions.mark_attendance(cast.station_manager, first.id, mark, reason="未到", **told)
    assert hours_of(cast, "learner") == before


def test_forty_people_are_marked_and_closed(
    planner: Planner, cast: Cast, told: dict[str, Any], crowd: Callable[[int], list[Person]]
) -> None:
    crowd(37)
    session = planner.held()
    assert actions.mark_rest(cast.station_manager, session.id, "present", **told) == 40
    actions.close_session(cast.station_manager, session.id, **told)
    assert LedgerEntry.select().count() == 80
    assert StationSession.get_by_id(session.id).state == "closed"
