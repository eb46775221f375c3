"""The demo's claims, objections, questions and proofs: played through the real actions in one county of the real tree."""

from __future__ import annotations

import dataclasses
import io
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from pypdf import PdfReader

from learnhub.app import create_app
from learnhub.catalog.actions.publishing import publish_folder
from learnhub.config import Settings
from learnhub.demo import history, people, station_history, year_history
from learnhub.demo.load import DATA, SEED
from learnhub.kernel.clock import local_year
from learnhub.org.actions.imports import import_stations, import_units
from learnhub.org.models import Account
from learnhub.org.ranks import load_ranks
from learnhub.proofs import queries as proofs
from learnhub.proofs.models import Proof
from learnhub.study import ledger
from learnhub.study.models import LedgerEntry
from learnhub.years.actions.claims import document_path
from learnhub.years.models import Anomaly, HoursClaim, Objection

COURSES = Path(__file__).parents[2] / "courses"
COUNTY = "530402"


@pytest.fixture
def played(db: str, settings: Settings, now: datetime) -> Iterator[Settings]:
    """One county with a hundred cadres, two courses of texts, and its half year played."""
    given = dataclasses.replace(settings, database_url=db)
    began = now - timedelta(days=history.DAYS + 5)
    with create_app(given).app_context():
        load_ranks()
        for name, take in (("yuxi-divisions.csv", import_units), ("yuxi-stations-1409.csv", import_stations)):
            take(None, _county_of(DATA / name), file_name=name, now=began)
        given.courses_dir.mkdir()
        shutil.copy(COURSES / "categories.toml", given.courses_dir)
        for code in ("party-education", "law-plant-animal"):
            shutil.copytree(COURSES / code, given.courses_dir / code)
            publish_folder(None, given.courses_dir / code, now=began, settings=given)
        people.add_cadres(110, seed=SEED, now=began, tell=lambda _done, _total: None)
        people.add_cast(now=began)
        people.open_all_accounts(now=began)
        drawn = history.Drawn(given, Random(SEED), now)
        hosts = station_history.choose_hosts(drawn)
        people.add_villagers(hosts[1].unit_id, 12, drawn.random, now=began)
        station_history.draw_sessions(drawn, hosts[1:])
        year_history.draw_years(drawn)
        assert history.play(drawn, lambda _done, _total: None) == (len(drawn.happenings), 0)
        yield given


def _county_of(path: Path) -> bytes:
    lines = path.read_text("utf-8").splitlines()
    place = lines[0].split(",").index("code")
    kept = [line for line in lines[1:] if line.split(",")[place] == "5304" or line.split(",")[place].startswith(COUNTY)]
    return "\n".join([lines[0], *kept]).encode()


def _learner() -> int:
    return int(Account.select(Account.person).where(Account.username == people.CAST[0].username).scalar())


def test_the_years_of_the_demo_have_something_on_every_page(played: Settings, now: datetime) -> None:
    _claims_have_their_papers(played)
    _objections_and_questions_are_open_and_decided()
    _proofs_hold_and_one_is_revoked(played, local_year(now) - 1)
    assert list(ledger.list_faults(None)) == [] and list(ledger.list_miscounts(None)) == []


def _claims_have_their_papers(settings: Settings) -> None:
    claims = list(HoursClaim.select())
    assert Counter(claim.state for claim in claims) == {"accepted": 4, "waiting": 3, "refused": 1, "withdrawn": 1}
    assert {claim.state for claim in claims if claim.person_id == _learner()} == {"accepted", "waiting"}
    for claim in claims:
        paper = PdfReader(io.BytesIO(document_path(settings.data_dir, claim.document).read_bytes()))
        text = "".join(page.extract_text() for page in paper.pages)
        assert claim.person.name in text.replace("\n", "") and len(paper.pages) == 1
        assert claim.filed_at.date() >= claim.last_day and (claim.state != "refused" or claim.reason)


def _objections_and_questions_are_open_and_decided() -> None:
    objections = Counter(one.outcome for one in Objection.select())
    assert objections == {"kept": 2, "reversed": 1, "open": 2}
    taken_back = [one.evidence for one in LedgerEntry.select().where(LedgerEntry.centihours < 0)]
    assert [one["objection"] for one in taken_back if "objection" in one] == [
        one.id for one in Objection.select().where(Objection.outcome == "reversed")
    ]
    asked = list(Anomaly.select())
    assert {one.kind for one in asked} == {"device", "clock", "roll"}
    assert {one.outcome for one in asked} == {"open", "harmless", "confirmed"}
    assert all(one.reply and one.reason for one in asked if one.outcome != "open")
    assert any(one.reply for one in asked if one.outcome == "open")
    assert any(not one.reply for one in asked if one.outcome == "open")


def _proofs_hold_and_one_is_revoked(settings: Settings, last_year: int) -> None:
    made = list(Proof.select())
    assert [proofs.statement_of(one, settings.data_dir).serial for one in made] == [one.serial for one in made]
    mine = {(one.kind, one.year) for one in made if one.person_id == _learner()}
    assert mine == {("year", last_year), ("course", last_year + 1)}
    assert sum(one.revoked_at is not None for one in made) == 1
    assert any(one.shows for one in made)
