"""Rules in force, rules that were entered, and their dry runs; within the units for which one chooses rules."""

from __future__ import annotations

from typing import Any

from learnhub.config import Settings
from learnhub.kernel.errors import NotFound
from learnhub.kernel.models import Job
from learnhub.kernel.paging import Page, page_of
from learnhub.org.models import Person, Unit
from learnhub.org.queries import roots_for
from learnhub.org.scope import Actor, in_scope
from learnhub.study import hours
from learnhub.study.models import RuleChoice, RuleVersion
from learnhub.study.rules.hours import HoursRule
from learnhub.years.actions.choosing import RULE
from learnhub.years.models import DryRun, DryRunLine

_RUNS = 20
PAGE_SIZE = 25


def choosable_units(actor: Actor) -> list[Unit]:
    """The units at the top of what the actor chooses for, and those directly below them."""
    tops = roots_for(actor, RULE)
    below = Unit.select().where(Unit.parent.in_([one.id for one in tops]) & ~Unit.is_retired & (Unit.kind == "admin"))
    return [*tops, *below.order_by(Unit.code)] if tops else []


def units_with_rules(actor: Actor, year: int, settings: Settings) -> list[tuple[Unit, HoursRule, bool]]:
    """Each of these units, the rule that holds there, and whether it was chosen for this very unit."""
    own = {
        row.unit_id
        for row in RuleChoice.select(RuleChoice.unit).where(RuleChoice.year == year)
        if row.unit_id is not None
    }
    units = choosable_units(actor)
    tops = {one.id for one in roots_for(actor, RULE)}
    shown = [one for one in units if one.id in tops or one.id in own]
    return [(one, hours.rule_for(one.path, year, settings), one.id in own) for one in shown]


def entered_versions() -> list[RuleVersion]:
    """The rules that somebody entered on the page, the newest first."""
    rows = RuleVersion.select(RuleVersion, Person).join(Person).where(RuleVersion.entered_by.is_null(False))
    return list(rows.order_by(RuleVersion.id.desc()).limit(50))


def list_choices(actor: Actor) -> list[RuleChoice]:
    """What was chosen for units in scope, the newest first, with names."""
    rows = (
        RuleChoice.select(RuleChoice, Unit, RuleVersion, Person)
        .join_from(RuleChoice, Unit)
        .join_from(RuleChoice, RuleVersion)
        .join_from(RuleChoice, Person, on=RuleChoice.chosen_by)
        .where(in_scope(actor, RULE))
    )
    return list(rows.order_by(RuleChoice.id.desc()).limit(50))


def list_runs(actor: Actor) -> list[DryRun]:
    """The last dry runs on units in scope."""
    return list(_runs(actor).order_by(DryRun.id.desc()).limit(_RUNS))


def _runs(actor: Actor) -> Any:
    return (
        DryRun.select(DryRun, Unit, RuleVersion)
        .join_from(DryRun, Unit)
        .join_from(DryRun, RuleVersion)
        .where(in_scope(actor, RULE))
    )


def run_for(actor: Actor, run_id: int) -> DryRun:
    """A dry run in scope, with ``.unit`` and ``.version``. Raises NotFound."""
    run: DryRun | None = _runs(actor).where(DryRun.id == run_id).first()
    if run is None:
        raise NotFound("years.no_version")
    return run


def page_of_lines(run: DryRun, *, changed: bool, page: int) -> Page[DryRunLine]:
    """The people of a dry run, those for whom something would change (or all), with ``.person.unit``."""
    rows = (
        DryRunLine.select(DryRunLine, Person, Unit)
        .join_from(DryRunLine, Person)
        .join_from(Person, Unit, on=Person.unit)
        .where(DryRunLine.run == run)
        .order_by(Unit.path, Person.name_folded, Person.id)
    )
    return page_of(rows.where(DryRunLine.changed) if changed else rows, page, PAGE_SIZE)


def state_of(run: DryRun, page: str) -> dict[str, Any]:
    """How far the job of a dry run is, as the design's progress bar asks for it."""
    job = Job.get_or_none(Job.id == run.job) if run.job else None
    if run.done_at is not None or job is None:
        return {"state": "done", "done": 100, "total": 100, "next": page}
    state = job.state if job.state in ("waiting", "running", "done") else "failed"
    return {"state": state, "done": round(job.share * 100), "total": 100, "message": job.note}
