"""Where two people are needed to publish: an upload is put up by one, and becomes a lesson when another approves it."""

from __future__ import annotations

from datetime import datetime

import peewee

from learnhub.catalog.actions.from_media import (
    MediaChange,
    hold_course,
    plan_addition,
    plan_replacement,
    write_change,
)
from learnhub.catalog.actions.reviewing import LONGEST_COMMENT
from learnhub.catalog.models import Course, LessonVersion, MediaProposal
from learnhub.catalog.queries.proposals import get_proposal
from learnhub.catalog.rules import ProposalState
from learnhub.config import Settings
from learnhub.kernel.db import locked, transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, Refusal
from learnhub.kernel.text import clean
from learnhub.org import audit
from learnhub.org.scope import Actor, load_actor, require

_OBSTACLES = {
    "media.not_found": "catalog.proposed_file_gone",
    "catalog.lesson_not_found": "catalog.proposed_lesson_gone",
    "catalog.not_published": "catalog.proposed_course_gone",
}


def put_up_addition(actor: Actor, course_id: int, asset_id: int, title: str, *, now: datetime) -> MediaProposal:
    """Puts a new lesson of a medium up for approval. Raises what ``add_media_lesson`` raises, Conflict
    ``catalog.put_up_already`` when the same file is waiting for the same course."""
    with transaction():
        hold_course(course_id)
        return _put_up(actor, plan_addition(actor, course_id, asset_id, title, now=now), now)


def put_up_replacement(actor: Actor, lesson_id: int, asset_id: int, *, now: datetime) -> MediaProposal:
    """Puts other media for a lesson up for approval, in place of what waits for it. Raises what ``replace_media``
    raises, Conflict ``catalog.put_up_already``."""
    with transaction():
        change = plan_replacement(actor, lesson_id, asset_id, now=now)
        hold_course(change.course.id)
        return _put_up(actor, change, now)


def approve_proposal(actor: Actor, proposal_id: int, *, settings: Settings, now: datetime) -> LessonVersion:
    """Publishes what somebody else put up. Needs ``catalog.review`` over the course's unit.

    Raises NotFound, Conflict ``catalog.own_proposal``, ``catalog.proposal_ended`` and the codes of :func:`obstacle_to`.
    """
    with transaction():
        proposal = _open(actor, proposal_id)
        if proposal.person_id == actor.person_id:
            raise Conflict("catalog.own_proposal")
        change = _change_of(proposal, now)
        made = write_change(actor, change, settings=settings, now=now, put_up_by=proposal.person.name)
        _end(actor, proposal, ProposalState.APPROVED, "", now)
    return made


def refuse_proposal(actor: Actor, proposal_id: int, comment: str, *, now: datetime) -> None:
    """Says no to what was put up and why; nothing of the course changes. Raises NotFound, Conflict
    ``catalog.proposal_ended``, Invalid ``catalog.say_what``."""
    text = clean(comment)[:LONGEST_COMMENT]
    with transaction():
        proposal = _open(actor, proposal_id)
        if not text:
            raise Invalid("catalog.say_what", fields={"comment": "catalog.say_what"})
        _end(actor, proposal, ProposalState.REFUSED, text, now)


def take_back_proposal(actor: Actor, proposal_id: int, *, now: datetime) -> MediaProposal:
    """Ends what was put up before anybody has decided: its author, or whoever publishes for the unit. Raises NotFound,
    Conflict ``catalog.proposal_ended``."""
    with transaction():
        proposal = _open(actor, proposal_id, "catalog.publish")
        _end(actor, proposal, ProposalState.TAKEN_BACK, "", now)
    return proposal


def obstacle_to(proposal: MediaProposal, *, now: datetime) -> str:
    """Why what was put up cannot be approved any more, as a code with words; empty when it can be."""
    try:
        _change_of(proposal, now)
    except Conflict as refused:
        return refused.code
    return ""


def _put_up(actor: Actor, change: MediaChange, now: datetime) -> MediaProposal:
    waiting = MediaProposal.select().where(
        (MediaProposal.course == change.course) & (MediaProposal.state == ProposalState.OPEN)
    )
    if change.lesson is not None:
        waiting = waiting.where(MediaProposal.lesson == change.lesson)
    else:
        waiting = waiting.where(MediaProposal.lesson.is_null() & (MediaProposal.asset == change.asset))
    for other in list(waiting):
        if other.asset_id == change.asset.id:
            raise Conflict("catalog.put_up_already")
        _end(actor, other, ProposalState.REPLACED, "", now)
    proposal: MediaProposal = MediaProposal.create(
        course=change.course, lesson=change.lesson, base=change.base, title=change.title, asset=change.asset,
        file_name=change.asset.file_name, sha256=change.asset.sha256, person=actor.person_id, put_up_at=now,
    )  # fmt: skip
    _record(actor, "catalog.media_put_up", proposal, now)
    return proposal


def _open(actor: Actor, proposal_id: int, ability: str = "catalog.review") -> MediaProposal:
    """The proposal, still open and locked until the end of the transaction, for whoever holds the power over it."""
    proposal = get_proposal(actor, proposal_id, ability)
    require(actor, ability, proposal.course.unit.path)
    hold_course(proposal.course_id)
    state = locked(MediaProposal.select(MediaProposal.state).where(MediaProposal.id == proposal_id)).scalar()
    if state != ProposalState.OPEN:
        raise Conflict("catalog.proposal_ended")
    return proposal


def _change_of(proposal: MediaProposal, now: datetime) -> MediaChange:
    """What is to be published, checked anew with the powers that its author has now. Raises Conflict."""
    try:
        author = load_actor(proposal.person_id, now)
        if proposal.lesson_id is None:
            return plan_addition(author, proposal.course_id, proposal.asset_id, proposal.title, now=now)
        change = plan_replacement(author, proposal.lesson_id, proposal.asset_id, now=now)
    except (peewee.DoesNotExist, Forbidden) as gone:
        raise Conflict("catalog.proposer_left") from gone
    except Refusal as refused:
        raise Conflict(_OBSTACLES.get(refused.code, "catalog.proposer_left")) from refused
    if change.base is None or change.base.id != proposal.base_id:
        raise Conflict("catalog.proposed_lesson_changed")
    return change


def _end(actor: Actor, proposal: MediaProposal, state: ProposalState, comment: str, now: datetime) -> None:
    MediaProposal.update(
        state=state, asset=None, ended_by=actor.person_id, ended_at=now, comment=comment
    ).where(MediaProposal.id == proposal.id).execute()  # fmt: skip
    action = {
        ProposalState.APPROVED: "catalog.media_approved",
        ProposalState.REFUSED: "catalog.media_refused",
        ProposalState.TAKEN_BACK: "catalog.media_taken_back",
        ProposalState.REPLACED: "catalog.media_replaced",
    }[state]
    _record(actor, action, proposal, now, comment)


def _record(actor: Actor, action: str, proposal: MediaProposal, now: datetime, reason: str = "") -> None:
    told = {
        "lesson": proposal.title,
        "file": proposal.file_name,
        "sha256": proposal.sha256,
        "course": proposal.course_id,
    }
    unit_id = Course.select(Course.unit).where(Course.id == proposal.course_id).scalar()
    audit.record(actor, action, "proposal", proposal.id, unit_id=unit_id, now=now, reason=reason, **told)
