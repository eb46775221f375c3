"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from learnhub.design.i18n import _l
from learnhub.media.models import CaptionVersion
from learnhub.media.uploads.models import Upload
from learnhub.org.own_data import register_part, whole_part

_UPLOAD = {
    "file_name": _l("File"),
    "size": _l("Size in bytes"),
    "received": _l("Bytes received"),
    "sha256": _l("Checksum (SHA-256)"),
    "state": _l("State"),
    "refusal_code": _l("Why it was refused"),
    "created_at": _l("Begun"),
    "changed_at": _l("Last changed"),
    "expires_at": _l("Kept until"),
}


_CAPTIONS = {
    "language": _l("Language"),
    "number": _l("Version"),
    "cues": _l("Lines"),
    "origin": _l("Made by"),
    "created_at": _l("Saved"),
}


def register() -> None:
    """Names the parts of this feature."""
    register_part(
        whole_part(Upload, _l("Files that you are sending"), _UPLOAD),
        whole_part(CaptionVersion, _l("Captions that you saved"), _CAPTIONS),
    )
