"""Claims of hours earned elsewhere: filed by the person, decided by a department."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time
from pathlib import Path

from learnhub.config import Settings
from learnhub.kernel import clock, files
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from learnhub.org import audit
from learnhub.org.models import Person
from learnhub.org.queries import person_for
from learnhub.org.scope import Actor
from learnhub.study import hours, ledger
from learnhub.study.rules.hours import claim_centihours
from learnhub.years.models import HoursClaim
from learnhub.years.rules.claims import LARGEST_DOCUMENT, ClaimValues, faults_of, kind_of_document

DECIDE = "hours.decide"


def document_path(folder: Path, digest: str) -> Path:
    """Where the document with this SHA-256 is kept below the data folder."""
    return folder / "claim-documents" / digest[:2] / digest


def file_claim(
    actor: Actor, values: ClaimValues, document: bytes, name: str, *, now: datetime, settings: Settings
) -> HoursClaim:
    """Files a claim for oneself. Raises Invalid ``years.claim_bad`` with the fields that are wrong.

    The days must lie in the year of the claim; that year is the present one or the one before.
    """
    rule = hours.rule_for(actor.unit_path, values.year, settings)
    wrong = faults_of(values, rule, clock.local_date(now))
    kind = kind_of_document(document[:16])
    if not kind or len(document) > LARGEST_DOCUMENT:
        wrong["document"] = "years.claim_document"
    if wrong:
        raise Invalid("years.claim_bad", fields=wrong)
    digest = hashlib.sha256(document).hexdigest()
    files.write_whole(document_path(settings.data_dir, digest), document)
    with transaction():
        same = (HoursClaim.person == actor.person_id) & (HoursClaim.document == digest)
        if HoursClaim.select().where(same & HoursClaim.state.in_(["waiting", "accepted"])).exists():
            raise Conflict("years.claim_twice", fields={"document": "years.claim_twice"})
        claim: HoursClaim = HoursClaim.create(
            person=actor.person_id, year=values.year, kind=values.kind, title=values.title,
            organiser=values.organiser, first_day=values.first_day, last_day=values.last_day,
            centihours=values.centihours, is_required=values.is_required, document=digest, document_name=name[:200],
            document_kind=kind, filed_at=now,
        )  # fmt: skip
        audit.record(
            *(actor, "hours.claimed", "claim", claim.id), unit_id=actor.unit_id, now=now, kind=values.kind,
            year=values.year, centihours=values.centihours,
        )  # fmt: skip
    return claim


def withdraw_claim(actor: Actor, claim_id: int, *, now: datetime) -> None:
    """Takes one's own claim back while nobody has decided about it."""
    with transaction():
        claim = _get(claim_id)
        if claim.person_id != actor.person_id:
            raise NotFound("years.no_claim")
        _require_waiting(claim)
        HoursClaim.update(state="withdrawn", decided_at=now).where(HoursClaim.id == claim.id).execute()
        audit.record(actor, "hours.claim_withdrawn", "claim", claim.id, unit_id=actor.unit_id, now=now)


def decide_claim(
    actor: Actor, claim_id: int, *, is_accepted: bool, reason: str, now: datetime, settings: Settings
) -> HoursClaim:
    """Accepts a claim (and writes its hours by the rule of that year) or refuses it; a refusal gives its reason.

    Needs ``hours.decide`` over the person, and nobody decides about themselves.
    """
    with transaction():
        claim = _get(claim_id)
        person = person_for(actor, claim.person_id, DECIDE)
        if person.id == actor.person_id:
            raise Forbidden("years.own_claim")
        _require_waiting(claim)
        if not is_accepted and len(reason) < 2:
            raise Invalid("years.reason_missing", fields={"reason": "years.reason_missing"})
        entry_id = _credit(claim, person, actor, now, settings) if is_accepted else None
        state, action = ("accepted", "hours.claim_accepted") if is_accepted else ("refused", "hours.claim_refused")
        HoursClaim.update(
            state=state, decided_by=actor.person_id, decided_at=now, reason=reason[:500], entry=entry_id
        ).where(HoursClaim.id == claim.id).execute()
        audit.record(actor, action, "claim", claim.id, unit_id=person.unit_id, now=now, reason=reason[:500])
    return HoursClaim.get_by_id(claim_id)  # type: ignore[no-any-return]


def _credit(claim: HoursClaim, person: Person, actor: Actor, now: datetime, settings: Settings) -> int:
    rule = hours.rule_for(person.unit.path, claim.year, settings)
    days = (claim.last_day - claim.first_day).days + 1
    given = claim_centihours(rule, claim.kind, claim.centihours, days, is_required=claim.is_required)
    if not given:
        raise Conflict("years.claim_gives_nothing")
    entry = ledger.append(
        ledger.Credit(
            person_id=person.id, source=claim.kind, is_required=claim.is_required, centihours=given, course_id=None,
            lesson_id=None, rule=rule.stamp, earned_at=_noon(claim.last_day), about=f"claim:{claim.id}:{person.id}",
            evidence={
                "claim": claim.id, "title": claim.title, "organiser": claim.organiser,
                "first_day": claim.first_day.isoformat(), "last_day": claim.last_day.isoformat(),
                "claimed": claim.centihours, "document": claim.document, "accepted_by": actor.person_id,
                "accepted_by_name": actor.name,
            },
        ),
        now=now,
    )  # fmt: skip
    if entry is None:
        raise Conflict("years.claim_decided")
    return int(entry.id)


def _noon(day: date) -> datetime:
    return clock.instant(day, time(12))


def _get(claim_id: int) -> HoursClaim:
    claim: HoursClaim | None = HoursClaim.get_or_none(HoursClaim.id == claim_id)
    if claim is None:
        raise NotFound("years.no_claim")
    return claim


def _require_waiting(claim: HoursClaim) -> None:
    """Two who decide at the same time: the second one finds it decided."""
    ledger.lock_person(claim.person_id)
    if HoursClaim.get_by_id(claim.id).state != "waiting":
        raise Conflict("years.claim_decided")
