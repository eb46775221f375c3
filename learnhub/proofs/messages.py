"""The words for the refusals of proofs and for their lines in the audit trail."""

from __future__ import annotations

from learnhub.design.i18n import _l

COUNTED = {
    "proofs.not_a_proof": _l("Proofs to be checked: not one of LearnHub's"),
    "proofs.other_key": _l("Proofs to be checked: signed by another installation"),
    "proofs.forged": _l("Proofs to be checked: altered or forged"),
    "proofs.key_retired": _l("Proofs to be checked: signed by a key after it was retired"),
}
"""What is counted for the system page when it is refused (study.actions.refusals), in the words of that page."""

WORDS = {
    "proofs.no_proof": _l("There is no such proof."),
    "proofs.no_hours": _l("There are no hours in %(year)d yet that could be proved."),
    "proofs.not_completed": _l("This course is not completed yet."),
    "proofs.reason_missing": _l("Please say why, in 2 to 500 characters."),
    "proofs.revoked_already": _l("This proof has been revoked before."),
    "proofs.not_a_proof": _l("This is not a proof of LearnHub. Paste the whole text behind the code."),
    "proofs.other_key": _l("This proof was signed by another installation (key %(key)s)."),
    "proofs.forged": _l("The signature does not fit: the text was changed or was never issued."),
    "proofs.key_retired": _l(
        "The key of this proof (%(key)s) was retired on %(day)s, and the proof claims to be younger."
    ),
    "proofs.is_revoked": _l("The signature is genuine, but the proof was revoked on %(day)s."),
}
ACTION_WORDS = {
    "proof.issued": _l("Issued a proof"),
    "proof.shown": _l("Chose what a proof shows in public"),
    "proof.revoked": _l("Revoked a proof"),
    "key.rotated": _l("Made a new key for signing"),
}
PAGE_WORDS = {"proofs.of_person": _l("Proofs of a person")}
