"""Spreadsheets as offices have them: what is data and what is not; nothing is guessed."""

from __future__ import annotations

import csv
import io
import json
import resource
import struct
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from learnhub.kernel.errors import Refusal
from learnhub.org.roster.cells import Trouble, number_cell, read_date, text_cell
from learnhub.org.roster.reading import Found, read_roster
from learnhub.org.roster.workbook import MOST_BYTES
from tests.org.roster.books import HEADINGS, book, parts_of, read, table, zipped
from tests.selection import shared_data_folder

ROW = ("杨建国", "530402004013", "HT2001", "一级科员", "组织委员")
PLAIN = [HEADINGS, ROW]


def _refusal(raw: bytes, folder: Path) -> str:
    with pytest.raises(Refusal) as caught:
        read(raw, folder)
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
def test_every_encoding_and_separator_gives_the_same_row(tmp_path: Path, encoding: str, separator: str) -> None:
    text = "\r\n".join(separator.join(row) for row in PLAIN)
    rows, found = read(text.encode(encoding), tmp_path)
    assert [row.cells for row in rows] == [ROW]
    assert found.columns == ["name", "unit_code", "staff_no", "rank", "duty"]


def test_rare_characters_and_every_middle_dot_stay_as_written(tmp_path: Path) -> None:
    names = ["李㛃", "𠮷田", "阿依古丽·买买提", "阿依古丽•买买提", "王　伟"]
    rows, _found = read(table(*[(name, "1", "", "", "") for name in names]), tmp_path)
    assert [row.cells[0] for row in rows] == names


def test_title_blank_subtotal_and_note_rows_are_told_apart_from_people(tmp_path: Path) -> None:
    rows = [
        ["2026年干部花名册"],
        ["填报单位：北城街道", "", "", "", "2026年6月"],
        [],
        HEADINGS,
        ["1", "2", "3", "4", "5"],
        ROW,
        [],
        ["小计", "", "1", "", ""],
        ["合  计", "", "1", "", ""],
        HEADINGS,
        ["李丽", "530402", "", "", ""],
        ["总计：2人"],
        ["制表人：张三", "", "审核：李四"],
    ]
    found_rows, found = read(book(rows), tmp_path)
    assert [(row.number, row.cells[0]) for row in found_rows] == [(6, "杨建国"), (11, "李丽")]
    assert (found.titles, found.subtotals, found.notes) == ([1, 2], [8, 9, 12], [13])


def test_somebody_called_he_ji_is_no_sum() -> None:
    from learnhub.org.roster.headings import is_subtotal

    assert not is_subtotal(("1", "和计", "530402"), 1)
    assert not is_subtotal(("总计划员", "和丽", "530402"), 1)
    assert is_subtotal(("", "合 计", "12"), 1)


@pytest.mark.parametrize("merged", [True, False])
def test_merged_heads_of_two_rows_become_one(tmp_path: Path, merged: bool) -> None:
    def merge(made: Workbook) -> None:
        if merged:
            for cells in ("A1:A2", "B1:C1", "D1:D2"):
                made.active.merge_cells(cells)

    rows = [["姓名", "单位", "", "职级"], ["", "名称", "代码", ""], ["杨建国", "红塔区", "530402", "一级科员"]]
    found_rows, found = read(book(rows, merge=merge), tmp_path)
    assert found.headings == ("姓名", "单位名称", "单位代码", "职级")
    assert found.columns == ["name", "unit", "unit_code", "rank"]
    assert [row.number for row in found_rows] == [3]


def test_a_group_head_above_the_heads_is_a_title(tmp_path: Path) -> None:
    rows = [["基本情况", "", "任职情况", ""], ["姓名", "工号", "单位", "职务"], ["杨建国", "1", "红塔区", "主任"]]
    found_rows, found = read(book(rows), tmp_path)
    assert found.columns == ["name", "staff_no", "unit", "duty"]
    assert [row.number for row in found_rows] == [3]


def test_hidden_rows_are_marked_and_hidden_sheets_not_read(tmp_path: Path) -> None:
    def hide(made: Workbook) -> None:
        made.active.row_dimensions[3].hidden = True
        secret = made.create_sheet("去年")
        secret.append(HEADINGS)
        secret.append(ROW)
        secret.sheet_state = "hidden"
        other = made.create_sheet("说明")
        other.append(["怎样填写"])

    rows, found = read(book([HEADINGS, ROW, ("李丽", *ROW[1:])], hide=hide), tmp_path)
    assert [row.is_hidden for row in rows] == [False, True]
    assert (found.hidden_sheets, found.left_out_sheets) == (["去年"], ["说明"])


def test_sheets_with_the_same_headings_are_read_together(tmp_path: Path) -> None:
    def more(made: Workbook) -> None:
        for name, headings in (("二", HEADINGS), ("三", ("姓名", "单位"))):
            sheet = made.create_sheet(name)
            sheet.append(headings)
            sheet.append(ROW[: len(headings)])

    rows, found = read(book(PLAIN, more=more), tmp_path)
    assert [row.sheet for row in rows] == ["Sheet", "二"]
    assert (found.sheets, found.left_out_sheets) == (["Sheet", "二"], ["三"])


def test_identity_and_telephone_numbers_are_dropped_while_reading(tmp_path: Path) -> None:
    headings = ("姓名", "单位", "身份证号码", "联系电话", "备注")
    rows, found = read(
        table(("甲", "红塔区", "530402198001011234", "19900000001", "53040219800101123X"), headings=headings), tmp_path
    )
    assert found.not_collected == ["身份证号码", "联系电话"]
    assert rows[0].cells == ("甲", "红塔区", "", "", Trouble("identity"))


@pytest.mark.parametrize("cell", ["=1+1", "=A2", '=HYPERLINK("http://x")'])
def test_a_formula_is_told_and_not_computed(tmp_path: Path, cell: str) -> None:
    rows, _found = read(book([HEADINGS, ("甲", cell, "", "", "")]), tmp_path)
    assert isinstance(rows[0].cells[1], Trouble) and rows[0].cells[1].kind == "formula"
    raw = table(("甲", '"' + cell.replace('"', '""') + '"', "", "", ""))
    assert isinstance(read(raw, tmp_path)[0][0].cells[1], Trouble)


def test_numbers_keep_their_digits_or_are_told() -> None:
    assert number_cell("530402004013") == "530402004013"
    assert number_cell("5.30402004013E+11") == "530402004013"
    assert number_cell("7", width=4) == "0007"
    assert number_cell("530402199001011230") == Trouble("digits_lost", "530402199001011230")
    assert number_cell("1E+15") == Trouble("digits_lost", "1E+15")
    assert text_cell("5.3E+11") == Trouble("digits_lost", "5.3E+11")
    assert text_cell("E12") == "E12"


def test_numbers_and_their_formats_are_read_from_a_workbook(tmp_path: Path) -> None:
    def form(made: Workbook) -> None:
        made.active["C2"].number_format = "000000"

    rows, _found = read(book([HEADINGS, ("甲", 530402004013, 12, 5.3e17, True)], form=form), tmp_path)
    assert rows[0].cells == ("甲", "530402004013", "000012", Trouble("digits_lost", "5.3e+17"), "TRUE")


@pytest.mark.parametrize(
    "text", ["2026-06-15", "2026/6/15", "2026.6.15", "2026年6月15日", "20260615", "46188", "2026-06-15 00:00:00"]
)
def test_a_date_in_six_forms_is_one_day(text: str) -> None:
    assert read_date(text) == date(2026, 6, 15)


@pytest.mark.parametrize(
    "text", ["06/15/2026", "15-6-2026", "26-6-15", "2026-06", "2026-13-01", "2026-02-30", "6月15日", "明天", "59"]
)
def test_a_date_in_doubt_is_none(text: str) -> None:
    assert read_date(text) is None


def test_dates_of_a_workbook_come_as_days(tmp_path: Path) -> None:
    rows, _found = read(book([("姓名", "单位", "到岗日期"), ("甲", "红塔区", datetime(2026, 6, 15))]), tmp_path)
    assert rows[0].cells[2] == "2026-06-15"


def test_a_million_empty_rows_cost_neither_memory_nor_rows(tmp_path: Path) -> None:
    parts = parts_of(book(PLAIN))
    sheet = parts["xl/worksheets/sheet1.xml"]
    empty = b"".join(b'<row r="%d"/>' % number for number in range(3, 1_000_003))
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", empty + b"</sheetData>")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows, _found = read(zipped(parts), tmp_path)
    assert len(rows) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 << 10


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    parts = parts_of(book(PLAIN))
    sheet = parts["xl/worksheets/sheet1.xml"]
    spaces = sheet.replace(b"</sheetData>", b"<row/>" * 5_000_000 + b"</sheetData>")
    assert _refusal(zipped({**parts, "xl/worksheets/sheet1.xml": spaces}), tmp_path) == "org.roster_bomb"
    huge = zipped({**parts, "xl/media/picture.bin": bytes(MOST_BYTES + 1)})
    assert _refusal(huge, tmp_path) in ("org.roster_unpacked_too_large", "org.roster_bomb")


def test_a_size_that_lies_is_found_while_unpacking(tmp_path: Path) -> None:
    raw = zipped({**parts_of(book(PLAIN)), "xl/sharedStrings.xml": b"<sst>" + b" " * (8 << 20) + b"</sst>"})
    at = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"xl/sharedStrings.xml"))
    lying = raw[: at + 24] + struct.pack("<I", 100) + raw[at + 28 :]
    assert _refusal(lying, tmp_path) == "org.roster_broken_zip"


def test_entries_twice_or_on_top_of_each_other_are_refused(tmp_path: Path) -> None:
    import zipfile

    out = io.BytesIO(book(PLAIN))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    assert _refusal(out.getvalue(), tmp_path) == "org.roster_bomb"
    raw = book(PLAIN)
    first = raw.index(b"PK\x01\x02")
    second = raw.index(b"PK\x01\x02", first + 4)
    overlapping = raw[: second + 42] + raw[first + 42 : first + 46] + raw[second + 46 :]
    assert _refusal(overlapping, tmp_path) in ("org.roster_bomb", "org.roster_broken_zip")


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    parts = parts_of(book(PLAIN))
    sheet = parts["xl/worksheets/sheet1.xml"]
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + sheet[sheet.index(b"<worksheet") :]
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        assert _refusal(zipped({**parts, part: evil}), tmp_path) == "org.roster_bomb"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "org.roster_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "org.roster_old_excel"),
        (b"<html><p>no table</p>", "org.roster_web_page"),
        (b"%PDF-1.7", "org.roster_web_page"),
        (b"PK\x03\x04 broken", "org.roster_broken_zip"),
        ("姓名,单位\n甲,红塔区\n".encode() + b"\xff\xfe\xff", "org.roster_not_text"),
        ("随便写写\n没有表头\n".encode(), "org.roster_no_headings"),
        ('姓名,单位\n甲,"红塔'.encode(), "org.roster_broken_line"),
    ],
)
def test_what_is_no_roster_is_refused_with_its_reason(tmp_path: Path, raw: bytes, code: str) -> None:
    assert _refusal(raw, tmp_path) == code


def test_a_zip_that_is_no_workbook_and_a_broken_one_are_refused(tmp_path: Path) -> None:
    assert _refusal(zipped({"a.txt": b"a"}), tmp_path) == "org.roster_no_workbook"
    parts = parts_of(book(PLAIN))
    assert _refusal(zipped({**parts, "xl/worksheets/sheet1.xml": b"<a><b>"}), tmp_path) == "org.roster_broken_xml"


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("learnhub.org.roster.reading.MOST_ROWS", 10)
    assert _refusal(table(*[ROW] * 11), tmp_path) == "org.roster_too_many_rows"
    assert len(read(table(*[ROW] * 10), tmp_path)[0]) == 10


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name", ["roster-clean-utf8-bom.csv", "roster-gb18030.csv", "roster-gbk.csv", "roster-tiny-5.xlsx"]
)
def test_the_real_looking_rosters_are_read_name_by_name(tmp_path: Path, name: str) -> None:
    folder = shared_data_folder() / "rosters"
    rows, found = read((folder / name).read_bytes(), tmp_path)
    assert found.columns == ["name", "", "", "", "", "county", "unit", "unit_code", "duty", "rank", "", ""]
    assert found.not_collected == ["身份证号", "手机号"]
    assert not any(row.cells[4] or row.cells[11] for row in rows)
    if name == "roster-clean-utf8-bom.csv":
        expected = [row[0] for row in csv.reader(io.StringIO((folder / name).read_text("utf-8-sig")))][1:]
        told: list[Any] = [row.cells[0] if isinstance(row.cells[0], str) else row.cells[0].shown for row in rows]
        assert [one.strip("\u200b\ufeff \u3000\xa0") for one in expected] == told or len(told) == len(expected)
        awkward = {one["name"] for one in json.loads((folder / "awkward-names.json").read_text("utf-8"))}
        assert len(awkward & set(expected)) > 20


def test_cells_merged_downward_each_have_the_text_and_nothing_else_is_filled(tmp_path: Path) -> None:
    def merge(made: Workbook) -> None:
        for cells in ("A1:D1", "B3:B5", "D3:D4"):
            made.active.merge_cells(cells)

    rows = [
        ["2026年花名册", "", "", ""],
        ["姓名", "单位", "工号", "职务"],
        ["甲", "红塔区", "1", "主任"],
        ["乙", "", "2", ""],
        ["丙", "", "3", ""],
        [],
        ["丁", "", "4", ""],
    ]
    found_rows, found = read(book(rows, merge=merge), tmp_path)
    assert found.titles == [1]
    assert [row.cells for row in found_rows] == [
        ("甲", "红塔区", "1", "主任"),
        ("乙", "红塔区", "2", "主任"),
        ("丙", "红塔区", "3", ""),
        ("丁", "", "4", ""),
    ]


def test_hidden_columns_are_not_used_until_somebody_chooses_them(tmp_path: Path) -> None:
    def hide(made: Workbook) -> None:
        made.active.column_dimensions["C"].hidden = True

    _rows, plain = read(book(PLAIN), tmp_path)
    rows, found = read(book(PLAIN, hide=hide), tmp_path)
    assert found.columns == ["name", "unit_code", "", "rank", "duty"]
    assert (found.hidden_columns, rows[0].cells) == (["工号"], ROW)
    assert found.key != plain.key


def test_a_text_that_went_through_a_spreadsheet_as_a_number_is_told() -> None:
    assert text_cell("62220212345678900") == Trouble("digits_lost", "62220212345678900")
    assert text_cell("53040200401301") == "53040200401301"
    assert text_cell("622202123456789") == "622202123456789"


def test_a_table_of_text_under_an_old_spreadsheets_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    text = "\r\n".join("\t".join(row) for row in PLAIN)
    path, found = tmp_path / "花名册.xls", Found()
    path.write_bytes(text.encode("gb18030"))
    assert [row.cells for row in read_roster(path, found)] == [ROW]
