"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from learnhub.design.i18n import _l
from learnhub.org.own_data import register_part, whole_part
from learnhub.years.models import Anomaly, DryRunLine, HoursClaim, Objection


def register() -> None:
    """Names the parts of this feature."""
    register_part(
        whole_part(HoursClaim, _l("Your claims for hours earned elsewhere")),
        whole_part(Objection, _l("Your objections to entries")),
        whole_part(Anomaly, _l("What was noticed about your studying")),
        whole_part(DryRunLine, _l("Trials of other rules on your hours")),
    )
