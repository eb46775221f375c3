"""The roll call of forty people in Chromium: by keyboard, over a line that breaks, by two managers at once."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from werkzeug.serving import make_server

from learnhub.app import create_app
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import db as database
from learnhub.kernel.text import fold_name
from learnhub.org.models import Person
from learnhub.sessions import actions
from learnhub.sessions.models import Attendance, StationSession
from tests.cast import PASSWORD, Cast, build_cast
from tests.databases import SqliteTemplates
from tests.sessions.conftest import Planner, make_course

PEOPLE = 40
SAVED = "全部已保存。"


@pytest.fixture
def held(sqlite_templates: SqliteTemplates, settings: Settings) -> Iterator[tuple[str, StationSession, Cast]]:
    """The address of a running server, and a session at a village station with forty people on its roll."""
    with sqlite_templates.clone("roll_call", _build) as url:
        session = StationSession.get()
        app = create_app(dataclasses.replace(settings, database_url=url))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.port}", session, _casts[0]
        server.shutdown()
        thread.join()
        server.server_close()


_casts: list[Cast] = []


def _build() -> Cast:
    now = clock.now()
    cast = build_cast(now)
    _casts.append(cast)
    for number in range(PEOPLE - 3):
        name = f"村民{number:02d}"
        Person.create(name=name, name_folded=fold_name(name), unit=cast.village, created_at=now)
    lessons = make_course("C", cast.county, now)
    planner = Planner(cast, lessons, None)  # type: ignore[arg-type]
    session = planner.scheduled(starts_at=now, ends_at=now + timedelta(hours=1))
    actions.hold_session(cast.station_manager, session.id, now=now)
    return cast


@pytest.fixture
def open_roll(browser: Browser, held: tuple[str, StationSession, Cast]) -> Iterator[Callable[..., Page]]:
    """``open_roll("station_manager")``: the roll in a window of 1366 × 768 of that member of the cast, or on a phone."""
    base, session, _cast = held
    contexts = []

    def open_window(who: str, *, is_phone: bool = False) -> Page:
        size: ViewportSize = {"width": 390, "height": 844} if is_phone else {"width": 1366, "height": 768}
        context = browser.new_context(viewport=size, locale="zh-CN", has_touch=is_phone, is_mobile=is_phone)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"the page's script failed: {error}"))
        page.goto(f"{base}/login")
        page.locator("main input:not([type=hidden]):not([type=password])").first.fill(who)
        page.locator("main input[type=password]").fill(PASSWORD)
        page.locator("main input[type=password]").press("Enter")
        page.wait_for_url(lambda address: "/login" not in address)
        page.goto(f"{base}/sessions/{session.id}/roll")
        expect(page.locator("form#roll.ready")).to_have_count(1)
        return page

    yield open_window
    for context in contexts:
        context.close()


def statuses() -> list[str]:
    """The marks in the database, in the order of the roll."""
    return [line.status for line in Attendance.select().order_by(Attendance.id)]


def test_forty_people_are_on_one_screen_and_marked_by_keyboard(
    open_roll: Callable[[str], Page], held: tuple[str, StationSession, Cast]
) -> None:
    page = open_roll("station_manager")
    rows = page.locator(".roll-row")
    assert rows.count() == PEOPLE
    boxes = [row.bounding_box() for row in rows.all()]
    assert all(box and box["y"] >= 0 and box["y"] + box["height"] <= 768 for box in boxes)
    begun = time.monotonic()
    for number in range(PEOPLE):
        page.keyboard.press({5: "2", 9: "3", 11: "a"}.get(number, "p" if number % 2 else "1"))
    expect(page.locator("[data-roll-status]")).to_have_text(SAVED)
    assert time.monotonic() - begun < 60
    expected = [{5: "late", 9: "leave", 11: "absent"}.get(number, "present") for number in range(PEOPLE)]
    assert statuses() == expected
    assert page.locator("[data-roll-counts]").inner_text() == f"已点 {PEOPLE}/{PEOPLE} 人"


@pytest.mark.parametrize("is_phone", [False, True])
def test_each_press_of_mouse_or_finger_is_a_mark(open_roll: Callable[..., Page], is_phone: bool) -> None:
    page = open_roll("station_manager", is_phone=is_phone)
    press = page.touchscreen.tap if is_phone else page.mouse.click
    for place, number in enumerate((0, 1, 3, 2, 0)):
        label = page.locator(".roll-row").nth(place).locator(".segment label").nth(number)
        label.scroll_into_view_if_needed()
        box = label.bounding_box()
        assert box is not None
        press(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("[data-roll-status]")).to_have_text(SAVED)
    expect(page.locator("[data-roll-counts]")).to_contain_text("已点 5/")
    assert statuses()[:6] == ["present", "late", "absent", "leave", "present", "unmarked"]


def test_arrows_and_j_and_k_move_without_marking(open_roll: Callable[[str], Page]) -> None:
    page = open_roll("station_manager")
    for key in ("ArrowDown", "j", "ArrowDown", "k", "ArrowUp", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    page.keyboard.press("4")
    expect(page.locator("[data-roll-status]")).to_have_text(SAVED)
    assert [place for place, status in enumerate(statuses()) if status != "unmarked"] == [1]


def test_the_rest_is_marked_by_one_button(open_roll: Callable[[str], Page]) -> None:
    page = open_roll("station_manager")
    page.keyboard.press("3")
    page.get_by_role("button", name="其余出勤").click()
    expect(page.locator("[data-roll-status]")).to_have_text(SAVED)
    assert statuses() == ["leave"] + ["present"] * (PEOPLE - 1)


def test_marks_made_without_a_line_are_kept_over_a_reload_and_sent_when_it_is_back(
    open_roll: Callable[[str], Page],
) -> None:
    page = open_roll("station_manager")
    page.route("**/roll/marks", lambda route: route.abort())
    for key in ("1", "2", "3"):
        page.keyboard.press(key)
    expect(page.locator("[data-roll-status]")).to_contain_text("网络中断：3 条")
    assert set(statuses()) == {"unmarked"}
    page.once("dialog", lambda dialog: dialog.accept())
    page.unroute("**/roll/marks")
    page.reload()
    expect(page.locator("[data-roll-status]")).to_have_text(SAVED)
    assert statuses()[:4] == ["present", "late", "leave", "unmarked"]


def test_two_managers_at_one_roll_lose_no_mark(open_roll: Callable[[str], Page]) -> None:
    one, other = open_roll("station_manager"), open_roll("system_admin")
    one.keyboard.press("1")
    expect(one.locator("[data-roll-status]")).to_have_text(SAVED)
    other.keyboard.press("4")
    expect(other.locator("[data-roll-status]")).to_contain_text("王秀英")
    other.keyboard.press("2")
    expect(other.locator("[data-roll-status]")).to_have_text(SAVED)
    assert statuses()[:2] == ["present", "late"]
    expect(one.locator(".roll-row").nth(1)).to_have_attribute("data-status", "late", timeout=15_000)
    database.close()
