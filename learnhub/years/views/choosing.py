"""The rules of hours: which holds where, entering a new one, trying it out, putting it into force."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.kernel.text import clean
from learnhub.org.guard import ability, actor
from learnhub.study import hours
from learnhub.study.rules.hours import Fault
from learnhub.study.words import SOURCES
from learnhub.years import forms
from learnhub.years.actions import choosing, trying
from learnhub.years.queries import trials
from learnhub.years.views.blueprint import blueprint, settings


@blueprint.get("/hours-rules")
@ability("hours.rule")
def rules() -> str:
    """The rules in force in one's units, the rules that can be chosen, and the trials."""
    year = clock.local_year(clock.now())
    return render_template(
        "years/rules.html", year=year, units=trials.units_with_rules(actor(), year, settings()),
        shipped=hours.all_rules().values(), versions=trials.entered_versions(), runs=trials.list_runs(actor()),
        choices=trials.list_choices(actor()), rule_of=hours.rule_of_version,
    )  # fmt: skip


@blueprint.get("/hours-rules/text")
@ability("hours.rule")
def rule_text() -> str:
    """A rule's text to read or to change: ``?code=`` or ``?version=`` says which to begin with."""
    version = forms.read_number(request.args, "version")
    text = (
        choosing.get_version(version).text if version else hours.shipped_texts().get(request.args.get("code", ""), "")
    )
    return _text_page(text, ())


def _text_page(text: str, faults: tuple[Fault, ...]) -> str:
    return render_template("years/rule_text.html", text=text, faults=faults)


@blueprint.post("/hours-rules/text")
@ability("hours.rule")
def enter_rule() -> AnyResponse | tuple[str, int]:
    """Checks a text and keeps it as a version; faults are shown with their lines."""
    text = request.form.get("text", "").replace("\r\n", "\n").strip() + "\n"
    faults: list[tuple[Fault, ...]] = []

    def again(_errors: Errors) -> str:
        return _text_page(text, faults[0] if faults else ())

    show_again(again)
    try:
        version = choosing.enter_rule(actor(), text, now=clock.now())
    except choosing.FaultyRule as refusal:
        faults.append(refusal.faults)
        raise
    return redirect(url_for("years.rule", version_id=version.id))


@blueprint.get("/hours-rules/<int:version_id>")
@ability("hours.rule")
def rule(version_id: int) -> str:
    """A rule in words, with the forms for a trial and for putting it into force."""
    return _rule_page(version_id, {})


def _rule_page(version_id: int, errors: Errors) -> str:
    version = choosing.get_version(version_id)
    year = clock.local_year(clock.now())
    return render_template(
        "years/rule.html", version=version, rule=hours.rule_of_version(version), errors=errors, values=request.form,
        units=[(str(one.id), one.name) for one in trials.choosable_units(actor())],
        past=[(str(one), str(one)) for one in range(year, year - 4, -1)],
        coming=[(str(one), str(one)) for one in range(year, year + choosing.FURTHEST + 1)], sources=SOURCES,
    )  # fmt: skip


@blueprint.get("/hours-rules/of/<code>")
@ability("hours.rule")
def shipped_rule(code: str) -> AnyResponse:
    """Leads to the page of a rule that LearnHub brings along, keeping its present text as a version."""
    version = choosing.keep_shipped(code, now=clock.now())
    return redirect(url_for("years.rule", version_id=version.id))


@blueprint.post("/hours-rules/<int:version_id>/trial")
@ability("hours.rule")
def ask_trial(version_id: int) -> AnyResponse:
    """Begins a dry run."""
    show_again(lambda errors: _rule_page(version_id, errors))
    unit = forms.read_number(request.form, "unit") or 0
    year = forms.read_year(request.form, clock.local_year(clock.now()) - 1)
    run = trying.ask_dry_run(actor(), version_id, unit, year, now=clock.now(), settings=settings())
    return redirect(url_for("years.trial", trial_id=run.id))


@blueprint.get("/hours-rules/trials/<int:trial_id>")
@ability("hours.rule")
def trial(trial_id: int) -> str:
    """A dry run: the sums, and person by person."""
    run = trials.run_for(actor(), trial_id)
    changed = request.args.get("people") != "all"
    lines = trials.page_of_lines(run, changed=changed, page=forms.read_page(request.args))
    return render_template(
        "years/trial.html", run=run, rule=hours.rule_of_version(run.version), lines=lines, changed=changed
    )


@blueprint.get("/hours-rules/trials/<int:trial_id>/state")
@ability("hours.rule")
def trial_state(trial_id: int) -> dict[str, Any]:
    """How far a dry run is, for the page that waits for it."""
    return trials.state_of(trials.run_for(actor(), trial_id), url_for("years.trial", trial_id=trial_id))


@blueprint.post("/hours-rules/<int:version_id>/choose")
@ability("hours.rule")
def choose_rule(version_id: int) -> AnyResponse:
    """Puts a rule into force."""
    show_again(lambda errors: _rule_page(version_id, errors))
    choosing.choose_rule(
        actor(), version_id, forms.read_number(request.form, "unit") or 0, forms.read_year(request.form, 0),
        reason=clean(request.form.get("reason", "")), now=clock.now(),
    )  # fmt: skip
    flash(_("The rule is in force. The figures of the year are being added up anew."), "success")
    return redirect(url_for("years.rules"))
