"""The words for refused uploads: why, and what an editor can do."""

from __future__ import annotations

from learnhub.design.i18n import _l

WORDS = {
    "upload.not_found": _l("This upload is no longer there: it was removed or waited too long. Choose the file again."),
    "upload.offset": _l("The upload goes on at another place (%(offset)s bytes). It continues by itself."),
    "upload.superseded": _l("The same file is being sent from another window or a newer connection."),
    "upload.checksum": _l("A piece of the file was changed on its way. It is sent again."),
    "upload.checksum_whole": _l("The file arrived changed. Remove it here and upload it again."),
    "upload.too_much": _l("More arrived than the %(size)s bytes that were announced. Upload the file again."),
    "upload.malformed": _l("The upload program does not keep to the tus protocol: %(why)s."),
    "upload.other_site": _l("Files can only be uploaded from the pages of this site."),
    "upload.too_many_open": _l("You have %(most)s unfinished uploads. Finish or remove some first."),
    "upload.quota": _l(
        "“%(unit)s” has %(left_mb)s MB left for media, the file has %(mb)s MB. Remove media that are no longer needed, "
        "or ask the administrator for a larger quota."
    ),
    "upload.no_file": _l("No file was chosen."),
}

ACTION_WORDS = {
    "media.uploaded": _l("Uploaded a media file"),
    "media.removed": _l("Took a media file off the unit's list"),
}
"""What the audit trail calls by these codes."""
