"""The words of the desks: greetings, states and kinds of background jobs, refusals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from learnhub.design.i18n import LazyText, _, _l
from learnhub.kernel.clock import local

WORDS: dict[str, Any] = {
    "desks.nothing_to_retry": _l("There is no failed job to run again; the list may have changed meanwhile."),
    "desks.nothing_to_cancel": _l("This job neither waits nor runs; the list may have changed meanwhile."),
}

JOB_STATES: dict[str, LazyText] = {
    "waiting": _l("Waiting"),
    "running": _l("Running"),
    "failed": _l("Failed"),
    "done": _l("Finished"),
    "cancelled": _l("Called off"),
}

JOB_KINDS: dict[str, LazyText] = {
    "catalog.publish": _l("Look through a course folder and publish it"),
    "media.follow_life": _l("End the serving of expired media"),
    "media.drop_renditions": _l("Remove what an earlier ladder made"),
    "media.follow_standing": _l("Refuse media to those who left"),
    "media.mark_asset": _l("Serve the media of a course no more, or again"),
    "media.prepare": _l("Prepare a recording or document"),
    "media.take_in": _l("Check an upload"),
    "media.transcribe": _l("Write speech down"),
    "media.tidy_uploads": _l("Remove uploads that nobody goes on with"),
    "org.note_audit_heads": _l("Note the heads of the audit trail"),
    "org.roster": _l("Import people from a spreadsheet"),
    "org.transfer": _l("Make planned transfers"),
    "search.index": _l("Index what has changed"),
    "search.rebuild": _l("Rebuild the search index"),
    "years.daily": _l("Carry hours over, look for unusual records, sign the ledger"),
    "years.recount": _l("Add a year up anew"),
    "years.try_rule": _l("Try an hours rule out"),
}


def greeting(name: str, now: datetime) -> str:
    """``杨建国，早上好`` by the Chinese clock."""
    hour = local(now).hour
    if hour < 12:
        return _("Good morning, %(name)s", name=name)
    return _("Good afternoon, %(name)s", name=name) if hour < 18 else _("Good evening, %(name)s", name=name)


ACTION_WORDS = {
    "jobs.retried": _l("Ran failed jobs again"),
    "jobs.cancelled": _l("Called off a job"),
}
"""What the audit trail calls by these codes."""
