"""The words of the audit trail for what this feature does, and for the facts that its lines carry."""

from __future__ import annotations

from typing import Any

from learnhub.design.i18n import LazyText, _l
from learnhub.org.audit.words import PAGES

ACTION_WORDS = {
    "account.opened": _l("Opened an account"),
    "account.signed_in": _l("Signed in"),
    "account.signed_out": _l("Signed out"),
    "account.signed_out_everywhere": _l("Signed out everywhere else"),
    "account.signed_in_outside": _l("Was signed in by the outside provider"),
    "account.outside_linked": _l("Linked an outside account"),
    "account.outside_unlinked": _l("Took the link with an outside account away"),
    "account.password_changed": _l("Changed the password"),
    "account.password_reset": _l("Reset the password"),
    "account.code_ended": _l("Turned the second step off"),
    "account.code_passed": _l("Signed in with a code"),
    "account.code_reset": _l("Took a lost second step away"),
    "account.code_set_up": _l("Set up the second step"),
    "account.password_passed": _l("Gave the password, a code is awaited"),
    "account.recovery_code_used": _l("Signed in with a recovery code"),
    "account.recovery_codes_renewed": _l("Made new recovery codes"),
    "account.language_set": _l("Chose a language"),
    "audit.exported": _l("Downloaded the audit trail"),
    "audit.readings_exported": _l("Downloaded who read records"),
    "people.exported": _l("Downloaded a list of people"),
    "person.data_exported": _l("Downloaded all that is known about oneself"),
    "person.added": _l("Added a person"),
    "people.import_discarded": _l("Removed an import of people"),
    "people.import_undone": _l("Undid an import of people"),
    "people.imported": _l("Imported people"),
    "person.merged": _l("Merged two entries of a person"),
    "person.parted": _l("Undid a merge of two entries"),
    "person.changed": _l("Changed a person"),
    "person.removed": _l("Removed a person"),
    "person.restored": _l("Restored a person"),
    "person.retired": _l("Retired a person"),
    "person.transfer_planned": _l("Planned a transfer"),
    "person.transfer_refused": _l("A planned transfer was refused"),
    "person.transfer_withdrawn": _l("Withdrew a planned transfer"),
    "person.transferred": _l("Transferred a person"),
    "ranks.loaded": _l("Added the usual ranks"),
    "role.granted": _l("Gave a role"),
    "role.revoked": _l("Ended a role"),
    "station.added": _l("Added a station"),
    "station.changed": _l("Changed a station"),
    "stations.imported": _l("Imported stations"),
    "unit.added": _l("Added a unit"),
    "unit.renamed": _l("Renamed a unit"),
    "unit.merged": _l("Merged units"),
    "unit.moved": _l("Moved a unit"),
    "unit.restored": _l("Restored a unit"),
    "unit.retired": _l("Retired a unit"),
    "unit.split": _l("Split a unit"),
    "units.imported": _l("Imported units"),
}

PAGE_WORDS = {
    "org.ask_change_place": _l("Transfer or retirement of a person"),
    "org.ask_merge_people": _l("Merge of two entries"),
    "org.download_people": _l("File of people"),
    "org.edit_person": _l("Details of a person"),
    "org.list_duplicates": _l("Possible duplicates"),
    "org.list_people": _l("List of people"),
    "org.show_person": _l("Page of a person"),
}
"""What a reading calls its page."""

SUBJECTS: dict[str, LazyText] = {
    "account": _l("account"),
    "asset": _l("media file"),
    "category": _l("category"),
    "course": _l("course"),
    "file": _l("file"),
    "folder": _l("course folder"),
    "job": _l("job"),
    "login": _l("log-in"),
    "person": _l("person"),
    "proposal": _l("file put up for approval"),
    "rank": _l("rank"),
    "records": _l("records"),
    "session": _l("session"),
    "station": _l("station"),
    "unit": _l("unit"),
}

FACTS: dict[str, LazyText] = {
    "added": _l("added"),
    "changed": _l("changed"),
    "changes": _l("changes"),
    "code": _l("code"),
    "columns": _l("columns"),
    "count": _l("count"),
    "created": _l("created"),
    "digest": _l("checksum"),
    "ended": _l("sessions ended"),
    "ends_at": _l("ends"),
    "entries": _l("hours entries"),
    "file": _l("file"),
    "filter": _l("filter"),
    "format": _l("format"),
    "groups": _l("groups"),
    "how": _l("how"),
    "issuer": _l("outside provider"),
    "level": _l("level"),
    "locale": _l("language"),
    "name": _l("name"),
    "people": _l("people"),
    "person": _l("person"),
    "put_up_by": _l("put up by"),
    "role": _l("role"),
    "rows": _l("rows"),
    "slips": _l("print of slips"),
    "staff_no": _l("staff number"),
    "station_no": _l("station number"),
    "status": _l("mark"),
    "subject": _l("lasting name there"),
    "unit_code": _l("unit code"),
    "username": _l("user name"),
}


def fact_name(name: str) -> str:
    """The words for the name of a fact; the name itself where nobody has given it words."""
    return str(FACTS.get(name, name))


def page_name(endpoint: str) -> str:
    """The words for the page that was read."""
    return str(PAGES.get(endpoint, PAGE_WORDS["org.show_person"]))


def subject_name(kind: str) -> str:
    """The words for a kind of thing; the kind itself where nobody has given it words."""
    return str(SUBJECTS.get(kind, kind))


def fact_value(value: Any) -> str:
    """A value of a line as people read it: lists with semicolons, nothing as a dash."""
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, dict):
        return "; ".join(f"{fact_name(str(name))}: {fact_value(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(fact_value(one) for one in value)
    return str(value)


SHOWN = (fact_name, fact_value, page_name, subject_name)
"""What templates call."""
