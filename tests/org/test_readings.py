"""Who read whose record is written down, told to the person and to the auditor; everybody takes their own data along."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime

import peewee
import pytest
from flask import Flask

from learnhub.kernel import clock
from learnhub.kernel.db import connect, is_postgres
from learnhub.kernel.db import db as database
from learnhub.migrations import migrate
from learnhub.org import actions
from learnhub.org.models import AuditLine, Person, Reading
from learnhub.org.own_data import list_parts
from learnhub.tables import all_tables
from tests.cast import Cast
from tests.checks.objects import FIXED
from tests.client import CheckingClient
from tests.databases import PostgresTemplates, SqliteTemplates

SignIn = Callable[[str], CheckingClient]


def _lines() -> list[tuple[str, int | None, int, int]]:
    return list(Reading.select(Reading.page, Reading.person, Reading.unit, Reading.count).order_by(Reading.id).tuples())


def test_opening_a_persons_page_is_a_line_and_ones_own_is_none(cast: Cast, client_for: SignIn) -> None:
    browser = client_for("department")
    for nickname in ("learner", "department"):
        assert browser.get(f"/people/{cast.people[nickname].id}").status_code == 200
    line = Reading.get()
    assert (line.reader_id, line.person_id, line.page) == (
        cast.department.person_id,
        cast.learner.person_id,
        "org.show_person",
    )
    assert line.address == "127.0.0.1" and line.unit_id == cast.units["village"].id
    assert Reading.select().count() == 1


def test_a_person_that_is_not_shown_is_no_line(cast: Cast, client_for: SignIn) -> None:
    assert client_for("department").get(f"/people/{cast.people['other_learner'].id}").status_code == 404
    assert not _lines()


def test_every_page_whose_address_names_a_person_notes_the_reading(cast: Cast, app: Flask, client_for: SignIn) -> None:
    browser, noted = client_for("system_admin"), set()
    for rule in app.url_map.iter_rules():
        if "person_id" in rule.arguments and "GET" in (rule.methods or ()):
            values = {name: FIXED.get(name, cast.people["learner"].id) for name in rule.arguments}
            with app.test_request_context():
                path = app.url_for(rule.endpoint, **values)
            before = Reading.select().count()
            if browser.get(path).status_code == 200:
                assert Reading.select().count() == before + 1, rule.endpoint
                noted.add(rule.endpoint)
    assert {"org.show_person", "org.edit_person", "org.ask_merge_people"} <= noted


@pytest.mark.parametrize("path", ["/people", "/people.csv", "/people.xlsx"])
def test_a_list_is_one_line_with_count_and_scope(cast: Cast, client_for: SignIn, path: str) -> None:
    response = client_for("department").get(path)
    assert response.status_code == 200 and response.get_data()
    page = "org.list_people" if path == "/people" else "org.download_people"
    assert _lines() == [(page, None, cast.units["county"].id, 10)]
    exported = AuditLine.select().where(AuditLine.action == "people.exported")
    assert exported.count() == (0 if path == "/people" else 1)


def test_records_their_files_and_rolls_are_noted(cast: Cast, client_for: SignIn, now: datetime) -> None:
    admin = cast.unit_admin
    for roots, count in ((["/1/"], 0), ([cast.units["county"].path, cast.units["other_county"].path], 7)):
        actions.note_list(admin, "reports.show_records", roots, count, now=now)
    assert [line[2:] for line in _lines()] == [
        (cast.units["county"].id, 7), (cast.units["other_county"].id, 7)
    ]  # fmt: skip
    assert client_for("department").get("/records").status_code == 200  # nobody has completed anything yet: no line
    assert len(_lines()) == 2


def test_a_list_costs_one_statement_more(cast: Cast, now: datetime, queries: Callable[[], int]) -> None:
    department = cast.department
    queries()
    actions.note_list(department, "org.list_people", [cast.units["county"].path], 25, now=now)
    assert queries() == 1


def test_the_person_sees_who_looked_and_nobody_elses_lines(cast: Cast, client_for: SignIn) -> None:
    department = client_for("department")
    department.get(f"/people/{cast.people['learner'].id}")
    department.get(f"/people/{cast.people['colleague'].id}")
    department.get("/people.csv").get_data()
    learner = client_for("learner")
    page = learner.get("/account/readers").get_data(as_text=True)
    assert page.count("刘永康") == 1 and "127.0.0.1" in page
    assert "刘永康" in learner.get("/account/readers?lists=1").get_data(as_text=True)
    for path in ("/account/readers", "/account/readers?lists=1"):
        assert "刘永康" not in client_for("other_learner").get(path).get_data(as_text=True)


def test_readings_of_a_merged_entry_are_told_to_the_person(cast: Cast, client_for: SignIn, now: datetime) -> None:
    client_for("department").get(f"/people/{cast.people['villager'].id}")
    learner, villager = cast.people["learner"].id, cast.people["villager"].id
    actions.merge_people(cast.unit_admin, learner, villager, now=now)
    assert "刘永康" in client_for("learner").get("/account/readers").get_data(as_text=True)


def test_the_auditor_searches_within_the_own_part(cast: Cast, client_for: SignIn) -> None:
    client_for("department").get(f"/people/{cast.people['learner'].id}")
    client_for("neighbour").get(f"/people/{cast.people['other_learner'].id}")
    auditor = client_for("auditor")
    page = auditor.get("/audit/readings").get_data(as_text=True)
    assert "杨建国" in page and "孔令辉" not in page and "马德胜" not in page
    assert "杨建国" in auditor.get("/audit/readings?q=HT2001&action=org.show_person").get_data(as_text=True)
    assert "刘永康" not in auditor.get("/audit/readings?q=王秀英").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(auditor.get("/audit/readings.csv").get_data().decode("utf-8-sig"))))
    assert len(rows) == 2 and "杨建国" in rows[1]
    assert AuditLine.select().where(AuditLine.action == "audit.readings_exported").count() == 1


def test_lines_of_the_older_table_are_carried_over(engine: SqliteTemplates | PostgresTemplates, now: datetime) -> None:
    with engine.empty() as url:
        connect(url)
        migrate(database.obj, target="0010_second_step")
        mark = "%s" if is_postgres() else "?"
        for statement in (
            "INSERT INTO unit (id, code, name, level, kind, path, is_retired, since) "
            "VALUES (1, 'a', '甲', 'city', 'admin', '/1/', FALSE, '2000-01-01')",
            *(
                "INSERT INTO person (id, name, name_folded, unit_id, duty, is_active, since, created_at) "
                f"VALUES ({number}, '甲', '甲', 1, '', TRUE, '2000-01-01', '2026-01-01 00:00:00')"
                for number in (1, 2)
            ),
        ):
            database.execute_sql(statement)
        database.execute_sql(
            "INSERT INTO record_view (reader_id, person_id, page, day, last_at, times) "
            f"VALUES (1, 2, 'person', '2026-06-01', {mark}, 3)",
            (now.replace(tzinfo=None),),
        )
        migrate(database.obj)
        line = Reading.get()
        assert (line.reader_id, line.person_id, line.unit_id, line.at) == (1, 2, 1, now)


def test_every_table_that_points_to_a_person_is_part_of_their_own_data(app: Flask) -> None:
    told = {table for part in list_parts() for table in part.tables}
    subject = {"person", "account"}
    left = {
        table.__name__
        for table in all_tables()
        for field in table._meta.sorted_fields
        if isinstance(field, peewee.ForeignKeyField) and field.name in subject and table not in told
    }
    assert not left, f"name these in a Part of the feature's own_data.py: {sorted(left)}"


def _own_data(browser: CheckingClient) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(browser.get("/account/data.zip").get_data()))


def test_ones_own_data_come_as_csv_json_and_an_index(cast: Cast, client_for: SignIn) -> None:
    client_for("department").get(f"/people/{cast.people['learner'].id}")
    learner = client_for("learner")
    assert learner.get("/account/data").status_code == 200
    archive = _own_data(learner)
    assert archive.testzip() is None
    names = {f"{part.name}.{kind}" for part in list_parts() for kind in ("csv", "json")} | {"index.html"}
    assert set(archive.namelist()) == names
    person = json.loads(archive.read("person.json"))[0]
    assert (person["name"], person["staff_no"]) == ("杨建国", "HT2001") and person["unit"].endswith(
        "大石板社区居民委员会"
    )
    assert [one["who"] for one in json.loads(archive.read("readers.json"))] == ["刘永康"]
    for part in list_parts():
        rows = list(csv.reader(io.StringIO(archive.read(f"{part.name}.csv").decode("utf-8-sig"))))
        assert not set(rows[0]) & set(part.columns), "a column has a heading in words"
        assert len(rows) - 1 == len(json.loads(archive.read(f"{part.name}.json"))), part.name
    assert str(len(json.loads(archive.read("sign_ins.json")))) in archive.read("index.html").decode()
    assert AuditLine.select().where(AuditLine.action == "person.data_exported").count() == 1


@pytest.mark.parametrize("nickname", ["learner", "department", "system_admin", "neighbour"])
def test_ones_own_data_name_nobody_of_another_unit(cast: Cast, client_for: SignIn, nickname: str) -> None:
    archive = _own_data(client_for(nickname))
    text = "".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())
    others = {person.name for key, person in cast.people.items() if key != nickname}
    assert cast.people[nickname].name in text
    assert not [name for name in others if name in text]


def test_a_long_history_is_sent_in_pieces(cast: Cast, app: Flask, now: datetime) -> None:
    learner = cast.learner
    reader = cast.department.person_id
    rows = [
        {"at": now, "reader": reader, "page": "org.show_person", "person": learner.person_id, "unit": learner.unit_id}
    ]
    for _turn in range(20):
        Reading.insert_many(rows * 400).execute()
    with app.test_request_context(), clock.told_by(lambda: now):
        pieces = list(actions.export_own_data(learner, now=now))
    assert max(map(len, pieces)) < 200_000
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert len(json.loads(archive.read("readers.json"))) == 8000
    assert Person.select().count() < 50
