"""The pages of sessions as a browser without script sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from learnhub.kernel import clock
from learnhub.org.models import Person, Station
from learnhub.sessions.models import Attendance, StationSession
from learnhub.study.models import LedgerEntry
from tests.cast import Cast
from tests.client import CheckingClient
from tests.sessions.conftest import Planner

Browsers = Callable[[str], CheckingClient]


@pytest.fixture(autouse=True)
def fixed_time(cast: Cast) -> Any:
    """The pages are opened an hour and a half after the cast's instant."""
    with clock.told_by(lambda: cast.now + timedelta(minutes=90)):
        yield


def form_of(planner: Planner, **changes: Any) -> dict[str, Any]:
    """The planning form for a session that began with the cast's instant, 10:00 in China."""
    return {
        "station": planner.cast.station.id,
        "date": clock.local_date(planner.cast.now).isoformat(),
        "start": "10:00",
        "end": "11:00",
        "title": "主题党日",
        "host": planner.cast.station_manager.person_id,
        "lessons": [lesson.id for lesson in planner.lessons],
        **changes,
    }


def test_a_manager_plans_holds_marks_and_closes(client_for: Browsers, planner: Planner, cast: Cast) -> None:
    browser = client_for("station_manager")
    browser.get("/sessions/new")
    made = browser.send("/sessions/new", form_of(planner))
    assert made.status_code == 302, made.get_data(as_text=True)
    session = StationSession.get()
    page = f"/sessions/{session.id}"
    assert "主题党日" in browser.get("/sessions?month=2026-06").get_data(as_text=True)
    assert browser.get(page).status_code == 200
    assert browser.send(f"{page}/hold").location == f"{page}/roll"
    roll = browser.get(f"{page}/roll").get_data(as_text=True)
    assert all(cast.people[who].name in roll for who in ("learner", "colleague", "villager"))
    person = cast.people["learner"].id
    sent = {f"mark-{person}": "late", f"was-{person}": "0:unmarked", "rest": "present"}
    browser.send(f"{page}/roll", sent)
    assert {line.status for line in Attendance.select()} == {"late", "present"}
    assert browser.send(f"{page}/close").status_code == 302
    assert LedgerEntry.select().count() == 6
    assert "已结束" in browser.get(page).get_data(as_text=True)


def test_the_form_comes_back_with_what_was_typed_and_what_is_wrong(client_for: Browsers, planner: Planner) -> None:
    browser = client_for("station_manager")
    browser.get("/sessions/new")
    answer = browser.send("/sessions/new", form_of(planner, end="09:30", title="夜校"))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "夜校" in text
    assert "结束时间必须晚于开始时间" in text


def test_a_clash_is_told_at_the_field(client_for: Browsers, planner: Planner) -> None:
    browser = client_for("station_manager")
    browser.get("/sessions/new")
    browser.send("/sessions/new", form_of(planner))
    answer = browser.send("/sessions/new", form_of(planner, start="10:30", end="11:30"))
    assert answer.status_code == 409
    assert "“主题党日”" in answer.get_data(as_text=True)


def test_without_script_stations_and_hosts_are_looked_up_by_a_button(client_for: Browsers, planner: Planner) -> None:
    browser = client_for("station_manager")
    browser.get("/sessions/new")
    form = form_of(planner, station="", station_text="莲池", host_text="王秀", find="station")
    text = browser.send("/sessions/new", form).get_data(as_text=True)
    assert "莲池社区站点" in text
    assert "王秀英" in text


def test_a_session_is_changed_and_cancelled(client_for: Browsers, planner: Planner) -> None:
    session = planner.scheduled()
    browser = client_for("station_manager")
    assert 'value="主题党日学习"' in browser.get(f"/sessions/{session.id}/edit").get_data(as_text=True)
    assert browser.send(f"/sessions/{session.id}/edit", form_of(planner, title="改期")).status_code == 302
    browser.get(f"/sessions/{session.id}/cancel")
    assert browser.send(f"/sessions/{session.id}/cancel", {"reason": ""}).status_code == 422
    browser.send(f"/sessions/{session.id}/cancel", {"reason": "停电"})
    assert "停电" in browser.get(f"/sessions/{session.id}").get_data(as_text=True)


def test_marks_are_saved_one_by_one_and_meet_others(client_for: Browsers, planner: Planner, cast: Cast) -> None:
    session = planner.held(starts_at=cast.now, ends_at=cast.now + timedelta(hours=1))
    one, other, person = client_for("station_manager"), client_for("system_admin"), cast.people["learner"].id
    address = f"/sessions/{session.id}/roll"
    for browser in (one, other):
        browser.get(address)

    def mark(browser: CheckingClient, status: str, version: int) -> Any:
        body = {"marks": [{"person": person, "status": status, "version": version}]}
        return browser.post(f"{address}/marks", json=body, headers={"X-CSRFToken": browser.csrf_token})

    assert mark(one, "present", 0).json["refused"] == []
    assert mark(one, "present", 0).json["refused"] == []
    met = mark(other, "absent", 0).json
    assert [refused["person"] for refused in met["refused"]] == [person]
    assert "王秀英" in met["refused"][0]["text"]
    assert mark(other, "absent", 1).json["refused"] == []
    assert one.get(f"{address}/state").json["lines"][0]["status"] == "absent"


def test_the_page_says_from_when_a_session_can_be_closed(client_for: Browsers, planner: Planner, cast: Cast) -> None:
    session = planner.held(starts_at=cast.now, ends_at=cast.now + timedelta(hours=1))
    with clock.told_by(lambda: cast.now + timedelta(minutes=1)):
        assert "播放内容尚未放完" in client_for("station_manager").get(f"/sessions/{session.id}").get_data(as_text=True)
    with clock.told_by(lambda: cast.now + timedelta(minutes=59)):
        text = client_for("station_manager").get(f"/sessions/{session.id}").get_data(as_text=True)
    assert "播放内容尚未放完" not in text and "结束并记学时" in text


@pytest.mark.parametrize(
    "body",
    [
        "x",
        [],
        {},
        {"marks": "x"},
        {"marks": [{"person": "1"}]},
        {"marks": [{"person": True, "status": "late", "version": 0}]},
    ],
)
def test_marks_that_cannot_be_read_are_refused(client_for: Browsers, planner: Planner, cast: Cast, body: Any) -> None:
    session = planner.held(starts_at=cast.now, ends_at=cast.now + timedelta(hours=1))
    browser = client_for("station_manager")
    browser.get(f"/sessions/{session.id}/roll")
    answer = browser.post(f"/sessions/{session.id}/roll/marks", json=body, headers={"X-CSRFToken": browser.csrf_token})
    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "sessions.marks_shape"


def test_a_closed_roll_is_corrected_with_a_reason(client_for: Browsers, planner: Planner, cast: Cast) -> None:
    session = planner.closed({"learner": "present"}, starts_at=cast.now, ends_at=cast.now + timedelta(hours=1))
    browser, person = client_for("station_manager"), cast.people["learner"].id
    address = f"/sessions/{session.id}/roll"
    browser.get(address)
    change = {f"mark-{person}": "absent", f"was-{person}": "1:present"}
    assert browser.send(address, change).status_code == 422
    assert browser.send(address, {**change, "reason": "抄录有误"}).status_code == 302
    assert "抄录有误" in browser.get(f"/sessions/{session.id}").get_data(as_text=True)


def test_somebody_is_looked_up_added_and_taken_off(client_for: Browsers, planner: Planner, cast: Cast) -> None:
    session = planner.held(starts_at=cast.now, ends_at=cast.now + timedelta(hours=1))
    newcomer = Person.create(name="𬱖生", name_folded="𬱖生", unit=cast.group, created_at=cast.now)
    browser = client_for("station_manager")
    address = f"/sessions/{session.id}/roll"
    assert "𬱖生" in browser.get(f"{address}?q=𬱖").get_data(as_text=True)
    browser.send(f"{address}/add", {"person": newcomer.id})
    assert Attendance.select().where(Attendance.person == newcomer.id).exists()
    browser.send(f"{address}/remove", {"person": newcomer.id})
    assert not Attendance.select().where(Attendance.person == newcomer.id).exists()


def test_the_big_screen_lists_and_shows_the_programme(client_for: Browsers, planner: Planner) -> None:
    session = planner.scheduled()
    browser = client_for("station_manager")
    first = planner.lessons[0]
    assert "第1课" in browser.get(f"/sessions/{session.id}/play").get_data(as_text=True)
    shown = browser.get(f"/sessions/{session.id}/play/{first.id}")
    assert "第2课" in shown.get_data(as_text=True)
    assert browser.get(f"/sessions/{session.id}/play/{10**6}").status_code == 404
    assert not LedgerEntry.select().exists()


@pytest.mark.parametrize("nickname", ["neighbour", "other_learner", "learner"])
def test_nobody_from_elsewhere_sees_or_does_anything(
    client_for: Browsers, planner: Planner, cast: Cast, nickname: str
) -> None:
    session = planner.held(starts_at=cast.now, ends_at=cast.now + timedelta(hours=1))
    browser = client_for(nickname)
    browser.get("/account")
    page = f"/sessions/{session.id}"
    for path in ("", "/edit", "/cancel", "/roll", "/roll/state", "/play", f"/play/{planner.lessons[0].id}"):
        assert browser.get(page + path).status_code in (403, 404), path
    for path in (
        "/edit",
        "/hold",
        "/close",
        "/cancel",
        "/roll",
        "/roll/marks",
        "/roll/rest",
        "/roll/add",
        "/roll/remove",
    ):
        sent = browser.send(page + path, {**form_of(planner), "person": cast.people["learner"].id, "reason": "x"})
        assert sent.status_code in (400, 403, 404), path
    calendar = browser.get("/sessions?month=2026-06")
    assert "主题党日" not in calendar.get_data(as_text=True)
    assert StationSession.get().state == "held"


def test_the_calendar_asks_the_same_number_of_questions_however_much_there_is(
    client_for: Browsers, planner: Planner, cast: Cast, queries: Callable[[], int]
) -> None:
    browser = client_for("station_manager")
    planner.scheduled()
    browser.get("/sessions?month=2026-06")
    queries()
    browser.get("/sessions?month=2026-06")
    few = queries()
    for number in range(20):
        start = cast.now + timedelta(days=2, hours=number)
        planner.scheduled(starts_at=start, ends_at=start + timedelta(hours=1))
        Station.create(station_no=f"T{number}", name=f"临时{number}", unit=cast.village)
    queries()
    browser.get("/sessions?month=2026-06")
    assert queries() == few
