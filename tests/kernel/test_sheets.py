"""Tables for Excel and WPS: what goes out is safe and whole, what comes in is read as it was meant."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from learnhub.kernel.errors import Invalid
from learnhub.kernel.sheets import csv_chunks, decode, read_csv, xlsx_chunks

ROOT = Path(__file__).resolve().parents[2]
RISKY = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    '=HYPERLINK("http://x.example","请点击")',
]
ODD = [
    "阿依古丽·买买提",
    "李㛃",
    "䶮𬭎𫖯",
    "😀",
    'a"b',
    "a,b",
    "两\n行",
    "'",
    " 前后 ",
    "http://x.example",
    "00123",
    "",
]


def csv_rows(headings: list[str], rows: list[list[Any]]) -> list[list[str]]:
    """What a reader of the CSV file finds."""
    raw = b"".join(csv_chunks(headings, rows))
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def xlsx_rows(headings: list[str], rows: list[list[Any]]) -> list[list[Any]]:
    """What openpyxl finds, after making sure that no cell is a formula or a link."""
    book = load_workbook(io.BytesIO(b"".join(xlsx_chunks(headings, rows, sheet="学习记录"))))
    sheet = book["学习记录"]
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f" and cell.hyperlink is None
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("text", RISKY)
def test_no_text_becomes_a_formula_in_csv(text: str) -> None:
    assert csv_rows(["名"], [[text]])[1] == ["'" + text]
    assert csv_rows([text], []) == [["'" + text]]


@pytest.mark.parametrize("text", RISKY + ODD)
def test_every_text_is_text_in_xlsx(text: str) -> None:
    found = xlsx_rows([f"名{text}", "数"], [[text, 1]])
    assert found[0][0].replace("_x000D_", "\r") == f"名{text}"
    assert (found[1][0] or "").replace("_x000D_", "\r") == text


@pytest.mark.parametrize("text", ODD)
def test_odd_text_comes_back_from_csv(text: str) -> None:
    assert csv_rows(["名", "x"], [[text, "end"]])[1] == [text, "end"]


def test_values_are_written_as_people_in_china_read_them(now: datetime) -> None:
    row = [date(2026, 6, 1), now, 12, 0.25, None, "文"]
    headings = ["日", "时", "数", "学时", "空", "文"]
    assert csv_rows(headings, [row])[1] == ["2026-06-01", "2026-06-15 10:00", "12", "0.25", "", "文"]
    found = xlsx_rows(headings, [row])[1]
    assert found[0].date() == date(2026, 6, 1)
    assert found[1:] == [datetime(2026, 6, 15, 10), 12, 0.25, None, "文"]


def test_negative_numbers_stay_numbers() -> None:
    assert csv_rows(["数"], [[-5]])[1] == ["-5"]
    assert xlsx_rows(["数"], [[-5]])[1] == [-5]


def test_kinds_may_differ_from_row_to_row() -> None:
    rows = [[None, 1, "x"], ["文", "", 2], [3.5, "y", None]]
    assert xlsx_rows(["a", "b", "c"], rows)[1:] == [[None, 1, "x"], ["文", None, 2], [3.5, "y", None]]


def test_an_empty_list_still_has_its_headings() -> None:
    assert csv_rows(["姓名", "学时"], []) == [["姓名", "学时"]]
    assert xlsx_rows(["姓名", "=学时"], []) == [["姓名", "=学时"]]


def test_headings_are_bold_and_stay_in_sight() -> None:
    sheet = load_workbook(io.BytesIO(b"".join(xlsx_chunks(["姓名"], [["x"]])))).active
    assert sheet["A1"].font.bold and not sheet["A2"].font.bold
    assert sheet.freeze_panes == "A2"


def test_a_heading_that_stands_twice_is_no_table() -> None:
    with pytest.raises(ValueError, match="twice"):
        list(xlsx_chunks(["a", "a"], [[1, 2]]))


@pytest.mark.parametrize("character", ["长", "😀"])
def test_a_text_longer_than_a_cell_holds_is_cut(character: str) -> None:
    found = xlsx_rows(["文"], [[character * 40_000]])[1][0]
    units = len(found.encode("utf-16-le")) // 2
    assert found.endswith("…") and 32_700 < units <= 32_767
    assert set(found) == {character, "…"}


MEASURE = """
import resource, sys
from learnhub.kernel import sheets
make = getattr(sheets, sys.argv[1])
def rows(count):
    for number in range(count):
        yield [f"姓名{number}", number, "玉溪市红塔区北城街道", 0.25]
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
headings = ["姓名", "序号", "单位", "学时"]
for _chunk in make(headings, rows(3_000)):
    pass
before = peak()
size = sum(len(chunk) for chunk in make(headings, rows(60_000)))
print(peak() - before, size)
"""


@pytest.mark.parametrize("kind", ["csv_chunks", "xlsx_chunks"])
def test_memory_does_not_grow_with_the_rows(kind: str) -> None:
    told = subprocess.run([sys.executable, "-c", MEASURE, kind], cwd=ROOT, check=True, capture_output=True, timeout=120)
    grown_kb, size = map(int, told.stdout.split())
    assert size > 500_000
    assert grown_kb < 12_000


# --- reading --------------------------------------------------------------------------------------------------------

TEXT = "单位代码,姓名\r\n530402,阿依古丽·买买提\r\n530403, 李㛃 \r\n"
READ = [(2, {"单位代码": "530402", "姓名": "阿依古丽·买买提"}), (3, {"单位代码": "530403", "姓名": "李㛃"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encodings_of_offices_are_understood(encoding: str) -> None:
    assert list(read_csv(TEXT.encode(encoding))) == READ


def test_big_endian_utf16_with_its_mark_is_understood() -> None:
    assert decode(b"\xfe\xff" + "玉溪".encode("utf-16-be")) == "玉溪"


def test_gbk_files_of_older_programs_are_understood() -> None:
    assert decode("红塔区,北城街道\r\n".encode("gbk")) == "红塔区,北城街道\r\n"


@pytest.mark.parametrize("raw", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"a,b\r\n"])
def test_a_file_without_rows_has_none(raw: bytes) -> None:
    assert list(read_csv(raw)) == []


@pytest.mark.parametrize(
    ("raw", "position"),
    [
        ("红塔区北城街道".encode() + b"\xff\xfe", 21),  # UTF-8 and then none
        (b"\xef\xbb\xbfab\xd3\xf1", 5),  # says that it is UTF-8 and is not
        (b"ab\xff\xff", 2),
        (b"\xff\xfea", 2),  # half a character
        (b"a,b\r\nx\0y,1\r\n", 6),
        (b"PK\x03\x04\x14\0\0\0", 5),
    ],
)
def test_what_is_no_text_is_refused_with_the_place(raw: bytes, position: int) -> None:
    with pytest.raises(Invalid) as refused:
        list(read_csv(raw))
    assert (refused.value.code, refused.value.params) == ("kernel.encoding", {"position": position})


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line() -> None:
    raw = ('a,b\r\n1,2\r\n3,"' + "x" * 70_000 + "\r\n" + "y" * 70_000).encode()
    with pytest.raises(Invalid) as refused:
        list(read_csv(raw))
    assert refused.value.code == "kernel.csv"
    assert refused.value.params["line"] == 3


def test_cells_are_stripped_missing_ones_empty_and_extra_ones_left_out() -> None:
    raw = ' a , b \n 1 \n1,2,3\n"两\n行",x\n'.encode()
    expected = [(2, {"a": "1", "b": ""}), (3, {"a": "1", "b": "2"}), (5, {"a": "两\n行", "b": "x"})]
    assert list(read_csv(raw)) == expected


def test_what_was_written_can_be_read_again() -> None:
    raw = b"".join(csv_chunks(["名", "x"], [[text, "end"] for text in ("李㛃", 'a"b', "a,b", "两\n行", "😀")]))
    assert [row["名"] for _line, row in read_csv(raw)] == ["李㛃", 'a"b', "a,b", "两\n行", "😀"]
