"""Looking for what cannot well be; the person answers, a reviewer decides with name and reason. Nothing follows by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import peewee

from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.org import audit
from learnhub.org.models import Account, LoginSession, Person
from learnhub.org.queries import person_for
from learnhub.org.scope import Actor
from learnhub.sessions.models import Attendance, StationSession
from learnhub.study.models import Viewing
from learnhub.years.models import Anomaly
from learnhub.years.rules import anomalies
from learnhub.years.rules.anomalies import Find, Roll, Spell

REVIEW = "study.review"
OUTCOMES = ("harmless", "confirmed")
_ROLL_DAYS = 200


def look_for_anomalies(since: datetime, *, now: datetime) -> int:
    """Puts what was found since then into the reviewers' queue; what stands there already is not added again."""
    rolls = _rolls(now - timedelta(days=_ROLL_DAYS))
    found = [
        *anomalies.crowds(_spells(since)),
        *anomalies.perfect_rolls(rolls),
        *anomalies.ahead_of_the_clock(_ahead(since)),
    ]
    return _keep(found, now)


def _keep(found: Iterable[Find], now: datetime) -> int:
    finds = {one.key: one for one in found}
    added = 0
    with transaction():
        for batch in peewee.chunked(finds.values(), 200):
            known = {
                key for (key,) in Anomaly.select(Anomaly.key).where(Anomaly.key.in_([o.key for o in batch])).tuples()
            }
            new = [one for one in batch if one.key not in known]
            units = dict(
                Person.select(Person.id, Person.unit).where(Person.id.in_([one.person_id for one in new])).tuples()
            )
            for one in new:
                Anomaly.create(
                    key=one.key, kind=one.kind, person=one.person_id, unit=units[one.person_id], facts=one.facts,
                    happened_at=one.at, found_at=now,
                )  # fmt: skip
            added += len(new)
    return added


def _spells(since: datetime) -> list[Spell]:
    """Viewings since then, each with the browser and address from which its person was signed in."""
    rows = (
        Viewing.select(
            *(Viewing.person, LoginSession.address, LoginSession.browser),
            *(Viewing.opened_at, Viewing.reported_at, Viewing.id),
        )
        .join_from(Viewing, Account, on=Account.person == Viewing.person)
        .join_from(Account, LoginSession, on=LoginSession.account == Account.id)
        .where((Viewing.opened_at >= since) & (LoginSession.created_at <= Viewing.opened_at))
        .where(LoginSession.seen_at >= Viewing.opened_at)
        .tuples()
    )
    return [
        Spell(person, f"{address} · {browser}" if address else "", opened, reported, viewing)
        for person, address, browser, opened, reported, viewing in rows
    ]


def _rolls(since: datetime) -> list[Roll]:
    here = peewee.Case(None, [(Attendance.status == "present", 1)], 0)
    rows = (
        StationSession.select(
            *(StationSession.id, StationSession.station, StationSession.host, StationSession.ends_at),
            *(peewee.fn.COUNT(Attendance.id), peewee.fn.SUM(here)),
        )
        .join(Attendance, on=Attendance.session == StationSession.id)
        .where((StationSession.state == "closed") & (StationSession.ends_at >= since))
        .where(StationSession.host.is_null(False))
        .group_by(StationSession.id, StationSession.station, StationSession.host, StationSession.ends_at)
        .tuples()
    )
    return [Roll(*row[:5], int(row[5])) for row in rows]


def _ahead(since: datetime) -> list[tuple[str, int, datetime, int]]:
    rows = Viewing.select(Viewing.id, Viewing.person, Viewing.opened_at, Viewing.refused_ms)
    return list(rows.where((Viewing.opened_at >= since) & (Viewing.refused_ms >= anomalies.AHEAD_MS)).tuples())


def reply_to(actor: Actor, anomaly_id: int, text: str, *, now: datetime) -> None:
    """The person's own words on a question about them; may be changed until somebody has decided."""
    with transaction():
        mine = (Anomaly.id == anomaly_id) & (Anomaly.person == actor.person_id)
        if not Anomaly.select().where(mine).exists():
            raise NotFound("years.no_anomaly")
        if not 2 <= len(text) <= 1000:
            raise Invalid("years.answer_text", fields={"text": "years.answer_text"})
        changed = Anomaly.update(reply=text, replied_at=now).where(mine & (Anomaly.outcome == "open")).execute()
        if not changed:
            raise Conflict("years.anomaly_decided")
        audit.record(actor, "hours.question_answered", "question", anomaly_id, unit_id=actor.unit_id, now=now)


def decide(actor: Actor, anomaly_id: int, outcome: str, *, reason: str, now: datetime) -> None:
    """A reviewer's decision, with name and reason. No hours change by it: whoever wants that reverses an entry."""
    with transaction():
        found = Anomaly.get_or_none(Anomaly.id == anomaly_id)
        if found is None:
            raise NotFound("years.no_anomaly")
        person = person_for(actor, found.person_id, REVIEW)
        if person.id == actor.person_id:
            raise Forbidden("years.own_claim")
        if outcome not in OUTCOMES:
            raise Invalid("years.outcome", fields={"outcome": "years.outcome"})
        if not 2 <= len(reason) <= 1000:
            raise Invalid("years.reason_missing", fields={"reason": "years.reason_missing"})
        changed = (
            Anomaly.update(outcome=outcome, reason=reason, decided_by=actor.person_id, decided_at=now)
            .where((Anomaly.id == found.id) & (Anomaly.outcome == "open"))
            .execute()
        )
        if not changed:
            raise Conflict("years.anomaly_decided")
        audit.record(
            *(actor, "hours.question_decided", "question", found.id), unit_id=person.unit_id, now=now,
            outcome=outcome, reason=reason,
        )  # fmt: skip
