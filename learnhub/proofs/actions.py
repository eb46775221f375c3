"""Issuing proofs, letting others see them, and revoking them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import peewee

from learnhub.catalog.models import Course
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Invalid
from learnhub.kernel.keys import SigningKey, rotate, signing_key
from learnhub.org import audit
from learnhub.org.queries import get_person, person_for
from learnhub.org.scope import Actor
from learnhub.proofs import queries
from learnhub.proofs.models import Proof
from learnhub.proofs.rules import SERIAL_SIGNS, SHOWN, Statement, encode
from learnhub.study import heads
from learnhub.study import queries as study
from learnhub.study.models import Completion, LedgerEntry

DECIDE = "hours.decide"


def issue_year(actor: Actor, year: int, *, now: datetime, settings: Settings) -> Proof:
    """A proof of one's own year as it stands now. Raises Invalid ``proofs.no_hours`` for a year without hours.

    Asking again gives the same one as long as nothing has changed.
    """
    found = study.year_of(actor.person_id, year, settings=settings)
    if found.total_centihours <= 0:
        raise Invalid("proofs.no_hours", year=year)
    title = f"{year}年度学习"
    return _issue(actor, "year", year, None, title, found.total_centihours, found.rule.stamp, now, settings)


def issue_course(actor: Actor, course_id: int, *, now: datetime, settings: Settings) -> Proof:
    """A certificate of a course that one has completed. Raises Invalid ``proofs.not_completed``."""
    done = (
        Completion.select(Completion, Course)
        .join(Course)
        .where((Completion.person == actor.person_id) & (Completion.course == course_id))
        .first()
    )
    if done is None:
        raise Invalid("proofs.not_completed")
    mine = (LedgerEntry.person == actor.person_id) & (LedgerEntry.course == course_id)
    hours = LedgerEntry.select(peewee.fn.SUM(LedgerEntry.centihours)).where(mine).scalar() or 0
    rule = LedgerEntry.select(LedgerEntry.rule).where(mine).order_by(LedgerEntry.number.desc()).scalar() or ""
    year = clock.local_year(done.completed_at)
    return _issue(actor, "course", year, course_id, done.course.title, int(hours), rule, now, settings)


def _issue(
    actor: Actor, kind: str, year: int, course_id: int | None, title: str, centihours: int, rule: str,
    now: datetime, settings: Settings,
) -> Proof:  # fmt: skip
    same = (Proof.person == actor.person_id) & (Proof.kind == kind) & (Proof.year == year) & Proof.revoked_at.is_null()
    same &= (Proof.centihours == centihours) & (Proof.rule == rule)
    same &= Proof.course.is_null() if course_id is None else Proof.course == course_id
    with transaction():
        known: Proof | None = Proof.select().where(same).order_by(Proof.id.desc()).first()
        if known is not None:
            return known
        person, key = get_person(actor.person_id), signing_key(settings.data_dir)
        statement = Statement(
            _new_serial(now), person.name, person.unit.name, kind, title, centihours, year, rule,
            clock.local_date(now).isoformat(),
        )  # fmt: skip
        proof: Proof = Proof.create(
            serial=statement.serial, person=person.id, kind=kind, year=year, course=course_id, centihours=centihours,
            rule=rule, token=encode(statement, key.id, key.sign), issued_at=now, shows=[],
        )  # fmt: skip
        audit.record(
            *(actor, "proof.issued", "proof", proof.id), unit_id=person.unit_id, now=now, serial=proof.serial, kind=kind,
            year=year, centihours=centihours,
        )  # fmt: skip
    return proof


def _new_serial(now: datetime) -> str:
    """Two digits of the year and ten signs nobody can guess: 26-ABCDE-FGHJK."""
    signs = "".join(secrets.choice(SERIAL_SIGNS) for _ in range(10))
    return f"{clock.local_date(now):%y}-{signs[:5]}-{signs[5:]}"


def let_show(actor: Actor, proof_id: int, shows: Iterable[str], *, now: datetime) -> None:
    """The holder says what the public page may show; may be taken back at any time."""
    chosen = [name for name in SHOWN if name in set(shows)]
    with transaction():
        proof = queries.own_proof(actor, proof_id)
        Proof.update(shows=chosen).where(Proof.id == proof.id).execute()
        audit.record(
            *(actor, "proof.shown", "proof", proof.id), unit_id=actor.unit_id, now=now, before=proof.shows, after=chosen
        )


def revoke(actor: Actor, proof_id: int, *, reason: str, now: datetime) -> Proof:
    """Revokes a proof of somebody in scope, with a reason; it joins the list that anybody can read."""
    with transaction():
        proof = queries.proof_in_scope(actor, proof_id)
        person = person_for(actor, proof.person_id, DECIDE)
        if not 2 <= len(reason) <= 500:
            raise Invalid("proofs.reason_missing", fields={"reason": "proofs.reason_missing"})
        if proof.revoked_at is not None:
            raise Conflict("proofs.revoked_already")
        Proof.update(revoked_at=now, revoked_by=actor.person_id, revoke_reason=reason).where(
            Proof.id == proof.id
        ).execute()
        audit.record(
            *(actor, "proof.revoked", "proof", proof.id), unit_id=person.unit_id, now=now, serial=proof.serial,
            reason=reason,
        )  # fmt: skip
    return proof


def rotate_key(settings: Settings, *, now: datetime) -> SigningKey:
    """Lets a new key sign from now on; what the old one signed stays good. For the command line.

    The ends of the ledger are signed once more before, so that nothing older waits for the new key.
    """
    old = signing_key(settings.data_dir)
    heads.note_head(settings.data_dir / heads.FILE_NAME, old, now=now)
    made = rotate(settings.data_dir, clock.local_date(now))
    with transaction():
        audit.record(None, "key.rotated", "key", made.id, unit_id=None, now=now, before=old.id, after=made.id)
    return made
