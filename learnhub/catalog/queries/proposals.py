"""What was put up for approval: for those who decide, and for those who put it up."""

from __future__ import annotations

import peewee

from learnhub.catalog.models import Course, LessonVersion, MediaProposal
from learnhub.catalog.rules import ProposalState
from learnhub.kernel.errors import NotFound
from learnhub.media.models import Asset
from learnhub.org.models import Person, Unit
from learnhub.org.scope import Actor, in_scope

MOST_SHOWN = 200
Ender = Person.alias()


def get_proposal(actor: Actor, proposal_id: int, ability: str) -> MediaProposal:
    """A proposal in any state with course, unit, file, author and who ended it, for whoever holds ``ability`` over the
    course's unit. One query. Raises NotFound ``catalog.proposal_not_found``."""
    found: MediaProposal | None = _selected((MediaProposal.id == proposal_id) & in_scope(actor, ability)).first()
    if found is None:
        raise NotFound("catalog.proposal_not_found")
    return found


def list_open_proposals(actor: Actor, ability: str) -> list[MediaProposal]:
    """What waits for approval in the actor's care, the oldest first. One query."""
    waiting = (MediaProposal.state == ProposalState.OPEN) & in_scope(actor, ability)
    return list(_selected(waiting).order_by(MediaProposal.id).limit(MOST_SHOWN))


def list_proposals_of(course_id: int, limit: int = 20) -> list[MediaProposal]:
    """What was put up for a course and what became of it, the latest first; for those who may see the course. One query."""
    return list(_selected(MediaProposal.course == course_id).order_by(MediaProposal.id.desc()).limit(limit))


def shown_now(proposal: MediaProposal) -> Asset | None:
    """What the lesson showed when other media for it were put up; None for a new lesson. One query."""
    if proposal.base_id is None:
        return None
    return Asset.select().join(LessonVersion).where(LessonVersion.id == proposal.base_id).first()  # type: ignore[no-any-return]


def _selected(condition: peewee.Expression) -> peewee.ModelSelect:
    return (
        MediaProposal.select(MediaProposal, Course, Unit, Person, Asset, Ender)
        .join_from(MediaProposal, Course)
        .join_from(Course, Unit)
        .join_from(MediaProposal, Person, on=MediaProposal.person == Person.id)
        .join_from(MediaProposal, Asset, peewee.JOIN.LEFT_OUTER)
        .join_from(
            MediaProposal, Ender, peewee.JOIN.LEFT_OUTER, on=(MediaProposal.ended_by == Ender.id), attr="ended_by"
        )
        .where(condition)
    )
