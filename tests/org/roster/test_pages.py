"""The pages of imports over HTTP: upload, columns, dry run, download, application, undoing; the own export again."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from learnhub.kernel import clock, jobs
from learnhub.org.models import Person
from learnhub.org.roster.models import ImportRun
from tests.cast import Cast
from tests.client import CheckingClient
from tests.org.roster.books import HEADINGS, book, old_book, table

CODE = "530402004013"
ClientFor = Callable[[str], CheckingClient]


def upload(browser: CheckingClient, raw: bytes, name: str = "花名册.xlsx") -> str:
    """Uploads a file, lets the worker read it and gives the address of the import."""
    browser.get("/people/imports/new")
    response = browser.send("/people/imports", {"file": (io.BytesIO(raw), name)}, content_type="multipart/form-data")
    assert response.status_code == 302, response.get_data(as_text=True)
    assert "正在读取文件" in browser.get(response.location).get_data(as_text=True)
    assert browser.get(response.location + "/progress").json["state"] == "running"
    jobs.run_all(clock.now())
    assert browser.get(response.location + "/progress").json["next"] == response.location
    return str(response.location)


def test_a_roster_is_uploaded_looked_at_applied_and_undone(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("unit_admin")
    rows = [
        ("姓名", "单位代码", "工号", "身份证号"),
        ("王　伟", CODE, "HT3001", "530402198001011234"),
        ("杨建国二", CODE, "HT2001", ""),
        ("乙", "999", "", ""),
    ]
    place = upload(browser, book(rows))
    page = browser.get(place).get_data(as_text=True)
    assert "没有代码为 999 的单位" in page and "身份证号" in page and "530402198001011234" not in page
    assert "杨建国 → <strong>杨建国二" in browser.get(place + "?show=changed").get_data(as_text=True).replace(
        "姓名: ", ""
    )
    refused = browser.get(place + "/rows.csv?show=refused").get_data(as_text=True)
    assert "行号,姓名,单位代码,工号,身份证号,结果,原因" in refused and "没有代码为 999 的单位" in refused
    assert browser.get(place + "/rows.xlsx").data.startswith(b"PK")
    browser.get(place)
    assert browser.send(place + "/apply").status_code == 302
    jobs.run_all(clock.now())
    assert "已新增 1 人，修改 1 人" in browser.get(place).get_data(as_text=True)
    assert Person.get(Person.staff_no == "HT3001").name == "王　伟"
    assert browser.send(place + "/undo", {"reason": ""}).status_code == 422
    browser.send(place + "/undo", {"reason": "传错了"})
    jobs.run_all(clock.now())
    assert "传错了" in browser.get(place).get_data(as_text=True)
    assert not Person.select().where(Person.staff_no == "HT3001").exists()
    assert "花名册.xlsx" in browser.get("/people/imports").get_data(as_text=True)


def test_unknown_headings_ask_which_column_is_which(client_for: ClientFor) -> None:
    browser = client_for("unit_admin")
    place = upload(browser, table(("甲", CODE), headings=("谁", "哪里")), "a.csv")
    assert "各列是什么" in browser.get(place).get_data(as_text=True)
    assert browser.send(place + "/columns", {"column-0": "", "column-1": "unit"}).status_code == 422
    assert browser.send(place + "/columns", {"column-0": "name", "column-1": "unit_code"}).status_code == 302
    jobs.run_all(clock.now())
    assert "试运行：数据尚未改动" in browser.get(place).get_data(as_text=True)
    assert "例如：甲" in browser.get(place + "/columns").get_data(as_text=True)
    assert browser.send(place + "/remove").status_code == 302
    assert browser.get(place).status_code == 200


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_own_export_changes_nothing(client_for: ClientFor, cast: Cast, file_format: str, language: str) -> None:
    browser = client_for("system_admin")
    for _ in range(2):
        Person.create(name="重名", name_folded="重名", unit=cast.units["village"], created_at=cast.now)
    if language == "en":
        browser.get("/people")
        browser.send("/language", {"locale": "en", "back": "/people"})
    raw = browser.get(f"/people.{file_format}?retired=1").data
    browser.get("/people/imports/new")
    answer = browser.send(
        "/people/imports", {"file": (io.BytesIO(raw), f"people.{file_format}")}, content_type="multipart/form-data"
    )
    jobs.run_all(clock.now())
    run = ImportRun.get()
    assert (run.state, run.refusal) == ("planned", ""), answer
    assert run.counts == {"created": 0, "changed": 0, "same": Person.select().count(), "refused": 0}


def test_an_old_xls_file_is_looked_at_and_its_refused_rows_come_back_with_reasons(client_for: ClientFor) -> None:
    browser = client_for("unit_admin")
    raw = old_book([HEADINGS, ("新人", "530402004013", "X1"), ("", "530402004013", "X2"), ("甲", 5.3e17, "X3")])
    upload(browser, raw, "花名册.xls")
    run = ImportRun.get()
    assert (run.state, run.counts["created"], run.counts["refused"]) == ("planned", 1, 2), run.refusal
    got = browser.get(f"/people/imports/{run.id}/rows.xlsx?show=refused")
    rows = list(load_workbook(io.BytesIO(got.data)).active.iter_rows(values_only=True))
    assert "缺少姓名" in str(rows[1]) and "丢" in str(rows[2]), rows


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_template_is_a_roster(client_for: ClientFor, file_format: str) -> None:
    browser = client_for("unit_admin")
    upload(browser, browser.get(f"/people/imports/template.{file_format}").data)
    assert ImportRun.get().counts["created"] == 1


def test_no_file_and_a_wrong_file_are_told_in_words(client_for: ClientFor) -> None:
    browser = client_for("unit_admin")
    browser.get("/people/imports/new")
    answer = browser.send("/people/imports", {}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "请选择文件" in answer.get_data(as_text=True)
    place = upload(browser, b"<html><p>", "a.xls")
    assert "这是以表格命名的网页" in browser.get(place).get_data(as_text=True)


def test_one_person_is_added_and_corrected_by_hand(client_for: ClientFor, cast: Cast) -> None:
    browser = client_for("unit_admin")
    browser.get(f"/people/new?unit={cast.units['village'].id}")
    refused = browser.send("/people/new", {"name": "新人", "unit": "江城社区居民委员会"})
    assert refused.status_code == 422 and "您的管理范围内没有单位" in refused.get_data(as_text=True)
    added = browser.send("/people/new", {"name": "新　人", "unit": "大石板社区居民委员会", "staff_no": "N1"})
    assert added.status_code == 302
    who = Person.get(Person.staff_no == "N1")
    browser.get(f"/people/{who.id}/details")
    assert browser.send(f"/people/{who.id}/details", {"name": "", "staff_no": "N1"}).status_code == 422
    changed = {"name": "新人", "staff_no": "HT2001", "rank": "clerk-1", "duty": "主任", "reason": "更正"}
    assert browser.send(f"/people/{who.id}/details", changed).status_code == 409
    assert browser.send(f"/people/{who.id}/details", {**changed, "staff_no": "N2"}).status_code == 302
    again = Person.get_by_id(who.id)
    assert (again.name, again.staff_no, again.rank.code, again.duty) == ("新人", "N2", "clerk-1", "主任")
