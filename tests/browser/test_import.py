"""A roster brought in with mouse and keyboard: upload, columns, dry run, refused rows, application, undoing."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from learnhub.app import create_app
from learnhub.kernel import clock, jobs
from learnhub.org.models import Person
from tests.browser.conftest import LiveServer
from tests.org.roster.books import book

PageFor = Callable[..., Page]
CODE = "530402004013"


def _work(live: LiveServer) -> None:
    """What the background worker does, beside the server."""
    with create_app(live.settings).app_context():
        assert jobs.run_all(clock.now() + timedelta(seconds=2))


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """A spreadsheet with a title, headings that nobody knows, a wrong unit and a sum."""
    path = tmp_path / "北城街道花名册.xlsx"
    rows = [
        ["北城街道干部花名册（2026年6月）"],
        ["谁", "在哪个单位", "几号"],
        ["王　伟", CODE, "HT3001"],
        ["阿依努尔·艾合买提", "大石板社区居民委员会", "HT3002"],
        ["赵六", "没有这个村", "HT3003"],
        ["合计", "", "3"],
    ]
    path.write_bytes(book(rows))
    return path


def _upload(page: Page, live: LiveServer, path: Path) -> None:
    page.goto("/people")
    page.locator('main a[href="/people/imports"]').click()
    page.locator('main a[href="/people/imports/new"]').first.click()
    page.set_input_files('input[type="file"]', path)
    page.locator('main button[type="submit"]').click()
    expect(page.locator("main")).to_contain_text("正在读取文件")
    _work(live)


def _choose_columns(page: Page, live: LiveServer) -> None:
    expect(page.locator("h1")).to_have_text("各列是什么？")
    expect(page.locator("main")).to_contain_text("例如：王　伟")
    for heading, field in (("谁", "name"), ("在哪个单位", "unit"), ("几号", "staff_no")):
        page.get_by_label(heading).select_option(field)
    page.locator('main button[type="submit"]').first.click()
    expect(page.locator('[role="progressbar"], progress').first).to_be_visible()
    _work(live)


def _require_refused_rows(page: Page) -> None:
    expect(page.locator("main")).to_contain_text("您的管理范围内没有单位“没有这个村”")
    with page.expect_download() as caught:
        page.get_by_text("未接受的行及原因（xlsx）").click()
    sheet = openpyxl.load_workbook(io.BytesIO(caught.value.path().read_bytes())).active
    assert [cell.value for cell in sheet[1]] == ["行号", "谁", "在哪个单位", "几号", "结果", "原因"]
    assert [cell.value for cell in sheet[2]][:4] == [5, "赵六", "没有这个村", "HT3003"]
    assert sheet.max_row == 2


def test_a_roster_goes_from_the_upload_to_people_and_back(page_for: PageFor, live: LiveServer, roster: Path) -> None:
    page = page_for("unit_admin")
    added = Person.select().where(Person.staff_no.startswith("HT300"))
    _upload(page, live, roster)
    _choose_columns(page, live)
    expect(page.locator("main")).to_contain_text("试运行：数据尚未改动")
    _require_refused_rows(page)
    assert not added.exists()
    page.get_by_role("button", name="确认导入").click()
    _work(live)
    expect(page.locator("main")).to_contain_text("已新增 2 人")
    assert Person.get(Person.staff_no == "HT3001").name == "王　伟"
    page.fill('input[name="reason"]', "传错了文件")
    page.get_by_role("button", name="撤销本次导入").click()
    _work(live)
    expect(page.locator("main")).to_contain_text("传错了文件")
    assert not added.exists()
    _upload(page, live, roster)  # the choice of columns was remembered: straight to the dry run
    expect(page.locator("main")).to_contain_text("试运行：数据尚未改动")
