"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from learnhub.design.i18n import _l
from learnhub.media.uploads.models import Upload
from learnhub.org.own_data import register_part, whole_part


def register() -> None:
    """Names the parts of this feature."""
    register_part(whole_part(Upload, _l("Files that you are sending")))
