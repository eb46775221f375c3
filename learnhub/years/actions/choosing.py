"""Which rule holds where and for which year: entered as a text, tried out, chosen by an administrator."""

from __future__ import annotations

from datetime import datetime

from learnhub.kernel import clock, jobs
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Invalid, NotFound
from learnhub.org import audit
from learnhub.org.queries import unit_for
from learnhub.org.scope import Actor
from learnhub.study import hours
from learnhub.study.models import RuleChoice, RuleVersion
from learnhub.study.rules.hours import BadRule

RULE = "hours.rule"
RECOUNT = "years.recount"
FURTHEST = 2


class FaultyRule(Invalid):
    """A rule text with faults; ``faults`` carry line and reason."""

    def __init__(self, error: BadRule) -> None:
        super().__init__("years.rule_faulty", fields={"text": "years.rule_faulty"}, number=len(error.faults))
        self.faults = error.faults


def enter_rule(actor: Actor, text: str, *, now: datetime) -> RuleVersion:
    """Keeps a rule's text as a version that can be tried out and chosen. Raises FaultyRule.

    The same text gives the same version; nothing takes effect by this.
    """
    try:
        hours.check_also(hours.read_text(text))
    except BadRule as error:
        raise FaultyRule(error) from error
    with transaction():
        version = hours.keep_version(text, entered_by=actor.person_id, now=now)
        audit.record(
            *(actor, "hours.rule_entered", "rule", version.id), unit_id=actor.unit_id, now=now, rule=version.code
        )
    return version


def choose_rule(actor: Actor, version_id: int, unit_id: int, year: int, *, reason: str, now: datetime) -> RuleChoice:
    """Puts a rule into force for a year in a unit and all below it.

    Hours that were given stay as they were given; caps and what the year asks follow the new rule at once (a job adds
    the figures up anew). Years that are over keep their rules: Invalid ``years.year_over``.
    """
    unit = unit_for(actor, unit_id, RULE)
    version = get_version(version_id)
    this_year = clock.local_year(now)
    if not this_year <= year <= this_year + FURTHEST:
        raise Invalid("years.year_over", fields={"year": "years.year_over"}, first=this_year, last=this_year + FURTHEST)
    if not hours.rule_of_version(version).holds_in(year):
        raise Invalid("years.rule_not_of_year", fields={"year": "years.rule_not_of_year"}, year=year)
    if len(reason) < 2:
        raise Invalid("years.reason_missing", fields={"reason": "years.reason_missing"})
    with transaction():
        before = hours.choice_for(unit.path, year)
        choice: RuleChoice = RuleChoice.create(
            unit=unit, year=year, version=version, chosen_by=actor.person_id, chosen_at=now, reason=reason[:300]
        )
        audit.record(
            *(actor, "hours.rule_chosen", "unit", unit.id), unit_id=unit.id, now=now, year=year, reason=reason[:300],
            before=before.version.code if before else None, after=hours.rule_of_version(version).stamp,
        )  # fmt: skip
        jobs.enqueue(RECOUNT, {"unit": unit.id, "year": year}, now=now, key=f"{RECOUNT}:{unit.id}:{year}")
    return choice


def get_version(version_id: int) -> RuleVersion:
    """A kept version. Raises NotFound."""
    version: RuleVersion | None = RuleVersion.get_or_none(RuleVersion.id == version_id)
    if version is None:
        raise NotFound("years.no_version")
    return version


def keep_shipped(code: str, *, now: datetime) -> RuleVersion:
    """The present text of a rule that LearnHub brings along, as a kept version. Raises NotFound."""
    if code not in hours.shipped_texts():
        raise NotFound("years.no_version")
    with transaction():
        return hours.keep_version(hours.shipped_texts()[code], entered_by=None, now=now)
