"""The home page of each member of the cast."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from learnhub.kernel import clock
from learnhub.sessions.models import StationSession
from learnhub.study.models import Completion
from tests.cast import PEOPLE, Cast
from tests.client import CheckingClient
from tests.desks.conftest import Library, add_session

SignIn = Callable[[str], CheckingClient]


@pytest.fixture(autouse=True)
def at_ten(now: datetime) -> Iterator[None]:
    """Pages are asked for on a June morning at 10:00 in China."""
    with clock.told_by(lambda: now):
        yield


def home(client: CheckingClient) -> str:
    """The home page as text."""
    response = client.get("/")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_whoever_is_signed_out_is_sent_to_log_in(client: CheckingClient) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login")


@pytest.mark.parametrize("nickname", [name for name, facts in PEOPLE.items() if facts[-1] and name != "retiree"])
def test_every_member_has_a_home_in_both_languages(busy: Library, client_for: SignIn, nickname: str) -> None:
    client = client_for(nickname)
    name = PEOPLE[nickname][1]
    assert f"{name}，早上好" in home(client)
    client.set_cookie("lang", "en")
    assert f"Good morning, {name}" in home(client)


def test_one_click_leads_to_the_lesson_that_was_begun(begun: Library, client_for: SignIn) -> None:
    page = home(client_for("learner"))
    assert f'href="/lessons/{begun.lesson.id}"' in page
    assert "已完成 25%，还需 13 分" in page


def test_a_new_person_is_offered_the_newest_course(library: Library, client_for: SignIn) -> None:
    page = home(client_for("colleague"))
    assert "您没有学了一半的课时" in page
    assert f'href="/courses/{library.courses[0].id}"' in page


def test_without_any_course_the_page_says_so(client_for: SignIn) -> None:
    assert "还没有面向您单位的课程" in home(client_for("learner"))


def test_the_four_newest_courses_are_shown(library: Library, client_for: SignIn) -> None:
    page = home(client_for("learner"))
    assert [course.title in page for course in library.courses] == [True] * 4 + [False] * 2


def test_the_year_says_what_is_earned_asked_and_missing(library: Library, client_for: SignIn) -> None:
    assert "已得 0 学时，还差 50 学时。" in home(client_for("learner"))


def test_a_learner_sees_sessions_of_the_own_unit_and_no_work_of_others(busy: Library, client_for: SignIn) -> None:
    page = home(client_for("learner"))
    assert "今天 station" in page and "今天 township_station" in page
    assert "今天 sibling_station" not in page and "今天 other_station" not in page
    for heading in ("我的集中学习", "我管理范围的年度进展", "我管理的课程", "我的管理范围", "等待中的任务"):
        assert heading not in page


def test_a_manager_opens_the_roll_from_home(busy: Library, cast: Cast, client_for: SignIn) -> None:
    client = client_for("station_manager")
    page = home(client)
    session = StationSession.get(StationSession.title == "今天 station")
    assert f'action="/sessions/{session.id}/hold"' in page
    assert client.send(f"/sessions/{session.id}/hold").status_code == 302
    assert f'href="/sessions/{session.id}/roll"' in home(client)


def test_a_manager_is_told_of_sessions_left_open(busy: Library, client_for: SignIn) -> None:
    page = home(client_for("station_manager"))
    assert "尚未关闭" in page and "上周 sibling_station" in page and "上周 other_station" not in page


def test_a_session_that_begins_late_today_cannot_be_opened_yet(cast: Cast, client_for: SignIn, now: datetime) -> None:
    session = add_session(cast, "station", "晚上", now + timedelta(hours=9))
    assert f"/sessions/{session.id}/hold" not in home(client_for("station_manager"))


def test_each_role_finds_its_own_part(busy: Library, client_for: SignIn) -> None:
    parts = {
        "department": "我管理范围的年度进展",
        "auditor": "我管理范围的年度进展",
        "editor": "我管理的课程",
        "unit_admin": "我的管理范围",
        "system_admin": "等待中的任务",
    }
    for nickname, heading in parts.items():
        assert heading in home(client_for(nickname))


def test_the_neighbour_sees_nothing_of_the_county(busy: Library, client_for: SignIn) -> None:
    page = home(client_for("neighbour"))
    for name in ("大石板", "北城", "莲池", "课程0号", "今天 station", "上周 station"):
        assert name not in page


def test_the_fullest_home_costs_at_most_thirty_queries(
    busy: Library, client_for: SignIn, queries: Callable[[], int]
) -> None:
    client = client_for("system_admin")
    queries()
    home(client)
    assert queries() <= 30


def test_the_year_of_an_area_is_added_up_anew_after_five_minutes(
    busy: Library, cast: Cast, client_for: SignIn, now: datetime
) -> None:
    client = client_for("department")
    one = '<p class="stat-value">{}</p>'
    assert one.format(3) in home(client)
    Completion.delete().execute()
    with clock.told_by(lambda: now + timedelta(minutes=4)):
        assert one.format(3) in home(client)
    with clock.told_by(lambda: now + timedelta(minutes=6)):
        assert one.format(3) not in home(client)


def test_more_courses_and_sessions_cost_no_more_queries(
    busy: Library, cast: Cast, client_for: SignIn, now: datetime, queries: Callable[[], int]
) -> None:
    client = client_for("system_admin")
    home(client)
    queries()
    home(client)
    before = queries()
    for number in range(10):
        add_session(cast, "station", f"第{number}场", now + timedelta(hours=number))
    queries()
    home(client)
    assert queries() == before


def test_home_with_its_files_is_lighter_than_150_kb(busy: Library, client_for: SignIn) -> None:
    client = client_for("system_admin")
    addresses = _files_of(home(client))
    assert len(addresses) >= 5
    assert sum(_weight(client, address) for address in {"/", *addresses}) < 150_000


def _weight(client: CheckingClient, address: str) -> int:
    """Bytes over the wire of an answer to a browser that takes gzip."""
    answer = FlaskClient.open(client, address, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    return len(answer.data)


def _files_of(page: str) -> set[str]:
    return set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
