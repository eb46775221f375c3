"""The words for the refusals of this feature, and for its lines in the audit trail."""

from __future__ import annotations

from learnhub.design.i18n import _l

COUNTED = {
    "years.claim_year_closed": _l("Claims of hours: for a year that is closed"),
    "years.claim_kind": _l("Claims of hours: of a kind that the rule does not recognise"),
    "years.claim_hours": _l("Claims of hours: with hours that cannot be"),
    "years.claim_day": _l("Claims of hours: without a day"),
    "years.claim_other_year": _l("Claims of hours: with a day in another year"),
    "years.claim_future": _l("Claims of hours: with a day to come"),
    "years.claim_day_order": _l("Claims of hours: with days out of order"),
    "years.claim_document": _l("Claims of hours: without a document that can be read"),
    "years.claim_twice": _l("Claims of hours: with a document used before"),
    "years.rule_faulty": _l("Rules of hours with faults"),
}
"""What is counted for the system page when it is refused (study.actions.refusals), in the words of that page."""

WORDS = {
    "years.claim_bad": _l("The claim cannot be taken so. Please correct what is marked."),
    "years.claim_year_closed": _l("Only this year and the one before it take claims."),
    "years.claim_kind": _l("The rule of your unit does not recognise this kind."),
    "years.claim_text": _l("2 to 200 characters."),
    "years.claim_hours": _l("Hours such as 12 or 7.5, at most 400."),
    "years.claim_day": _l("A day is missing."),
    "years.claim_other_year": _l("This day lies in another year than the claim. Claim each year by itself."),
    "years.claim_future": _l("This day has not come yet."),
    "years.claim_day_order": _l("The last day comes on or after the first, within 120 days."),
    "years.claim_document": _l("A PDF, JPG or PNG of at most 10 MB is needed."),
    "years.claim_twice": _l("You have claimed with this document before."),
    "years.claim_decided": _l("This claim has been decided or withdrawn meanwhile."),
    "years.claim_gives_nothing": _l("By the rule of that year the claim gives no hours."),
    "years.no_claim": _l("There is no such claim."),
    "years.no_document": _l("The document is not in the store of this machine."),
    "years.own_claim": _l("Nobody decides about themselves."),
    "years.reason_missing": _l("Please give a reason."),
    "years.objection_text": _l("Please say in 2 to 1,000 characters what is wrong."),
    "years.objection_open": _l("Your objection to this is waiting for an answer already."),
    "years.objection_answered": _l("This objection has been answered meanwhile."),
    "years.no_objection": _l("There is no such objection."),
    "years.answer_text": _l("Please answer in 2 to 1,000 characters."),
    "years.no_anomaly": _l("There is no such question."),
    "years.anomaly_decided": _l("This question has been decided meanwhile."),
    "years.outcome": _l("Please choose a decision."),
    "years.rule_faulty": _l("The rule has %(number)d faults."),
    "years.no_version": _l("There is no such rule."),
    "years.year_over": _l("A rule can be chosen for %(first)d to %(last)d: years that are over keep theirs."),
    "years.rule_not_of_year": _l("The rule does not hold in %(year)d."),
}
ACTION_WORDS = {
    "hours.claimed": _l("Claimed hours"),
    "hours.claim_withdrawn": _l("Withdrew a claim of hours"),
    "hours.claim_accepted": _l("Accepted a claim of hours"),
    "hours.claim_refused": _l("Refused a claim of hours"),
    "hours.objected": _l("Objected to an hour"),
    "hours.objection_answered": _l("Answered an objection"),
    "hours.rule_entered": _l("Entered an hours rule"),
    "hours.rule_chosen": _l("Chose an hours rule"),
    "hours.rule_pinned": _l("Noted the hours rule of a year"),
    "hours.question_answered": _l("Answered a question about a record"),
    "hours.question_decided": _l("Decided a question about a record"),
}
PAGE_WORDS = {
    "years.person_year": _l("Year of a person"),
    "years.person_entry": _l("Evidence of a person's hour"),
}
KINDS = {
    "device": _l("Several people at once at one device"),
    "roll": _l("Everybody always present"),
    "clock": _l("Reports ahead of the clock"),
}
OUTCOMES = {"open": _l("Not decided yet"), "harmless": _l("Harmless"), "confirmed": _l("Confirmed")}
CLAIM_STATES = {
    "waiting": _l("Waiting"), "accepted": _l("Accepted"), "refused": _l("Refused"), "withdrawn": _l("Withdrawn"),
}  # fmt: skip
OBJECTION_OUTCOMES = {"open": _l("Waiting for an answer"), "kept": _l("Stays"), "reversed": _l("Taken back")}
