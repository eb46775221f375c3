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
    "media.reason_missing": _l("Say why the file is withdrawn."),
    "media.held_elsewhere": _l(
        "Another unit keeps the same file, and you do not answer for that unit. Withdraw the course that shows it, or ask "
        "an administrator above both units."
    ),
    "media.day_past": _l("That day is over. Choose today or a later day."),
    "media.day_unreadable": _l("The day cannot be read. Write it as 2026-11-05."),
    "media.quota_number": _l("The quota must be a whole number of gigabytes, at most 100000, or empty."),
    "media.quota_unit": _l("Choose the unit."),
}

STAGES = {
    "receiving": (_l("Incomplete"), "warn"),
    "checking": (_l("Being checked"), "info"),
    "preparing": (_l("Being prepared"), "info"),
    "ready": (_l("Ready"), "good"),
    "refused": (_l("Refused"), "bad"),
    "withdrawn": (_l("Withdrawn"), "bad"),
    "expired": (_l("Expired"), "bad"),
}
"""What a person reads of a stage, and the look of its badge."""

UPLOAD_WORDS = {
    "waiting": _l("waits its turn"),
    "sending": _l("%(percent)s %%, %(speed)s/s, about %(left)s left"),
    "paused": _l("paused at %(percent)s %%"),
    "broken": _l("the line is broken; it goes on by itself (%(percent)s %%)"),
    "arrived": _l("has arrived whole"),
    "pause": _l("Pause"),
    "resume": _l("Go on"),
    "remove": _l("Remove"),
    "sign_in": _l("You were signed out. Sign in in another window, then press “Go on”."),
    "drop": _l("Drop files here, or choose them"),
    "open": _l("Open"),
    "seconds": _l("%(n)s s"),
    "minutes": _l("%(n)s min"),
    "hours": _l("%(n)s h"),
}
"""What the upload's script says."""

ACTION_WORDS = {
    "media.uploaded": _l("Uploaded a media file"),
    "media.deleted": _l("Deleted a media file that nothing used"),
    "media.tidied": _l("Deleted leftovers of media"),
    "media.removed": _l("Took a media file off the unit's list"),
    "media.withdrawn": _l("Withdrew a media file"),
    "media.restored": _l("Served a withdrawn media file again"),
    "media.last_day": _l("Set the last day of a media file"),
    "media.quota": _l("Set the quota of a unit for media"),
}
"""What the audit trail calls by these codes."""
