"""Party branches in rosters, and staff numbers that lost their zeros: taken where they are clear, never guessed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from learnhub.kernel import clock, jobs
from learnhub.kernel.errors import Conflict
from learnhub.org import actions
from learnhub.org.actions import roster
from learnhub.org.models import Person, PersonSpell, RoleGrant, TreeChange, Unit
from learnhub.org.queries import roster as queries
from learnhub.org.roster.models import ImportLine, ImportRun
from learnhub.org.scope import Actor, load_actor
from tests.cast import Cast
from tests.client import CheckingClient
from tests.org.roster.books import table
from tests.org.roster.test_importing import carry_on

CODE = "530402004013"
HEADINGS = ("姓名", "单位代码", "工号", "所属党支部")
PARTY = (
    "code,parent_code,level,name\nDW,,党委,红塔区党委\nZ1,DW,总支,北城党总支\nZ2,DW,总支,春和党总支\n"
    "ZB1,Z1,支部,第一党支部\nZB2,Z2,支部,第一党支部\nZB3,Z1,支部,机关党支部\n"
)


@pytest.fixture
def admin(cast: Cast, now: datetime) -> Actor:
    """The unit administrator, who keeps the Party's tree too."""
    actions.import_units(None, PARTY.encode(), file_name="party.csv", now=now)
    root = Unit.get(Unit.code == "DW")
    RoleGrant.create(person=cast.unit_admin.person_id, role="unit_admin", unit=root, starts_at=now)
    return load_actor(cast.unit_admin.person_id, now)


def bring_in(actor: Actor, folder: Path, now: datetime, *rows: tuple[str, ...], apply: bool = True) -> ImportRun:
    """A roster with branches after its dry run, applied or not."""
    raw = table(*rows, headings=HEADINGS)
    run = roster.start_import(actor, [raw], file_name="a.csv", data_dir=folder, now=now)
    carry_on(run, actor, folder, now)
    if apply:
        roster.apply_import(actor, run.id, now=now)
        carry_on(run, actor, folder, now)
    return queries.get_run(run.id)


def told(run: ImportRun) -> list[str]:
    """Outcome, or the reason, of each row."""
    lines = ImportLine.select().where(ImportLine.run == run).order_by(ImportLine.row)
    return [line.code or line.outcome for line in lines]


def test_a_branch_is_found_by_code_path_or_unambiguous_name(admin: Actor, tmp_path: Path, now: datetime) -> None:
    rows = [
        ("甲", CODE, "B1", "ZB1"),
        ("乙", CODE, "B2", "春和党总支/第一党支部"),
        ("丙", CODE, "B3", "机关党支部"),
        ("丁", CODE, "B4", "第一党支部"),
        ("戊", CODE, "B5", "没有的支部"),
        ("己", CODE, "B6", ""),
    ]
    run = bring_in(admin, tmp_path, now, *rows)
    assert told(run) == ["created"] * 3 + ["org.roster_branch_ambiguous", "org.roster_branch_unknown", "created"]
    found = Person.select(Person.staff_no, Unit.code).join(Unit, on=Person.branch == Unit.id).tuples()
    assert sorted(found) == [("B1", "ZB1"), ("B2", "ZB2"), ("B3", "ZB3")]
    assert told(bring_in(admin, tmp_path, now, *rows[:3], apply=False)) == ["same"] * 3


def test_who_has_no_branch_gets_one_from_today_and_loses_it_by_undoing(
    admin: Actor, cast: Cast, tmp_path: Path, now: datetime
) -> None:
    before = Person.get(Person.staff_no == "HT2001")
    run = bring_in(admin, tmp_path, now, ("杨建国", CODE, "HT2001", "机关党支部"))
    person = Person.get_by_id(before.id)
    assert (person.branch.code, person.since) == ("ZB3", clock.local_date(now))
    spell = PersonSpell.get(PersonSpell.person == person)
    assert (spell.branch_id, spell.from_day) == (None, before.since)
    again = bring_in(admin, tmp_path, now, ("杨建国", CODE, "HT2001", "ZB1"), apply=False)
    assert told(again) == ["org.roster_no_moving_branch"]
    roster.undo_import(admin, run.id, "传错了", now=now)
    carry_on(run, admin, tmp_path, now)
    person = Person.get_by_id(before.id)
    assert (person.branch_id, person.since) == (None, before.since)
    assert not PersonSpell.select().exists() and not TreeChange.select().where(TreeChange.kind == "import").exists()


def test_a_branch_given_by_an_import_and_used_since_is_not_taken_back(
    admin: Actor, cast: Cast, tmp_path: Path, now: datetime
) -> None:
    run = bring_in(admin, tmp_path, now, ("杨建国", CODE, "HT2001", "机关党支部"))
    person, later = Person.get(Person.staff_no == "HT2001"), now + timedelta(days=3)
    actions.transfer_person(
        admin, person.id, cast.units["sibling_village"].id, branch_id=person.branch_id, reason="调动", now=later
    )
    with pytest.raises(Conflict):
        roster.undo_import(admin, run.id, "传错了", now=later)


def test_without_powers_over_the_partys_tree_only_the_present_branch_passes(
    admin: Actor, cast: Cast, tmp_path: Path, now: datetime
) -> None:
    bring_in(admin, tmp_path, now, ("杨建国", CODE, "HT2001", "机关党支部"))
    root = Unit.get(Unit.code == "DW")
    RoleGrant.delete().where(RoleGrant.unit == root).execute()
    poorer = load_actor(admin.person_id, now)
    rows = [("杨建国", CODE, "HT2001", "机关党支部"), ("甲", CODE, "B1", "机关党支部")]
    assert told(bring_in(poorer, tmp_path, now, *rows, apply=False)) == ["same", "org.roster_branch_unknown"]


def test_a_staff_number_that_lost_its_zeros_is_refused_and_not_added(
    admin: Actor, tmp_path: Path, now: datetime
) -> None:
    bring_in(admin, tmp_path, now, ("甲", CODE, "000712", ""))
    run = bring_in(admin, tmp_path, now, ("甲", CODE, "712", ""), ("乙", CODE, "713", ""), apply=False)
    assert told(run) == ["org.roster_zeros_lost", "created"]


def test_two_people_may_change_their_numbers_in_one_import(admin: Actor, tmp_path: Path, now: datetime) -> None:
    bring_in(admin, tmp_path, now, ("甲", CODE, "", ""), ("乙", CODE, "", ""))
    run = bring_in(admin, tmp_path, now, ("甲", CODE, "C1", ""), ("乙", CODE, "C2", "机关党支部"))
    assert run.counts["changed"] == 2
    people = dict(Person.select(Person.name, Person.staff_no).where(Person.staff_no.in_(["C1", "C2"])).tuples())
    assert people == {"甲": "C1", "乙": "C2"}


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_own_export_with_branches_changes_nothing(
    client_for: Callable[[str], CheckingClient], admin: Actor, cast: Cast, file_format: str
) -> None:
    Person.update(branch=Unit.get(Unit.code == "ZB1")).where(Person.staff_no == "HT2001").execute()
    browser = client_for("unit_admin")
    raw = browser.get(f"/people.{file_format}").data
    browser.get("/people/imports/new")
    browser.send(
        "/people/imports", {"file": (io.BytesIO(raw), f"people.{file_format}")}, content_type="multipart/form-data"
    )
    jobs.run_all(clock.now())
    run = ImportRun.get()
    assert "branch" in run.columns
    assert (run.counts["created"], run.counts["changed"], run.counts["refused"]) == (0, 0, 0)
