"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from learnhub.design.i18n import _l
from learnhub.org.own_data import register_part, whole_part
from learnhub.years.models import Anomaly, DryRunLine, HoursClaim, Objection

_CLAIM = {
    "year": _l("Year"),
    "kind": _l("Kind"),
    "title": _l("What it was"),
    "organiser": _l("Organiser"),
    "first_day": _l("First day"),
    "last_day": _l("Last day"),
    "centihours": _l("Hours claimed, in hundredths"),
    "is_required": _l("Of required courses"),
    "document": _l("Checksum of the document"),
    "document_name": _l("Document"),
    "document_kind": _l("Kind of document"),
    "filed_at": _l("Filed"),
    "state": _l("State"),
    "decided_at": _l("Decided"),
    "reason": _l("Reason"),
}
_OBJECTION = {
    "year": _l("Year"),
    "text": _l("Objection"),
    "filed_at": _l("Filed"),
    "outcome": _l("Outcome"),
    "answer": _l("Answer"),
    "answered_at": _l("Answered"),
}
_ANOMALY = {
    "kind": _l("Kind"),
    "facts": _l("What was seen"),
    "happened_at": _l("Happened"),
    "found_at": _l("Noticed"),
    "reply": _l("Your reply"),
    "replied_at": _l("Replied"),
    "outcome": _l("Outcome"),
    "reason": _l("Reason"),
    "decided_at": _l("Decided"),
}
_TRIAL = {
    "had": _l("Hours by the rule in force, in hundredths"),
    "would_have": _l("Hours by the rule tried out, in hundredths"),
    "was_reached": _l("Year reached by the rule in force"),
    "would_reach": _l("Year reached by the rule tried out"),
    "changed": _l("Makes a difference"),
}


def register() -> None:
    """Names the parts of this feature."""
    register_part(
        whole_part(HoursClaim, _l("Your claims for hours earned elsewhere"), _CLAIM),
        whole_part(Objection, _l("Your objections to entries"), _OBJECTION),
        whole_part(Anomaly, _l("What was noticed about your studying"), _ANOMALY),
        whole_part(DryRunLine, _l("Trials of other rules on your hours"), _TRIAL),
    )
