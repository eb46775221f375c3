"""The words of the lesson pages: of kinds and sources, and those that scripts say."""

from __future__ import annotations

from learnhub.design.i18n import _, _l

KINDS = {
    "video": _l("Video"),
    "audio": _l("Audio"),
    "text": _l("Text"),
    "document": _l("Document"),
    "test": _l("Test"),
}
SOURCES = {
    "online": _l("On-line study"),
    "group": _l("Group study"),
    "test": _l("Test passed"),
    "class": _l("Study in class"),
    "teaching": _l("Teaching"),
    "unit_course": _l("Course of one's own unit"),
    "other": _l("Other study elsewhere"),
    "carried": _l("Carried over"),
}

NOT_SHOWN = {
    "recording": {
        "preparing": _l("This recording is still being prepared. Please come back in a few minutes."),
        "refused": _l(
            "The file of this lesson cannot be played. It is not your device; the editors have to upload it again."
        ),
        "withdrawn": _l("This recording has been withdrawn and is no longer shown."),
        "expired": _l("The last day of this recording is over; it is no longer shown."),
    },
    "document": {
        "preparing": _l("This document is still being prepared. Please come back in a few minutes."),
        "refused": _l(
            "The file of this lesson cannot be read. It is not your device; the editors have to upload it again."
        ),
        "withdrawn": _l("This document has been withdrawn and is no longer shown."),
        "expired": _l("The last day of this document is over; it is no longer shown."),
    },
}
"""What a lesson says in place of a medium that is not shown (media.queries.why_not_shown)."""

REFUSED = {
    "study.report_token": _l("Forged, altered or expired"),
    "study.no_viewing": _l("For a viewing that does not exist or is another person's"),
    "study.report_json": _l("Not readable"),
    "study.report_size": _l("Too large"),
    "study.report_shape": _l("Something lacks, or is unknown"),
    "study.report_pieces": _l("Too many pieces"),
    "study.report_numbers": _l("Negative, fractional or not a number"),
    "study.report_order": _l("A piece that ends before it begins"),
    "study.report_beyond_end": _l("Behind the end of the lesson"),
    "study.report_ahead": _l("Ahead of the clock: only what can have been seen was believed"),
    "study.report_repeated": _l("Sent once more: changed nothing"),
    "study.report_elsewhere": _l("From a page that another one had taken over from"),
    "kernel.database_away": _l("Not taken, because the database was away; sent again by the player"),
    "kernel.database_busy": _l("Not taken, because the database was busy; sent again by the player"),
    "http.405": _l("Asked for in another way than players do"),
}
"""Why reports of viewing were refused or not believed (study.actions.refusals), for administrators. Features above add
what they have counted there."""


def _reporting_words() -> dict[str, str]:
    """What every page that reports may have to say; {placeholders} are filled in by the script."""
    return {
        "offline": _("The line is down. What you study is kept on this machine and handed in when the line is back."),
        "elsewhere": _("You went on studying in another place, so this page has paused."),
        "signed_out": _("You have been signed out. Sign in again in another tab, then continue here."),
        "minutes": _("{minutes} min {seconds} s"),
        "seconds": _("{seconds} s"),
    }


def watching_words() -> dict[str, str]:
    """The words of the script that counts what was watched."""
    return {
        **_reporting_words(),
        "progress": _("Seen so far: {percent}%. Watch {left} more and the lesson is done."),
        "begin": _("Not begun. Watch {left} of it and the lesson is done."),
    }


def reader_words() -> dict[str, str]:
    """The words of the reading script."""
    return {
        **_reporting_words(),
        "progress": _("Read so far: {percent}%. Read on, about {left}, and the lesson is done."),
        "begin": _("Read to the end, about {left}, and the lesson is done."),
        "end": _("You are at the end. Stay for {left} more and the lesson is done."),
    }
