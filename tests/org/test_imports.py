"""Files of units and stations: read rightly or refused whole, with file, line and reason."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

import learnhub.org
from learnhub.design.i18n import locale_of
from learnhub.kernel.errors import TooLarge
from learnhub.org import actions, import_files
from learnhub.org.import_files import ImportRefused
from learnhub.org.messages import WORDS, words_of
from learnhub.org.models import AuditLine, Station, Unit
from tests.cast import Cast

DEMO = Path(learnhub.org.__file__).parent / "demo"
HEAD = "code,parent_code,level,name\n"
CITY = "53,,1,玉溪市\n"


def _import(text: str | bytes, now: datetime) -> actions.ImportResult:
    raw = text.encode() if isinstance(text, str) else text
    return actions.import_units(None, raw, file_name="units.csv", now=now)


def _problems(text: str | bytes, now: datetime) -> list[tuple[int, str]]:
    with pytest.raises(ImportRefused) as caught:
        _import(text, now)
    return [(problem.line, problem.code) for problem in caught.value.problems]


def test_the_stations_of_each_county_sum_to_the_published_counts(db: str, now: datetime) -> None:
    units = actions.import_units(None, (DEMO / "yuxi-divisions.csv").read_bytes(), file_name="u", now=now)
    stations = actions.import_stations(None, (DEMO / "yuxi-stations-1409.csv").read_bytes(), file_name="s", now=now)
    assert (units.created, stations.created, stations.groups) == (804, 1409, 605)
    with (DEMO / "yuxi-counts.csv").open(encoding="utf-8", newline="") as file:
        for expected in csv.DictReader(file):
            county = Unit.get(Unit.code == expected["county_code"])
            below = Unit.select().where(Unit.path.within(county.path))
            found = {level: below.where(Unit.level == level).count() for level in ("township", "village", "group")}
            assert list(found.values()) == [
                int(expected[column]) for column in ("townships", "villages", "groups_synthetic")
            ]
            count = Station.select().join(Unit).where(Unit.path.within(county.path)).count()
            assert count == int(expected["stations_total"]), county.name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator_gives_the_same_tree(
    db: str, now: datetime, encoding: str, separator: str
) -> None:
    text = (HEAD + CITY + "5304,53,2,者竜区\n").replace(",", separator)
    _import(text.encode(encoding), now)
    assert Unit.get(Unit.code == "5304").name == "者竜区"


def test_chinese_headings_and_level_words_are_understood(db: str, now: datetime) -> None:
    _import("单位代码,单位名称,层级,上级代码\n53,玉溪市,市,\n5304,红塔区,县区,53\n", now)
    assert Unit.get(Unit.code == "5304").level == "county"


def test_lines_may_come_in_any_order(db: str, now: datetime) -> None:
    _import(HEAD + "530401,5304,3,研和街道\n5304,53,2,红塔区\n" + CITY, now)
    assert Unit.get(Unit.code == "530401").path.count("/") == 4


def test_importing_again_changes_nothing_and_a_new_name_renames(db: str, now: datetime) -> None:
    text = HEAD + CITY + "5304,53,2,红塔区\n"
    assert _import(text, now).created == 2
    before = list(Unit.select().order_by(Unit.id).dicts())
    assert _import(text, now) == actions.ImportResult(0, 0, 2)
    assert list(Unit.select().order_by(Unit.id).dicts()) == before
    assert _import(text.replace("红塔区", "红塔新区"), now) == actions.ImportResult(0, 1, 1)
    assert AuditLine.select().order_by(AuditLine.id.desc()).first().detail["changed"] == [
        ["5304", "红塔区", "红塔新区"]
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9,8,2,甲\n", [(3, "org.line_parent_unknown")]),
        ("2,3,2,甲\n3,2,3,乙\n", [(3, "org.line_level_wrong"), (3, "org.line_loop"), (4, "org.line_loop")]),
        ("2,2,2,甲\n", [(3, "org.line_level_wrong"), (3, "org.line_loop")]),
        ("2,53,2,甲\n2,53,2,乙\n", [(4, "org.line_duplicate")]),
        ("2,53,9,甲\n", [(3, "org.line_level_unknown")]),
        ("2,53,1,甲\n", [(3, "org.line_level_wrong")]),
        ("2,,2,甲\n", [(3, "org.line_root_level")]),
        ("5.3E+11,53,2,甲\n", [(3, "org.line_code_bad")]),
        (",53,2,\n", [(3, "org.line_empty_cell"), (3, "org.line_empty_cell")]),
        (f"2,53,2,{'长' * 201}\n", [(3, "org.line_too_long")]),
        ('2,53,2,"甲\n', [(3, "org.line_broken")]),
    ],
)
def test_each_wrong_line_is_named_and_nothing_is_taken(
    db: str, now: datetime, text: str, expected: list[tuple[int, str]]
) -> None:
    assert _problems(HEAD + CITY + text, now) == expected
    assert Unit.select().count() == 0
    assert AuditLine.select().count() == 0


def test_all_problems_of_a_file_are_told_at_once(db: str, now: datetime) -> None:
    text = HEAD + CITY + "2,8,2,甲\n3,53,7,乙\n4,53,2,丙\n4,53,2,丁\n"
    assert [line for line, _code in _problems(text, now)] == [3, 4, 6]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ((HEAD + CITY).encode() + "2,53,2,红塔".encode()[:-1], 3),
        ((HEAD + CITY).encode() + "2,53,2,江川区县乡村组".encode() + b"\n3,53,2,\xba\xec\xcb\xfe\n", 4),
        (HEAD.encode() + b"53,,1,\xff\xff\n", 2),
        (b"PK\x03\x04" + bytes(range(128, 256)), 1),
    ],
)
def test_bytes_that_are_no_text_are_refused_with_their_line(db: str, now: datetime, raw: bytes, line: int) -> None:
    assert _problems(raw, now) == [(line, "org.line_not_text")]


def test_gbk_bytes_are_read_and_not_guessed(db: str, now: datetime) -> None:
    _import((HEAD + "53,,1,玉溪市\n5304,53,2,峨山彝族自治县\n").encode("gbk"), now)
    assert Unit.get(Unit.code == "5304").name == "峨山彝族自治县"


def test_a_file_without_its_columns_or_content_is_refused(db: str, now: datetime) -> None:
    assert _problems("code,name\n1,a\n", now) == [(1, "org.line_no_column"), (1, "org.line_no_column")]
    assert _problems("\ufeff \n", now) == [(1, "org.line_empty_file")]


def test_a_file_beyond_the_limit_is_not_even_read(db: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files, "LARGEST", 100)
    with pytest.raises(TooLarge):
        _import(HEAD + CITY * 20, now)


def test_units_that_stand_are_neither_moved_nor_given_another_level(cast: Cast, now: datetime) -> None:
    text = HEAD + "530402004,530403,3,北城街道\n530402005,530402,4,春和街道\n"
    assert _problems(text, now) == [(2, "org.line_moved"), (3, "org.line_level_changed")]


def test_an_administrator_imports_only_into_the_own_part(cast: Cast, now: datetime) -> None:
    raw = (HEAD + "530402006,530402,3,新街道\n").encode()
    assert actions.import_units(cast.actor("unit_admin"), raw, file_name="u", now=now).created == 1
    beyond = HEAD + "530403102,530403,3,前卫镇\n530403101,530403,3,改名镇\n99,,1,新市\n"
    with pytest.raises(ImportRefused) as caught:
        actions.import_units(cast.actor("unit_admin"), beyond.encode(), file_name="u", now=now)
    assert [problem.code for problem in caught.value.problems] == ["org.line_outside"] * 3
    with pytest.raises(ImportRefused):
        actions.import_units(cast.actor("learner"), raw.replace(b"006", b"007"), file_name="u", now=now)


def test_stations_are_refused_with_unknown_units_doubles_and_moves(cast: Cast, now: datetime) -> None:
    text = (
        "station_no,code,name\nA1,404,甲\nA2,530402,乙\nA2,530402,丙\n"
        f"{cast.stations['station'].station_no},530403,丁\n,530402,戊\n"
    )
    with pytest.raises(ImportRefused) as caught:
        actions.import_stations(None, text.encode(), file_name="s.csv", now=now)
    assert [(problem.line, problem.code) for problem in caught.value.problems] == [
        (2, "org.line_unit_unknown"),
        (4, "org.line_duplicate"),
        (5, "org.line_station_moved"),
        (6, "org.line_empty_cell"),
    ]
    assert Station.select().count() == len(cast.stations)


def test_two_stations_may_bring_the_same_new_group(cast: Cast, now: datetime) -> None:
    village = cast.units["village"].code
    line = f"{village}09,{village},5,第9村民小组\n"
    text = f"station_no,code,parent_code,level,name\nB1,{line}B2,{line}"
    result = actions.import_stations(cast.actor("unit_admin"), text.encode(), file_name="s", now=now)
    assert (result.created, result.groups) == (2, 1)


def test_every_problem_has_words_in_both_languages() -> None:
    lines = [code for code in WORDS if code.startswith("org.line_")]
    assert len(lines) > 15
    params = {
        "reason": "x",
        "column": "c",
        "limit": 1,
        "text": "t",
        "first": 2,
        "parent": "p",
        "loop": "a → b",
        "level": "city",
        "parent_level": "group",
        "unit": "u",
    }
    for code in lines:
        for locale in ("zh_CN", "en"):
            with locale_of(locale):
                assert "%(" not in words_of(import_files.Problem(1, code, params))
