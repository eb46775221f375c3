"""Reads on proofs: the holder's, those of people in a scope, and what everybody may know."""

from __future__ import annotations

from pathlib import Path

from learnhub.catalog.models import Course
from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.kernel.keys import public_keys
from learnhub.org.models import Person, Unit
from learnhub.org.scope import Actor, in_scope
from learnhub.proofs.models import Proof
from learnhub.proofs.rules import Statement, decode
from learnhub.study.models import Completion


def statement_of(proof: Proof, folder: Path) -> Statement:
    """What a stored proof states; checked like anybody's. Raises Invalid when the row was tampered with."""
    return decode(proof.token, public_keys(folder))


def list_own(person_id: int) -> list[Proof]:
    """A person's proofs, the newest first."""
    return list(Proof.select().where(Proof.person == person_id).order_by(Proof.id.desc()))


def own_proof(actor: Actor, proof_id: int) -> Proof:
    """One of one's own proofs. Raises NotFound."""
    return _found(Proof.get_or_none((Proof.id == proof_id) & (Proof.person == actor.person_id)))


def proof_in_scope(actor: Actor, proof_id: int) -> Proof:
    """A proof of somebody over whom the actor decides about hours. Raises NotFound."""
    query = Proof.select(Proof, Person).join(Person, on=Proof.person).join(Unit, on=Person.unit)
    return _found(query.where((Proof.id == proof_id) & in_scope(actor, "hours.decide")).first())


def proof_by_serial(serial: str) -> Proof:
    """The proof with a serial, whoever asks. Raises NotFound."""
    return _found(Proof.get_or_none(Proof.serial == serial))


def _found(proof: Proof | None) -> Proof:
    if proof is None:
        raise NotFound("proofs.no_proof")
    return proof


def completed_courses(person_id: int) -> list[Course]:
    """The courses that a person has completed, the last first."""
    rows = Completion.select(Completion, Course).join(Course).where(Completion.person == person_id)
    return [row.course for row in rows.order_by(Completion.completed_at.desc())]


def list_revoked() -> list[tuple[str, str]]:
    """Serial and day of every revoked proof."""
    rows = Proof.select(Proof.serial, Proof.revoked_at).where(Proof.revoked_at.is_null(False)).order_by(Proof.serial)
    return [(row.serial, clock.local_date(row.revoked_at).isoformat()) for row in rows]
