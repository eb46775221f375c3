"""Sessions on the calendar: who may plan, what is refused, what two people may not do at once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from learnhub.kernel import db as kernel_db
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.org.models import AuditLine
from learnhub.sessions import actions, queries
from learnhub.sessions.models import SessionLesson, StationSession
from tests.cast import Cast
from tests.sessions.conftest import Planner, make_course


def test_a_manager_schedules_a_session_with_its_programme(planner: Planner) -> None:
    session = planner.scheduled()
    programme = queries.programme_of([session.id])[session.id]
    assert [lesson.lesson_id for lesson in programme] == [lesson.id for lesson in planner.lessons]
    line = AuditLine.select().order_by(AuditLine.id.desc()).get()
    assert (line.action, line.subject_id) == ("session.scheduled", str(session.id))


@pytest.mark.parametrize("nickname", ["neighbour", "learner", "department", "editor"])
def test_only_a_manager_of_the_station_plans_there(planner: Planner, cast: Cast, now: datetime, nickname: str) -> None:
    with pytest.raises(Forbidden):
        actions.schedule_session(cast.actor(nickname), planner.plan(), now=now)
    assert not StationSession.select().exists()


def test_a_clash_at_the_station_names_the_other_session(planner: Planner) -> None:
    first = planner.scheduled(title="三会一课")
    with pytest.raises(Conflict) as refused:
        planner.scheduled(starts_at=first.starts_at + timedelta(minutes=30), ends_at=first.ends_at + timedelta(hours=1))
    assert refused.value.code == "sessions.station_clash"
    assert refused.value.params["title"] == "三会一课"


def test_a_host_cannot_be_at_two_stations(planner: Planner, cast: Cast) -> None:
    planner.scheduled(title="上午场")
    with pytest.raises(Conflict) as refused:
        planner.scheduled(station_id=cast.sibling_station.id)
    assert refused.value.code == "sessions.host_clash"
    assert refused.value.params["station"] == cast.station.name


def test_a_host_clash_outside_of_ones_area_tells_the_time_only(planner: Planner, cast: Cast, now: datetime) -> None:
    make_course("N", cast.other_county, now)
    theirs = [lesson.lesson_id for lesson in queries.list_lessons_for(cast.other_village.path)]
    away = planner.plan(
        station_id=cast.other_station.id, host_id=cast.neighbour.person_id, lesson_ids=tuple(theirs), title="邻县学习"
    )
    session = actions.schedule_session(cast.neighbour, away, now=now)
    StationSession.update(host=cast.station_manager.person_id).where(StationSession.id == session.id).execute()
    with pytest.raises(Conflict) as refused:
        planner.scheduled()
    assert refused.value.code == "sessions.host_clash_elsewhere"
    assert "title" not in refused.value.params


def test_a_cancelled_session_frees_its_time(planner: Planner, cast: Cast, now: datetime) -> None:
    first = planner.scheduled()
    actions.cancel_session(cast.station_manager, first.id, "停电", now=now)
    assert planner.scheduled().id != first.id


def test_cancelling_needs_a_reason(planner: Planner, cast: Cast, now: datetime) -> None:
    session = planner.scheduled()
    with pytest.raises(Invalid):
        actions.cancel_session(cast.station_manager, session.id, "", now=now)


def test_sessions_may_follow_each_other_without_a_pause(planner: Planner) -> None:
    first = planner.scheduled()
    planner.scheduled(starts_at=first.ends_at, ends_at=first.ends_at + timedelta(hours=1))
    assert StationSession.select().count() == 2


def test_lessons_of_another_county_cannot_be_shown(planner: Planner, cast: Cast, now: datetime) -> None:
    foreign = make_course("X", cast.other_county, now)
    with pytest.raises(Invalid) as refused:
        planner.scheduled(lesson_ids=(foreign[0].id,))
    assert refused.value.fields["lessons"] == "sessions.lessons_not_visible"


def test_a_host_outside_of_ones_reach_is_refused(planner: Planner, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        planner.scheduled(host_id=cast.people["other_learner"].id)
    assert refused.value.fields == {"host": "sessions.host_missing"}


def test_a_change_moves_the_session_and_keeps_what_it_was(planner: Planner, cast: Cast, now: datetime) -> None:
    session = planner.scheduled()
    plan = planner.plan(title="改期", lesson_ids=(planner.lessons[1].id,))
    changed = actions.change_session(cast.station_manager, session.id, plan, now=now)
    assert (changed.title, SessionLesson.select().count()) == ("改期", 1)
    line = AuditLine.select().order_by(AuditLine.id.desc()).get()
    assert line.detail["changes"]["title"] == ["主题党日学习", "改期"]


def test_an_opened_session_is_not_changed(planner: Planner, cast: Cast, now: datetime) -> None:
    session = planner.held()
    with pytest.raises(Conflict) as refused:
        actions.change_session(cast.station_manager, session.id, planner.plan(title="改期"), now=now)
    assert refused.value.code == "sessions.wrong_state"


def test_the_neighbour_cannot_even_learn_that_a_session_exists(planner: Planner, cast: Cast, now: datetime) -> None:
    session = planner.scheduled()
    for act in (
        lambda: queries.get_session(cast.neighbour, session.id),
        lambda: actions.cancel_session(cast.neighbour, session.id, "x", now=now),
        lambda: actions.hold_session(cast.neighbour, session.id, now=session.starts_at),
        lambda: actions.change_session(cast.neighbour, session.id, planner.plan(), now=now),
    ):
        with pytest.raises(NotFound):
            act()
    month = (now, now + timedelta(days=60))
    assert queries.list_sessions_between(cast.neighbour, *month) == []
    assert len(queries.list_sessions_between(cast.department, *month)) == 1
    assert queries.list_stations(cast.neighbour, "sessions.view", "大石板") == []


def test_two_plans_at_the_same_moment_give_one_session(planner: Planner, cast: Cast, now: datetime) -> None:
    """Both station and host are locked while a plan is checked, on either database."""
    manager, plan = cast.station_manager, planner.plan()
    started, outcomes = threading.Barrier(4), []

    def book() -> None:
        started.wait()
        try:
            outcomes.append(actions.schedule_session(manager, plan, now=now))
        except Conflict as refused:
            outcomes.append(refused.code)
        finally:
            kernel_db.db.close()

    threads = [threading.Thread(target=book) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert StationSession.select().count() == 1
    assert outcomes.count("sessions.station_clash") == 3
