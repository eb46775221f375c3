"""The records page and its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from urllib.parse import unquote

import openpyxl
import pytest

from learnhub.kernel import clock
from learnhub.org.models import AuditLine, Person
from tests.cast import Cast
from tests.client import CheckingClient
from tests.reports.conftest import Complete

Browsers = Callable[[str], CheckingClient]
ALL = "first="


def csv_rows(browser: CheckingClient, query: str = ALL) -> list[list[str]]:
    answer = browser.get(f"/records.csv?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def xlsx_rows(browser: CheckingClient, query: str = ALL) -> list[tuple[object, ...]]:
    answer = browser.get(f"/records.xlsx?{query}")
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    return list(sheet.iter_rows(values_only=True))


def test_an_officer_opens_filters_and_drills_down(client_for: Browsers, cast: Cast, complete: Complete) -> None:
    complete("learner", online=100)
    complete("sibling_learner", group=50)
    browser = client_for("department")
    text = browser.get(f"/records?{ALL}").get_data(as_text=True)
    assert "杨建国" in text
    assert "普丽华" in text
    assert f"unit={cast.township.id}" in text
    below = browser.get(f"/records?{ALL}&unit={cast.village.id}&chart=hours").get_data(as_text=True)
    assert "杨建国" in below
    assert "普丽华" not in below
    assert "杨建国" not in browser.get(f"/records?{ALL}&q=普丽华").get_data(as_text=True)


def test_both_files_carry_names_as_written_and_staff_numbers_as_text(
    client_for: Browsers, cast: Cast, complete: Complete
) -> None:
    Person.update(staff_no="0012345").where(Person.id == cast.people["learner"].id).execute()
    complete("learner", online=125)
    complete("villager", group=50)
    complete("colleague")
    browser = client_for("department")
    table = csv_rows(browser)
    assert table[0][:3] == ["姓名", "工号", "单位"]
    assert {row[0] for row in table[1:]} == {"杨建国", "李㛃", "阿依古丽·买买提"}
    day = clock.local_date(cast.now).isoformat()[:8]
    (one,) = [row for row in table if row[0] == "杨建国"]
    assert (one[1], one[3], one[6][:8], one[7], one[10]) == (
        "0012345",
        "红塔区 / 北城街道 / 大石板社区居民委员会",
        day,
        "1.25",
        "1.25",
    )
    sheet = {str(row[0]): row for row in xlsx_rows(browser)}
    assert sheet["杨建国"][1] == "0012345"
    assert sheet["杨建国"][7] == 1.25
    assert "李㛃" in sheet


@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_that_looks_like_a_formula_stays_text(
    client_for: Browsers, cast: Cast, complete: Complete, name: str
) -> None:
    Person.update(name=name).where(Person.id == cast.people["learner"].id).execute()
    complete("learner")
    browser = client_for("department")
    assert csv_rows(browser)[1][0].startswith("'")
    answer = browser.get(f"/records.xlsx?{ALL}")
    cell = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]["A2"]
    assert cell.data_type == "s"


def test_an_empty_file_still_has_its_headings(client_for: Browsers, cast: Cast) -> None:
    browser = client_for("department")
    assert [len(csv_rows(browser)), len(xlsx_rows(browser))] == [1, 1]
    assert xlsx_rows(browser)[0][0] == "姓名"


def test_chosen_columns_come_in_their_usual_order(client_for: Browsers, complete: Complete) -> None:
    complete("learner", online=100)
    browser = client_for("department")
    assert csv_rows(browser, f"{ALL}&columns=total&columns=name&columns=x") == [["姓名", "学时合计"], ["杨建国", "1.0"]]


def test_the_file_is_named_after_unit_and_day_and_the_export_is_noted(
    client_for: Browsers, cast: Cast, complete: Complete
) -> None:
    complete("learner")
    answer = client_for("department").get(f"/records.csv?{ALL}&unit={cast.village.id}&columns=name")
    disposition = unquote(answer.headers["Content-Disposition"])
    assert "大石板社区居民委员会" in disposition
    assert f"{clock.local_date(clock.now()):%Y%m%d}.csv" in disposition
    line = AuditLine.get(AuditLine.action == "records.exported")
    assert (line.actor_id, line.unit_id, line.detail["rows"], line.detail["columns"]) == (
        cast.people["department"].id,
        cast.village.id,
        1,
        ["name"],
    )


def test_the_neighbour_gets_nothing_in_page_csv_and_excel(client_for: Browsers, cast: Cast, complete: Complete) -> None:
    complete("learner", online=100)
    browser = client_for("neighbour")
    assert "杨建国" not in browser.get(f"/records?{ALL}").get_data(as_text=True)
    assert len(csv_rows(browser)) == 1
    assert len(xlsx_rows(browser)) == 1
    for path in ("records", "records.csv", "records.xlsx"):
        assert browser.get(f"/{path}?{ALL}&unit={cast.village.id}").status_code == 404


@pytest.mark.parametrize("nickname", ["learner", "station_manager", "editor"])
def test_without_the_power_there_is_no_page_and_no_file(client_for: Browsers, nickname: str) -> None:
    browser = client_for(nickname)
    assert {browser.get(path).status_code for path in ("/records", "/records.csv", "/records.xlsx")} == {403}


def test_an_auditor_reads_but_takes_no_file(client_for: Browsers, complete: Complete) -> None:
    complete("learner")
    browser = client_for("auditor")
    page = browser.get(f"/records?{ALL}").get_data(as_text=True)
    assert "杨建国" in page
    assert "records.csv" not in page
    assert browser.get("/records.csv").status_code == 403


@pytest.mark.parametrize("query", ["unit=x", "unit=999999999999", "rank=-1", "first=2026-02-30", "page=0", "page=9999"])
def test_nonsense_in_the_address_is_no_error(client_for: Browsers, query: str) -> None:
    assert client_for("department").get(f"/records?{query}").status_code == 200


def test_days_the_wrong_way_round_are_refused(client_for: Browsers) -> None:
    assert client_for("department").get("/records?first=2026-05-02&last=2026-05-01").status_code == 422
