"""What this feature knows about a person, as parts of their own data."""

from __future__ import annotations

from learnhub.design.i18n import _l
from learnhub.org.own_data import register_part, whole_part
from learnhub.proofs.models import Proof


def register() -> None:
    """Names the parts of this feature."""
    register_part(whole_part(Proof, _l("Your proofs and certificates")))
