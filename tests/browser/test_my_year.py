"""My year in Chromium: a claim with its document from the phone, the decision on the PC, and the hour with its evidence."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from learnhub.kernel import clock
from tests.browser.conftest import LiveServer


def test_a_claim_is_filed_on_a_phone_decided_on_a_pc_and_stands_in_the_year(
    live: LiveServer, page_for: Callable[..., Page]
) -> None:
    day = clock.local_date(clock.now()).replace(month=1, day=1).isoformat()
    phone = page_for("learner", width=390, height=844)
    phone.goto("/my-year")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_role("link", name="申报学时").click()
    phone.fill("[name=title]", "乡村振兴专题班")
    phone.fill("[name=organiser]", "市委党校")
    phone.fill("[name=first_day]", day)
    phone.fill("[name=last_day]", day)
    phone.fill("[name=hours]", "6")
    document = {"name": "结业证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 certificate"}
    phone.set_input_files("[name=document]", document)  # type: ignore[arg-type]
    phone.get_by_role("button", name="提交申报").click()
    expect(phone.locator("main")).to_contain_text("等待")
    desk = page_for("department")
    desk.goto("/claims")
    desk.get_by_role("link", name="杨建国").click()
    desk.get_by_role("button", name="记录处理意见").click()
    desk.wait_for_url("**/claims")
    phone.reload()
    expect(phone.locator("main")).to_contain_text("已认定")
    phone.get_by_role("link", name="乡村振兴专题班").click()
    expect(phone.locator("main")).to_contain_text("市委党校")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
