"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from learnhub.design.i18n import _l
from learnhub.org.own_data import register_part, whole_part
from learnhub.proofs.models import Proof

_COLUMNS = {
    "serial": _l("Number"),
    "kind": _l("Kind"),
    "year": _l("Year"),
    "centihours": _l("Hours, in hundredths"),
    "rule": _l("Rule"),
    "token": _l("Code for checking"),
    "issued_at": _l("Issued"),
    "shows": _l("Shows in public"),
    "revoked_at": _l("Revoked"),
    "revoke_reason": _l("Why it was revoked"),
}


def register() -> None:
    """Names the parts of this feature."""
    register_part(whole_part(Proof, _l("Your proofs and certificates"), _COLUMNS))
