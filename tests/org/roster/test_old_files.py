"""Old .xls files and web pages called .xls: read as an xlsx file is, or refused with a sentence; they harm nothing."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import xlwt

from learnhub.kernel.errors import Refusal
from learnhub.kernel.runner import Bounds
from learnhub.org.roster.cells import Cell, Trouble
from learnhub.org.roster.reading import Found, read_roster
from tests.org.roster.books import HEADINGS, book, old_book, read

ROW = ("杨建国", "530402004013", "HT2001", "一级科员", "组织委员")
PLAIN = [HEADINGS, ROW]
DATED = ("姓名", "单位", "到岗日期")


def _refusal(raw: bytes, folder: Path) -> str:
    with pytest.raises(Refusal) as caught:
        read(raw, folder)
    assert [path.name for path in folder.iterdir()] == ["roster"], "what was told lies beside the file no more"
    return caught.value.code


def _one(folder: Path, *cells: Any, **more: Any) -> tuple[Cell, ...]:
    return read(old_book([HEADINGS, cells], **more), folder)[0][0].cells


def test_an_old_file_gives_the_same_rows_as_the_same_xlsx(tmp_path: Path) -> None:
    rows: list[tuple[Any, ...]] = [("2026年干部花名册",), HEADINGS, ROW, (), ("李㛃", "530402", 12, True, "𠮷")]
    rows += [("合计", "", 2), ("制表人：张三", "", "审核：李四")]
    old, told = read(old_book(rows), tmp_path)
    new, told_new = read(book(rows), tmp_path)
    assert old == new and len(old) == 2
    assert told == told_new


def test_numbers_that_lost_digits_errors_and_formulas_are_told(tmp_path: Path) -> None:
    def mark(_made: xlwt.Workbook, sheet: Any) -> None:
        sheet.write(1, 2, 7, xlwt.easyxf(num_format_str="000000"))
        sheet.write(1, 3, xlwt.Formula("1+1"))
        sheet.row(1).set_cell_error(4, 0x2A)

    assert _one(tmp_path, "甲", 5.3e17, "", "", "", mark=mark) == (
        "甲",
        Trouble("digits_lost", "5.3e+17"),
        "000007",
        Trouble("formula"),
        Trouble("error", "#N/A"),
    )
    assert _one(tmp_path, "甲", 530402004013.0)[1] == "530402004013"
    assert _one(tmp_path, "甲", "530402199001011237")[1] == Trouble("identity")


@pytest.mark.parametrize("from_1904", [False, True])
@pytest.mark.parametrize("form", ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "m/d/yy", "[$-804]yyyy\\-mm\\-dd;@"])
def test_days_count_from_where_the_book_says(tmp_path: Path, form: str, from_1904: bool) -> None:
    def mark(made: xlwt.Workbook, sheet: Any) -> None:
        made.dates_1904 = from_1904
        sheet.write(1, 2, datetime(2026, 6, 15), xlwt.easyxf(num_format_str=form))

    rows, _found = read(old_book([DATED, ("甲", "红塔区", "")], mark=mark), tmp_path)
    assert rows[0].cells[2] == date(2026, 6, 15).isoformat()


def test_hidden_rows_columns_and_sheets_are_told_apart(tmp_path: Path) -> None:
    def hide(made: xlwt.Workbook, sheet: Any) -> None:
        sheet.row(2).hidden = True
        sheet.col(2).hidden = True
        for name, visibility in (("去年", 1), ("前年", 2), ("二", 0), ("说明", 0)):
            other = made.add_sheet(name)
            other.visibility = visibility
            for at, row in enumerate(PLAIN if name != "说明" else [("怎样填写",)]):
                for column, cell in enumerate(row):
                    other.write(at, column, cell)
            other.col(2).hidden = True

    rows, found = read(old_book([HEADINGS, ROW, ("李丽", *ROW[1:])], hide=hide), tmp_path)
    assert [(row.sheet, row.is_hidden) for row in rows] == [("Sheet", False), ("Sheet", True), ("二", False)]
    assert (found.hidden_sheets, found.left_out_sheets) == (["去年", "前年"], ["说明"])
    assert (found.hidden_columns, found.columns[2]) == (["工号"], "")


def test_cells_merged_downward_each_have_the_text(tmp_path: Path) -> None:
    def merge(_made: xlwt.Workbook, sheet: Any) -> None:
        sheet.merge(1, 3, 1, 1)
        sheet.merge(0, 0, 3, 4)

    rows, _found = read(old_book([HEADINGS, ROW, ("乙",), ("丙",), ("丁",)], merge=merge), tmp_path)
    assert [row.cells[1] for row in rows] == [ROW[1], ROW[1], ROW[1], ""]


def _without_directory_name(raw: bytes, name: str, new: str) -> bytes:
    """The file with another name in its directory, of the same length."""
    old_name, new_name = name.encode("utf-16-le"), new.encode("utf-16-le")
    assert raw.count(old_name) == 1
    return raw.replace(old_name, new_name)


def test_a_password_macros_and_other_documents_are_refused_by_name(tmp_path: Path) -> None:
    raw = old_book(PLAIN)
    codepage = raw.index(b"\x42\x00\x02\x00")
    assert _refusal(raw[:codepage] + b"\x2f" + raw[codepage + 1 :], tmp_path) == "org.roster_locked"
    sheet = raw.index(b"\x85\x00", codepage)
    assert _refusal(raw[: sheet + 9] + b"\x01" + raw[sheet + 10 :], tmp_path) == "org.roster_macros"
    named = _without_directory_name(raw, "Workbook", "WordDocu")
    assert _refusal(named, tmp_path) == "org.roster_old_excel"
    entry = raw.index("Workbook".encode("utf-16-le"))
    for name, code in (("_VBA_PROJECT_CUR", "org.roster_macros"), ("EncryptedPackage", "org.roster_locked")):
        spelt = name.encode("utf-16-le")
        more = bytearray(raw)
        more[entry + 128 : entry + 128 + len(spelt)] = spelt
        more[entry + 128 + 64 : entry + 128 + 66] = (len(spelt) + 2).to_bytes(2, "little")
        assert _refusal(bytes(more), tmp_path) == code


def test_a_broken_file_is_refused_or_read_and_nothing_else(tmp_path: Path) -> None:
    raw, random = old_book([HEADINGS] + [ROW] * 40), Random(7)
    assert _refusal(raw[:3000], tmp_path) == "org.roster_old_excel"
    codes = set()
    for _ in range(5):
        broken = bytearray(raw)
        for _ in range(60):
            broken[random.randrange(28, len(raw))] = random.randrange(256)
        try:
            read(bytes(broken), tmp_path)
        except Refusal as refusal:
            codes.add(refusal.code)
    assert "org.roster_old_excel" in codes


def test_what_asks_for_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = "learnhub.org.roster.old_files"
    raw = old_book(PLAIN)
    with monkeypatch.context() as small:
        small.setattr(f"{place}.MOST_BYTES", len(raw) - 1)
        assert _refusal(raw, tmp_path) == "org.roster_old_too_large"
    with monkeypatch.context() as small:
        small.setattr(f"{place}.MOST_CELLS", 1_000)
        far = old_book([HEADINGS] + [("",) * 200 + ("甲",)] * 20)
        assert len(far) < 20_000 and _refusal(far, tmp_path) == "org.roster_too_many_cells"
        page = "<table>" + "<tr><td colspan=150>甲" * 8 + "</table>"
        assert _refusal(page.encode(), tmp_path) == "org.roster_too_many_cells"
    with monkeypatch.context() as small:
        small.setattr(f"{place}.MOST_MERGED", 1)
        down = old_book(PLAIN, merge=lambda _made, sheet: [sheet.merge(1, 9, at, at) for at in (0, 1)])
        assert _refusal(down, tmp_path) == "org.roster_too_many_merged"
    for bounds in (Bounds(wall_s=0.01), Bounds(memory_bytes=8 << 20)):
        monkeypatch.setattr(f"{place}._BOUNDS", bounds)
        assert _refusal(raw, tmp_path) == "org.roster_too_hard"


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="{charset}"><style>td {{}}</style></head>
<body><table border=1><col><col>
<tr><td colspan=5>2026年花名册</td></tr>
<tr><th>姓名</th><th>单位代码</th><th>工号<th>职级<th>职务</th></tr>
<tr><td>甲</td><td rowspan="2" style="mso-number-format:'\\@'">5304 02</td><td>001</td><td>一级<br>科员</td><td x:fmla="=1+1">2</td></tr>
<tr><td>乙&nbsp;</td><td>002</td></tr>
<tr style="display: none"><td>丙<td>530402<td>003
<tr><td>丁&amp;戊</td><td>5.3E+11</td><td></td></tr>
<script>"<td>no</td>"</script></table><p>制表</p></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "utf-16"])
def test_a_table_of_a_web_page_is_read_as_a_sheet(tmp_path: Path, charset: str) -> None:
    rows, found = read(PAGE.format(charset=charset).encode(charset), tmp_path)
    assert [(row.number, row.is_hidden, row.cells) for row in rows] == [
        (3, False, ("甲", "5304 02", "001", "一级\n科员", Trouble("formula", "2"))),
        (4, False, ("乙", "5304 02", "002", "", "")),
        (5, True, ("丙", "530402", "003", "", "")),
        (6, False, ("丁&戊", Trouble("digits_lost", "5.3E+11"), "", "", "")),
    ]
    assert (found.titles, found.sheets) == ([1], [""])


def test_tables_of_one_page_are_sheets_and_hidden_columns_stay_hidden(tmp_path: Path) -> None:
    hidden = "<td style='display:none'>"
    table = f"<table><tr><td>姓名<td>单位{hidden}工号<tr><td>%s<td>红塔区{hidden}1</table>"
    rows, found = read((table % "甲" + "<table><tr><td>说明</table>" + table % "乙").encode(), tmp_path)
    assert [(row.sheet, row.cells[0]) for row in rows] == [("#1", "甲"), ("#3", "乙")]
    assert (found.left_out_sheets, found.hidden_columns, found.columns[2]) == (["#2"], ["工号"], "")


@pytest.mark.parametrize(
    "raw",
    [
        b"<table><tr><td><table><tr><td>1</table></table>",
        b"<!DOCTYPE html><p>no table</p>",
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n",
    ],
)
def test_a_page_without_a_plain_table_is_refused(tmp_path: Path, raw: bytes) -> None:
    assert _refusal(raw, tmp_path) == "org.roster_web_page"


def test_a_full_sheet_is_read(tmp_path: Path) -> None:
    rows = [HEADINGS, *[(f"甲{at}", "530402004013", f"HT{at}", "一级科员", "组织委员") for at in range(8_000)]]
    path = tmp_path / "花名册.xls"
    path.write_bytes(old_book(rows))
    assert sum(1 for _row in read_roster(path, Found())) == 8_000
