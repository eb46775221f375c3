"""A second person looks at a course folder before it is published: approves it as it is, or says what is to be changed."""

from __future__ import annotations

from datetime import datetime

from learnhub.catalog.course_folder import CourseFolder
from learnhub.catalog.models import FolderReview
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Conflict, Invalid, NotFound
from learnhub.kernel.text import clean
from learnhub.org import audit
from learnhub.org.models import Unit
from learnhub.org.scope import Actor, require

LONGEST_COMMENT = 1000


def review_folder(
    actor: Actor, folder: CourseFolder, *, digest: str, is_approval: bool, comment: str, now: datetime
) -> FolderReview:
    """Writes down what a reviewer says of a checked folder; counts for exactly this content (``digest``).

    Needs catalog.review over the folder's unit. Raises Conflict ``catalog.folder_changed`` when the folder is no longer
    what the reviewer saw, Invalid for changes asked for without saying which.
    """
    unit = Unit.get_or_none((Unit.code == folder.unit) & ~Unit.is_retired)
    if unit is None:
        raise NotFound("catalog.folder_unknown", folder=folder.name)
    require(actor, "catalog.review", unit.path)
    if digest != folder.digest:
        raise Conflict("catalog.folder_changed")
    text = clean(comment)[:LONGEST_COMMENT]
    if not is_approval and not text:
        raise Invalid("catalog.say_what", fields={"comment": "catalog.say_what"})
    with transaction():
        review = FolderReview.create(
            folder=folder.code, digest=digest, unit=unit, reviewer=actor.person_id,
            is_approval=is_approval, comment=text, at=now,
        )  # fmt: skip
        act = "catalog.approve_folder" if is_approval else "catalog.ask_for_changes"
        audit.record(actor, act, "folder", folder.code, unit_id=unit.id, now=now, digest=digest, reason=text)
    return review


def require_approval(actor: Actor | None, folder: CourseFolder) -> None:
    """Refuses with Conflict ``catalog.not_approved`` unless somebody else approved exactly this content last.

    The command line (``actor`` None) needs no second person: whoever may use it can do everything.
    """
    if actor is None:
        return
    same = (FolderReview.folder == folder.code) & (FolderReview.digest == folder.digest)
    last = FolderReview.select().where(same).order_by(FolderReview.id.desc()).first()
    if last is None or not last.is_approval or last.reviewer_id == actor.person_id:
        raise Conflict("catalog.not_approved")
