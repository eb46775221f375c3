"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from learnhub.catalog.models import MediaProposal
from learnhub.design.i18n import _l
from learnhub.org.own_data import register_part, whole_part

_PROPOSAL = {
    "title": _l("Lesson"),
    "file_name": _l("File"),
    "sha256": _l("Checksum (SHA-256)"),
    "state": _l("State"),
    "comment": _l("Comment"),
    "put_up_at": _l("Put up"),
    "ended_at": _l("Decided at"),
}


def register() -> None:
    """Names the parts of this feature."""
    register_part(whole_part(MediaProposal, _l("Files that you put up for approval"), _PROPOSAL))
