"""A re-organisation in Chromium: a dated transfer, a merge of two units, and the old day's records as they were."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from learnhub.catalog.models import Category, Course
from learnhub.kernel import clock
from learnhub.org.models import Person, PersonSpell, Unit
from learnhub.study.models import Completion
from tests.browser.conftest import LiveServer

NAMES = ("learner", "colleague", "sibling_learner")


def _complete(live: LiveServer) -> None:
    """Three people of two villages completed a course two days ago."""
    cast, now = live.cast, clock.now()
    Person.update(created_at=now - timedelta(days=90)).execute()
    category = Category.create(code="m", name="类", name_en="kind", order=1)
    unit = cast.units["city"]
    course = Course.create(
        code="c", title="课程", category=category, unit=unit, level="city", state="published", changed_at=now
    )
    for nickname in NAMES:
        Completion.create(person=cast.people[nickname], course=course, completed_at=now - timedelta(days=2))


def _choose(page: Page, text: str, name: str) -> None:
    """Finds a unit by a part of its name and takes it."""
    page.locator('main input[name="q"]').fill(text)
    page.locator('main input[name="q"]').press("Enter")
    page.locator("main tr", has_text=name).get_by_role("link").click()


def _confirm(page: Page, reason: str) -> None:
    page.locator('main input[name="reason"]').fill(reason)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()


def test_records_of_the_old_day_are_the_same_after_a_transfer_and_a_merge(
    live: LiveServer, page_for: Callable[..., Page]
) -> None:
    _complete(live)
    people, units = live.cast.people, live.cast.units
    today = clock.local_date(clock.now())
    old = f"/records?unit={units['township'].id}&first=&as_of={today - timedelta(days=1)}"
    officer, admin = page_for("department"), page_for("unit_admin")

    def told(address: str) -> str:
        officer.goto(address)
        return officer.locator("main").inner_text()

    before, of_today = told(old), told(f"/records?unit={units['township'].id}&first=")
    assert "杨建国" in before and "大石板社区居民委员会" in before

    admin.goto(f"/people/{people['learner'].id}/transfer")
    _choose(admin, "黄草坝", "黄草坝村民委员会")
    admin.locator('main input[name="day"]').fill(today.isoformat())
    _confirm(admin, "组织调动")
    expect(admin.locator("main")).to_contain_text("黄草坝村民委员会")
    spell = PersonSpell.get(PersonSpell.person == people["learner"].id)
    assert (spell.unit_id, spell.until_day) == (units["village"].id, today)

    admin.goto(f"/units/{units['village'].id}/merge")
    _choose(admin, "莲池", "莲池社区居民委员会")
    expect(admin.locator("main")).to_contain_text("莲池社区居民委员会")
    _confirm(admin, "两社区合并")
    assert Unit.get_by_id(units["village"].id).is_retired
    assert Person.get_by_id(people["colleague"].id).unit_id == units["sibling_village"].id

    assert told(old) == before
    assert told(f"/records?unit={units['township'].id}&first=") != of_today
    officer.goto("/")
    officer.get_by_role("link", name=re.compile("截至.*的完成记录")).click()
    expect(officer.locator("#f-as_of")).to_have_value((today.replace(day=1) - timedelta(days=1)).isoformat())
