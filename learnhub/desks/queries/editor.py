"""What an editor looks after."""

from __future__ import annotations

from dataclasses import dataclass

from learnhub.catalog import queries as catalog
from learnhub.catalog.rules import State
from learnhub.config import Settings
from learnhub.org.scope import Actor
from learnhub.search import queries as search
from learnhub.search.models import SearchMiss

MISSES = 5


@dataclass(frozen=True)
class EditorDesk:
    """Numbers of courses, of folders that no course was made from yet, and the commonest searches in vain."""

    published: int
    withdrawn: int
    drafts: int
    misses: list[SearchMiss]


def editor_desk(actor: Actor, *, settings: Settings) -> EditorDesk:
    """The courses in the actor's care. Four queries."""
    counts = catalog.count_by_state(actor)
    folders = catalog.list_folders(actor, settings.courses_dir)
    return EditorDesk(
        published=counts.get(State.PUBLISHED, 0),
        withdrawn=counts.get(State.WITHDRAWN, 0),
        drafts=counts.get(State.DRAFT, 0) + sum(1 for folder in folders if folder.course_id is None),
        misses=search.list_misses(MISSES),
    )
