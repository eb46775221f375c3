"""My year, claims, objections, questions, rules: through the pages, by those who may."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from learnhub.kernel import clock, jobs
from learnhub.org.models import AuditLine, Reading, RoleGrant
from learnhub.study import actions as study
from learnhub.study import hours, ledger, queries
from learnhub.study.models import LedgerEntry, RuleChoice, Viewing
from learnhub.years.actions import reviewing, upkeep
from learnhub.years.models import Anomaly, DryRun, DryRunLine, HoursClaim, Objection
from tests.cast import Cast
from tests.client import CheckingClient
from tests.study.conftest import Library

SignIn = Callable[[str], CheckingClient]
PDF = b"%PDF-1.7 a certificate"


def claim_form(document: bytes = PDF, **change: str) -> dict[str, object]:
    """A claim of two days of class, filled in."""
    year = clock.local_year(clock.now())
    values = {
        "kind": "class", "title": "乡村振兴专题班", "organiser": "市委党校", "first_day": f"{year}-01-05",
        "last_day": f"{year}-01-06", "hours": "20", "is_required": "1", **change,
    }  # fmt: skip
    return {**values, "document": (io.BytesIO(document), "结业证.pdf")}


def file_claim(client: CheckingClient, **change: object) -> int:
    """Files a claim; the status of the answer."""
    client.get("/my-year/claims/new")
    form = claim_form(**change)  # type: ignore[arg-type]
    return client.send("/my-year/claims/new", form, content_type="multipart/form-data").status_code


def test_claims_and_rules_that_are_refused_are_counted_by_reason(client_for: SignIn) -> None:
    learner, admin = client_for("learner"), client_for("system_admin")
    other_year = f"{clock.local_year(clock.now()) - 1}-03-01"
    for _time in range(2):
        assert file_claim(learner, first_day=other_year, last_day=other_year) == 422
    admin.get("/hours-rules/text")
    assert admin.send("/hours-rules/text", {"text": "[lesson]\nshare = 7"}).status_code == 422
    page = admin.get("/system").text
    assert "学时申报：日期不在该年度" in page and "学时规则文件有错" in page
    counted = {code: today for code, today, _week in queries.list_refused_reports(clock.local_date(clock.now()))}
    assert counted == {"years.claim_other_year": 2, "years.rule_faulty": 1}


def test_a_claim_goes_from_the_person_to_the_department_and_into_the_year(client_for: SignIn, cast: Cast) -> None:
    learner, department = client_for("learner"), client_for("department")
    assert file_claim(learner) == 302
    claim = HoursClaim.get()
    assert "乡村振兴专题班" in department.get("/claims").text
    assert client_for("neighbour").get(f"/claims/{claim.id}").status_code == 404
    assert client_for("colleague").get(f"/claims/{claim.id}/document").status_code == 404
    assert department.get(f"/claims/{claim.id}/document").data == PDF
    department.get(f"/claims/{claim.id}")
    assert department.send(f"/claims/{claim.id}", {"decision": "refuse", "reason": ""}).status_code == 422
    assert department.send(f"/claims/{claim.id}", {"decision": "accept"}).status_code == 302
    entry = LedgerEntry.get()
    assert (entry.source, entry.centihours, entry.is_required) == ("class", 1_500, True)  # two days of 7.5 hours
    assert entry.evidence["claimed"] == 2_000
    page = learner.get("/my-year").text
    assert "已认定" in page and "刘永康" in page
    assert "市委党校" in learner.get(f"/my-year/entries/{entry.id}").text
    assert department.send(f"/claims/{claim.id}", {"decision": "accept"}).status_code == 409
    assert AuditLine.select().where(AuditLine.action.in_(["hours.claimed", "hours.claim_accepted"])).count() == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first_day": "2020-03-01", "last_day": "2020-03-02"}, "不在申报的年度内"),
        ({"last_day": f"{clock.local_year(clock.now())}-12-31"}, "还没有到"),
        ({"first_day": ""}, "请填日期"),
        ({"hours": "-3"}, "学时数"),
        ({"hours": "nan"}, "学时数"),
        ({"kind": "carried"}, "不承认"),
        ({"document": b"MZ a program"}, "PDF、JPG"),
    ],
)
def test_a_bad_claim_is_refused_with_the_reason_at_its_field(
    client_for: SignIn, change: dict[str, object], words: str, now: object
) -> None:
    learner = client_for("learner")
    learner.get("/my-year/claims/new")
    with clock.told_by(lambda: now):  # type: ignore[arg-type,return-value]
        form = claim_form(**{"first_day": "2026-01-05", "last_day": "2026-01-06", **change})  # type: ignore[arg-type]
        answer = learner.send("/my-year/claims/new?year=2026", form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert words in answer.text
    assert not HoursClaim.select().exists()


def test_an_objection_is_answered_and_both_stay(client_for: SignIn, cast: Cast, library: Library, app: Flask) -> None:
    person, now = cast.people["learner"].id, clock.now()
    settings = app.extensions["learnhub_settings"]
    entry = study.credit_group_viewing(person, library.video.id, 7, held_at=now, now=now, settings=settings)
    assert entry is not None
    learner, department = client_for("learner"), client_for("department")
    learner.get(f"/my-year/entries/{entry.id}")
    assert learner.send(f"/my-year/entries/{entry.id}/objections", {"text": "我那天没有参加"}).status_code == 302
    assert learner.send(f"/my-year/entries/{entry.id}/objections", {"text": "再说一次"}).status_code == 409
    objection = Objection.get()
    assert client_for("neighbour").get(f"/objections/{objection.id}").status_code == 404
    assert "我那天没有参加" in department.get(f"/objections/{objection.id}").text
    assert department.get(f"/people/{person}/year/{entry.id}").status_code == 200
    answer = {"answer": "核实后冲回", "outcome": "reverse"}
    assert department.send(f"/objections/{objection.id}", answer).status_code == 302
    assert sum(one.centihours for one in LedgerEntry.select()) == 0
    assert "核实后冲回" in learner.get(f"/my-year/entries/{entry.id}").text
    assert "核实后冲回" in learner.get("/my-year").text
    assert list(ledger.list_miscounts()) == []


def test_the_year_of_somebody_is_for_those_who_hold_them(client_for: SignIn, cast: Cast, library: Library) -> None:
    person = cast.people["learner"].id
    assert "杨建国" in client_for("department").get(f"/people/{person}/year").text
    assert [(row.page, row.person_id) for row in Reading.select()] == [("years.person_year", person)]
    assert client_for("colleague").get(f"/people/{person}/year").status_code == 403
    assert client_for("neighbour").get(f"/people/{person}/year").status_code == 404


def test_the_shortest_way_names_lessons(client_for: SignIn, library: Library) -> None:
    page = client_for("learner").get("/my-year").text
    assert 'id="way"' in page
    assert f"/lessons/{library.test.id}" in page


def test_an_impossible_pattern_is_a_question_that_the_person_answers_and_somebody_decides(
    client_for: SignIn, cast: Cast, library: Library
) -> None:
    person, now = cast.people["learner"], clock.now()
    RoleGrant.create(person=cast.people["department"], role="reviewer", unit=cast.county, starts_at=cast.now)
    Viewing.create(
        id="ahead", person=person, version=library.video.versions.get(), opened_at=now, reported_at=now, seen=[],
        refused_ms=3_600_000, filled_ms=0,
    )  # fmt: skip
    for _twice in range(2):
        reviewing.look_for_anomalies(now - timedelta(days=1), now=now)
    found = Anomaly.get()
    assert (found.kind, found.outcome, Anomaly.select().count()) == ("clock", "open", 1)
    learner, reviewer = client_for("learner"), client_for("department")
    assert f"/my-year/questions/{found.id}" in learner.get("/my-year").text
    learner.get(f"/my-year/questions/{found.id}")
    assert learner.send(f"/my-year/questions/{found.id}", {"text": "电脑时钟坏了"}).status_code == 302
    assert "电脑时钟坏了" in reviewer.get("/review").text
    reviewer.get(f"/review/{found.id}")
    assert reviewer.send(f"/review/{found.id}", {"outcome": "harmless", "reason": ""}).status_code == 422
    assert reviewer.send(f"/review/{found.id}", {"outcome": "harmless", "reason": "已修好"}).status_code == 302
    page = learner.get("/my-year").text
    assert "已修好" in page and "刘永康" in page
    assert not LedgerEntry.select().exists()
    assert client_for("neighbour").get(f"/review/{found.id}").status_code in (403, 404)


def test_a_rule_is_entered_tried_out_and_put_into_force(
    client_for: SignIn, cast: Cast, library: Library, app: Flask
) -> None:
    settings, now = app.extensions["learnhub_settings"], clock.now()
    year, person = clock.local_year(now), cast.people["learner"].id
    study.credit_group_viewing(person, library.video.id, 7, held_at=now, now=now, settings=settings)
    admin = client_for("unit_admin")
    assert "海口类型" in admin.get("/hours-rules").text
    admin.get("/hours-rules/text?code=haikou-type")
    bad = hours.shipped_texts()["haikou-type"].replace("hours = 72", "hours = -72")
    answer = admin.send("/hours-rules/text", {"text": bad})
    assert answer.status_code == 422
    assert f"第 {bad.split('hours = -72')[0].count(chr(10)) + 1} 行" in answer.text
    good = (
        hours.shipped_texts()["haikou-type"]
        .replace('"haikou-type"', '"hongta"')
        .replace("hours = 72", "hours = 0.2")
        .replace("hours = 42", "hours = 0.1")
    )
    page = admin.send("/hours-rules/text", {"text": good}, follow_redirects=True)
    path = page.request.path
    assert admin.send(f"{path}/trial", {"unit": str(cast.county.id), "year": str(year)}).status_code == 302
    run, line = DryRun.get(), DryRunLine.get(DryRunLine.person == person)
    assert (line.had, line.would_have, line.was_reached, line.would_reach) == (25, 20, False, True)
    assert run.summary["gain"] == 1
    assert "杨建国" in admin.get(f"/hours-rules/trials/{run.id}").text
    assert admin.get(f"/hours-rules/trials/{run.id}/state").json["state"] == "done"
    form = {"unit": str(cast.county.id), "year": str(year - 1), "reason": "县里的规定"}
    assert admin.send(f"{path}/choose", form).status_code == 422
    assert admin.send(f"{path}/choose", {**form, "year": str(year)}).status_code == 302
    jobs.run_all()
    assert RuleChoice.get().reason == "县里的规定"
    assert hours.rule_for(cast.village.path, year, settings).code == "hongta"
    assert hours.rule_for(cast.other_village.path, year, settings).code == "yunnan-online"
    assert hours.rule_for(cast.village.path, year - 1, settings).code == "yunnan-online"
    assert "每年不少于 72 学时" in client_for("learner").get("/my-year").text
    assert client_for("neighbour").send(f"{path}/choose", {**form, "year": str(year)}).status_code in (400, 404)


def test_cards_show_the_hours_by_the_rule_of_the_viewers_own_unit(
    client_for: SignIn, cast: Cast, library: Library
) -> None:
    learner, neighbour = client_for("learner"), client_for("neighbour")
    assert "1.25 学时" in learner.get("/courses").text
    version = hours.keep_version(hours.shipped_texts()["shanxi-type"], entered_by=None, now=cast.now)
    year = clock.local_year(clock.now())
    RuleChoice.create(unit=cast.county, year=year, version=version, chosen_at=cast.now)
    for path in ("/courses", "/"):
        assert "0.25 学时" in learner.get(path).text
        assert "1.25 学时" not in learner.get(path).text
    assert "0.25 学时" in neighbour.get("/courses").text  # an elective of ten minutes, by the setting's rule
    RuleChoice.create(unit=None, year=year, version=version, chosen_at=cast.now)
    assert "0.11 学时" in neighbour.get("/courses").text  # by minutes, and an elective counts half


def test_a_surplus_is_carried_over_once_and_follows_a_correction(
    cast: Cast, library: Library, settings: object
) -> None:
    person, now = cast.people["learner"].id, cast.now
    version = hours.keep_version(hours.shipped_texts()["nanjing-type"], entered_by=None, now=now)
    RuleChoice.create(unit=None, year=2026, version=version, chosen_at=now)
    stamp = hours.rule_of_version(version).stamp

    def give(number: int, centihours: int) -> LedgerEntry:
        proof = {"claim": number, "first_day": "2026-03-01", "last_day": "2026-03-30", "claimed": centihours}
        credit = ledger.Credit(
            person, "teaching", True, centihours, None, None, stamp, proof, now, f"claim:{number}:{person}"
        )
        entry = ledger.append(credit, now=now)
        assert entry is not None
        return entry

    give(1, 8_400)
    extra = give(2, 900)
    later = now + timedelta(days=300)
    assert upkeep.carry_over(2026, settings, now=later) == 1  # type: ignore[arg-type]
    assert upkeep.carry_over(2026, settings, now=later) == 0  # type: ignore[arg-type]
    carried = LedgerEntry.get(LedgerEntry.year == 2027)
    assert (carried.source, carried.centihours, carried.is_required) == ("carried", 900, False)
    ledger.reverse(extra, {"reason": "更正"}, now=later)
    assert upkeep.carry_over(2026, settings, now=later) == 1  # type: ignore[arg-type]
    assert sum(one.centihours for one in LedgerEntry.select().where(LedgerEntry.year == 2027)) == 0
    assert list(ledger.list_faults()) == [] and list(ledger.list_miscounts()) == []
