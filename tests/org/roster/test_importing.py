"""From an upload to people: dry run, application whole or not at all, undoing, scope, and the second time nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from learnhub.kernel import clock
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.kernel.text import fold_name
from learnhub.org import actions
from learnhub.org.actions import roster
from learnhub.org.models import AuditLine, Person, Reading, RoleGrant
from learnhub.org.queries import roster as queries
from learnhub.org.roster import copy
from learnhub.org.roster.models import ImportLine, ImportRun
from learnhub.org.rules import Level, NewUnit
from learnhub.org.scope import Actor
from learnhub.org.tree import place_unit
from tests.cast import Cast
from tests.org.roster.books import book, table

Importer = Callable[..., ImportRun]


@pytest.fixture
def import_as(cast: Cast, now: datetime, tmp_path: Path) -> Importer:
    """``import_as(actor, raw)``: the run after its dry run; ``apply=True`` carries it out."""

    def bring_in(actor: Actor, raw: bytes, *, apply: bool = False) -> ImportRun:
        run = roster.start_import(actor, [raw], file_name="花名册.csv", data_dir=tmp_path, now=now)
        carry_on(run, actor, tmp_path, now)
        if apply:
            roster.apply_import(actor, run.id, now=now)
            carry_on(run, actor, tmp_path, now)
        return queries.get_run(run.id)

    return bring_in


def carry_on(run: ImportRun, actor: Actor, data_dir: Path, now: datetime) -> None:
    """What the worker does."""
    roster.carry_on(
        run.id, actor.person_id, address="127.0.0.1", data_dir=data_dir, now=now, progress=lambda _share: None
    )


def lines(run: ImportRun) -> list[tuple[int, str, str]]:
    """Row, outcome and reason of each line."""
    return [
        (line.row, line.outcome, line.code)
        for line in ImportLine.select().where(ImportLine.run == run).order_by(ImportLine.row)
    ]


def reasons(run: ImportRun) -> list[str]:
    """The reasons of all refused lines."""
    return [code for _row, _outcome, code in lines(run) if code]


def person(**values: str) -> Person:
    """The person with these values."""
    return Person.get(*[getattr(Person, name) == value for name, value in values.items()])


VILLAGE, CODE = "大石板社区居民委员会", "530402004013"


def test_a_dry_run_changes_nothing_and_applying_adds_people_as_written(
    cast: Cast, import_as: Importer, now: datetime, tmp_path: Path
) -> None:
    raw = table(("王　伟", CODE, "HT3001", "一级科员", "委员"), ("买买提•吐尔逊", CODE, "", "—", ""))
    before = Person.select().count()
    run = import_as(cast.unit_admin, raw)
    assert (run.state, run.counts) == ("planned", {"created": 2, "changed": 0, "same": 0, "refused": 0})
    assert Person.select().count() == before
    roster.apply_import(cast.unit_admin, run.id, now=now)
    carry_on(run, cast.unit_admin, tmp_path, now)
    added = person(staff_no="HT3001")
    assert (added.name, added.name_folded, added.unit.code, added.rank.code, added.duty) == (
        "王　伟", "王伟", CODE, "clerk-1", "委员",
    )  # fmt: skip
    assert added.since == clock.local_date(now)
    assert person(name="买买提•吐尔逊").name_folded == "买买提·吐尔逊"
    assert queries.get_run(run.id).state == "applied"


def test_the_second_time_nothing_changes(cast: Cast, import_as: Importer) -> None:
    raw = table(("王　伟", CODE, "HT3001", "一级科员", "委员"), ("李丽", CODE, "", "", ""))
    import_as(cast.unit_admin, raw, apply=True)
    assert import_as(cast.unit_admin, raw).counts == {"created": 0, "changed": 0, "same": 2, "refused": 0}


def test_what_is_given_changes_and_empty_cells_leave_alone(cast: Cast, import_as: Importer) -> None:
    raw = table(
        ("杨建国", CODE, "HT2001", "一级科员", ""), ("李 㛃", "", "", "", ""), ("李㛃", CODE, "HT2099", "", "会计")
    )
    run = import_as(cast.unit_admin, raw, apply=True)
    assert lines(run) == [(2, "changed", ""), (3, "refused", "org.roster_no_unit"), (4, "changed", "")]
    assert person(staff_no="HT2001").rank.code == "clerk-1"
    changed = ImportLine.get((ImportLine.run == run) & (ImportLine.row == 4))
    assert (changed.before, changed.after) == (
        {"staff_no": "", "duty": ""},
        {"staff_no": "HT2099", "duty": "会计"},
    )
    assert person(staff_no="HT2099").duty == "会计"


def test_a_person_is_found_by_folded_name_within_the_unit(cast: Cast, import_as: Importer) -> None:
    run = import_as(cast.unit_admin, table(("阿依古丽•买 买提", CODE, "", "", ""), ("杨建国", "530402004", "", "", "")))
    assert [outcome for _row, outcome, _code in lines(run)] == ["changed", "created"]


def test_units_are_found_by_code_full_path_or_unambiguous_name(cast: Cast, import_as: Importer, now: datetime) -> None:
    rows = [
        ("甲", "红塔区/北城街道/大石板社区居民委员会"),
        ("乙", "玉溪市 红塔区 北城街道 大石板社区居民委员会"),
        ("丙", "北城街道大石板社区居民委员会"),
        ("丁", "大石板社区居民委员会"),
        ("戊", "没有这个村"),
    ]
    run = import_as(cast.unit_admin, table(*rows, headings=("姓名", "所属单位")), apply=True)
    assert [outcome for _row, outcome, _code in lines(run)] == ["created"] * 4 + ["refused"]
    assert {person(name=name).unit.code for name in "甲乙丙丁"} == {CODE}


def test_a_name_that_two_units_have_is_refused_with_both(cast: Cast, import_as: Importer) -> None:
    place_unit(NewUnit("53040200520101", "530402005201", Level.GROUP, "第1居民小组"), cast.units["cousin_village"])
    run = import_as(
        cast.unit_admin,
        table(("甲", "第1居民小组", ""), ("乙", "第1居民小组", "春和街道"), headings=("姓名", "单位", "乡镇")),
    )
    assert lines(run) == [(2, "refused", "org.roster_unit_ambiguous"), (3, "created", "")]
    told = ImportLine.get(ImportLine.code == "org.roster_unit_ambiguous").params
    assert "53040200520101" in told["units"] and "53040200401301" in told["units"]


def test_nothing_outside_the_scope_is_touched_or_told(cast: Cast, import_as: Importer) -> None:
    rows = [
        ("甲", "530403101001", "", "", ""),
        ("乙", "5304", "", "", ""),
        ("孔令辉", CODE, "JC2001", "", ""),
        ("孔令辉", "530403101001", "JC2001", "", ""),
    ]
    run = import_as(cast.unit_admin, table(*rows))
    assert reasons(run) == [
        *("org.roster_code_unknown", "org.roster_code_unknown", "org.roster_staff_no_not_free"),
        "org.roster_code_unknown",
    ]
    assert "江城" not in str([line.params for line in ImportLine.select()])
    by_name = import_as(cast.unit_admin, table(("甲", "江城社区居民委员会"), headings=("姓名", "单位")))
    assert reasons(by_name) == ["org.roster_unit_unknown"]


@pytest.mark.parametrize("who", ["learner", "station_manager", "department", "auditor", "editor"])
def test_without_the_power_nobody_imports(cast: Cast, import_as: Importer, who: str) -> None:
    with pytest.raises(Forbidden):
        import_as(cast.actor(who), table(("甲", CODE, "", "", "")))


def test_an_import_is_hidden_from_the_neighbour(cast: Cast, import_as: Importer, now: datetime, tmp_path: Path) -> None:
    run = import_as(cast.unit_admin, table(("甲", CODE, "", "", "")))
    for call in (
        lambda: queries.run_for(cast.neighbour, run.id),
        lambda: roster.apply_import(cast.neighbour, run.id, now=now),
        lambda: roster.discard_import(cast.neighbour, run.id, data_dir=tmp_path, now=now),
    ):
        with pytest.raises(NotFound):
            call()
    assert queries.list_runs(cast.neighbour) == []
    assert [one.id for one in queries.list_runs(cast.system_admin)] == [run.id]


TWICE = "org.roster_twice"


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([("甲", CODE, "A1", "", ""), ("乙", CODE, "a1", "", "")], [TWICE]),
        ([("甲", CODE, "", "", ""), ("甲", CODE, "", "", "")], [TWICE]),
        ([("甲", CODE, "A1", "", ""), ("甲", CODE, "", "", "")], [TWICE]),
        ([("甲", CODE, "", "", ""), ("甲", CODE, "A1", "", "")], [TWICE]),
        ([("甲", CODE, "A1", "", ""), ("甲", CODE, "A2", "", "")], []),
        ([("杨建国", CODE, "", "", ""), ("杨建国", CODE, "HT2001", "", "")], [TWICE]),
        ([("甲", CODE, "learner", "", "")], ["org.roster_staff_no_not_free"]),
        ([("杨建国", "530402004", "HT2001", "", "")], ["org.roster_no_moving"]),
        ([("陈国栋", CODE, "HT1999", "", "")], ["org.roster_not_in_service"]),
        ([("陈国栋", CODE, "", "", "")], ["org.roster_not_in_service"]),
        ([("", CODE, "A1", "", "")], ["org.roster_no_name"]),
        ([("12345", CODE, "", "", "")], ["org.roster_name_bad"]),
        ([("@SUM(A1)", CODE, "", "", "")], ["org.roster_name_bad"]),
        ([("甲" * 81, CODE, "", "", "")], ["org.line_too_long"]),
        ([("甲", CODE, "", "大元帅", "")], ["org.roster_rank_unknown"]),
        ([("甲", "5.30402E+11", "", "", "")], ["org.roster_cell_digits"]),
        ([("甲", CODE, "530402198001011234", "", "")], ["org.roster_cell_identity"]),
        ([("甲", CODE, "12.5", "", "")], ["org.roster_staff_no_bad"]),
        ([("甲", "", "A1", "", "")], ["org.roster_no_unit"]),
    ],
)
def test_what_is_in_doubt_is_refused_with_its_reason(
    cast: Cast, import_as: Importer, rows: Sequence[Sequence[str]], codes: list[str]
) -> None:
    assert reasons(import_as(cast.unit_admin, table(*rows))) == codes


def test_a_code_and_a_name_that_contradict_are_refused(cast: Cast, import_as: Importer) -> None:
    rows = [
        ("甲", CODE, VILLAGE),
        ("乙", CODE, "北城街道" + VILLAGE),
        ("丙", CODE, "大石板社区"),
        ("丁", CODE, "莲池社区居民委员会"),
    ]
    run = import_as(cast.unit_admin, table(*rows, headings=("姓名", "单位代码", "单位名称")))
    assert reasons(run) == ["org.roster_code_and_name"]


def test_two_people_of_one_name_in_one_unit_need_a_number(cast: Cast, import_as: Importer, now: datetime) -> None:
    for _ in range(2):
        Person.create(name="重名", name_folded=fold_name("重名"), unit=cast.units["village"], created_at=now)
    assert reasons(import_as(cast.unit_admin, table(("重名", CODE, "", "", "")))) == ["org.roster_name_ambiguous"]


def test_each_person_has_an_audit_line_and_the_run_one_more(cast: Cast, import_as: Importer) -> None:
    raw = table(("甲", CODE, "A1", "", ""), ("杨建国", CODE, "HT2001", "", "主任"))
    run = import_as(cast.unit_admin, raw, apply=True)
    told = {line.action: line for line in AuditLine.select()}
    assert told["person.added"].detail["import"] == run.id
    assert told["person.changed"].detail["after"] == {"duty": "主任"}
    assert told["person.changed"].actor_id == cast.unit_admin.person_id
    assert told["people.imported"].detail["created"] == 1


def test_undoing_takes_everything_back(cast: Cast, import_as: Importer, now: datetime, tmp_path: Path) -> None:
    before = sorted(Person.select(Person.id, Person.name, Person.duty, Person.rank).tuples())
    raw = table(("甲", CODE, "A1", "", ""), ("杨建国", CODE, "HT2001", "一级科员", "主任"))
    run = import_as(cast.unit_admin, raw, apply=True)
    added = person(staff_no="A1")
    Reading.create(
        reader=cast.unit_admin.person_id, person=added, page="org.show_person", unit=cast.units["village"], at=now
    )
    with pytest.raises(Invalid):
        roster.undo_import(cast.unit_admin, run.id, " ", now=now)
    roster.undo_import(cast.unit_admin, run.id, "传错了文件", now=now)
    carry_on(run, cast.unit_admin, tmp_path, now)
    assert queries.get_run(run.id).state == "undone"
    assert sorted(Person.select(Person.id, Person.name, Person.duty, Person.rank).tuples()) == before
    again = import_as(cast.unit_admin, raw, apply=True)
    assert again.counts["created"] == 1 and person(staff_no="A1").id > added.id - 1


@pytest.mark.parametrize("use", ["account", "role", "transfer", "change", "retire"])
def test_what_somebody_depends_on_is_not_undone(cast: Cast, import_as: Importer, now: datetime, use: str) -> None:
    run = import_as(cast.unit_admin, table(("甲", CODE, "A1", "", "")), apply=True)
    who = person(staff_no="A1")
    if use == "account":
        actions.open_account(cast.unit_admin, who.id, now=now)
    elif use == "role":
        actions.grant_role(cast.unit_admin, who.id, "auditor", cast.village.id, now=now)
    elif use == "transfer":
        Person.update(unit=cast.units["township"]).where(Person.id == who.id).execute()
    elif use == "change":
        actions.change_person(cast.unit_admin, who.id, actions.PersonDetails("甲", "A1", "", "主任"), now=now)
    else:
        Person.update(is_active=False).where(Person.id == who.id).execute()
    with pytest.raises(Conflict):
        roster.undo_import(cast.unit_admin, run.id, "错了", now=now)
    assert queries.get_run(run.id).state == "applied"


def test_what_changed_since_the_dry_run_gives_a_new_dry_run(
    cast: Cast, import_as: Importer, now: datetime, tmp_path: Path
) -> None:
    run = import_as(cast.unit_admin, table(("甲", CODE, "A1", "", ""), ("乙", CODE, "A2", "", "")))
    actions.add_person(None, actions.NewPerson("别人", cast.village.id, "A2"), now=now)
    roster.apply_import(cast.unit_admin, run.id, now=now)
    carry_on(run, cast.unit_admin, tmp_path, now)
    run = queries.get_run(run.id)
    assert (run.state, run.refusal) == ("planned", "org.import_changed")
    assert not Person.select().where(Person.staff_no == "A1").exists()


def test_a_power_that_was_taken_away_applies_nothing(
    cast: Cast, import_as: Importer, now: datetime, tmp_path: Path
) -> None:
    run = import_as(cast.unit_admin, table(("甲", CODE, "A1", "", "")))
    roster.apply_import(cast.unit_admin, run.id, now=now)
    grant = RoleGrant.get(RoleGrant.person == cast.unit_admin.person_id).id
    actions.revoke_role(None, grant, now=now)
    carry_on(run, cast.unit_admin, tmp_path, now + timedelta(seconds=1))
    assert not Person.select().where(Person.staff_no == "A1").exists()


def test_nothing_is_applied_twice(cast: Cast, import_as: Importer, now: datetime, tmp_path: Path) -> None:
    run = import_as(cast.unit_admin, table(("甲", CODE, "A1", "", "")), apply=True)
    carry_on(run, cast.unit_admin, tmp_path, now)
    assert Person.select().where(Person.staff_no == "A1").count() == 1
    with pytest.raises(Conflict):
        roster.apply_import(cast.unit_admin, run.id, now=now)


def test_no_identity_number_is_kept_anywhere(cast: Cast, import_as: Importer, tmp_path: Path) -> None:
    number, phone = "530402198001011234", "19900000001"
    raw = book([("姓名", "单位代码", "身份证号", "手机号", "备注"), ("甲", CODE, number, phone, number)])
    run = import_as(cast.unit_admin, raw)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".sqlite3"]
    assert [path.name for path in kept if path.parent.name == "imports"] == [f"{run.id}.rows"]
    rows = "".join(str(row) for row in copy.read_copy(copy.copy_path(tmp_path, run.id)))
    assert number not in rows and phone not in rows
    assert copy.copy_path(tmp_path, run.id).stat().st_mode & 0o077 == 0


def test_the_copy_goes_when_the_import_ends(cast: Cast, import_as: Importer, now: datetime, tmp_path: Path) -> None:
    applied = import_as(cast.unit_admin, table(("甲", CODE, "A1", "", "")), apply=True)
    removed = import_as(cast.unit_admin, table(("乙", CODE, "A2", "", "")))
    roster.discard_import(cast.unit_admin, removed.id, data_dir=tmp_path, now=now)
    assert list((tmp_path / "imports").iterdir()) == []
    assert applied.state == "applied" and queries.get_run(removed.id).state == "discarded"
    left = import_as(cast.unit_admin, table(("丙", CODE, "A3", "", "")))
    roster.start_import(
        cast.unit_admin, [b"x"], file_name="x", data_dir=tmp_path, now=now + timedelta(days=roster.KEPT_DAYS + 1)
    )
    assert queries.get_run(left.id).state == "discarded"


def test_a_choice_of_columns_is_remembered(cast: Cast, import_as: Importer, now: datetime, tmp_path: Path) -> None:
    raw = table(("甲", CODE, "A1"), headings=("谁", "哪里", "几号"))
    run = import_as(cast.unit_admin, raw)
    assert run.state == "columns"
    with pytest.raises(Invalid):
        roster.correct_columns(cast.unit_admin, run.id, ["name", "name", ""], now=now)
    with pytest.raises(Invalid):
        roster.correct_columns(cast.unit_admin, run.id, ["", "unit_code", "staff_no"], now=now)
    roster.correct_columns(cast.unit_admin, run.id, ["name", "unit_code", "staff_no"], now=now)
    carry_on(run, cast.unit_admin, tmp_path, now)
    assert queries.get_run(run.id).counts["created"] == 1
    assert import_as(cast.unit_admin, raw).state == "planned"
    assert import_as(cast.system_admin, raw).state == "columns"


def test_an_upload_that_is_no_roster_is_refused_and_deleted(cast: Cast, import_as: Importer, tmp_path: Path) -> None:
    run = import_as(cast.unit_admin, b"<html><table>")
    assert (run.state, run.refusal) == ("refused", "org.roster_web_page")
    assert list((tmp_path / "imports").iterdir()) == []
    with pytest.raises(Invalid):
        import_as(cast.unit_admin, b"")
