"""What a department and a reviewer decide: the year of somebody in scope, claims, objections, questions."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.kernel.text import clean
from learnhub.org import queries as org
from learnhub.org.guard import ability, actor
from learnhub.study import hours
from learnhub.study import queries as study
from learnhub.years import forms
from learnhub.years.actions import claims, objections, reviewing
from learnhub.years.queries import cases
from learnhub.years.views.blueprint import blueprint, settings
from learnhub.years.views.own import words


@blueprint.get("/people/<int:person_id>/year")
@ability("records.read")
def person_year(person_id: int) -> str:
    """The year of somebody in scope: the page that the person has, to read."""
    person = org.person_for(actor(), person_id, "records.read")
    now = clock.now()
    chosen = forms.read_year(request.args, clock.local_year(now))
    years = study.years_of(person.id, now)
    return render_template(
        "years/my_year.html",
        year=study.year_of(person.id, chosen, settings=settings()),
        years=years if chosen in years else sorted({*years, chosen}, reverse=True),
        today=clock.local_date(now), way=None, unfinished=[], cases=cases.own_cases(person.id, chosen), mine=False,
        may_decide=actor().can("hours.decide"), **words(),
    )  # fmt: skip


@blueprint.get("/people/<int:person_id>/year/<int:entry_id>")
@ability("records.read")
def person_entry(person_id: int, entry_id: int) -> str:
    """The evidence behind an hour of somebody in scope."""
    person = org.person_for(actor(), person_id, "records.read")
    shown = cases.entry_of(person.id, entry_id)
    if shown is None:
        raise NotFound("study.no_entry")
    return render_template(
        "years/entry.html", entry=shown, evidence=shown.evidence, rule=hours.rule_stamped(shown.rule), errors={},
        objections=cases.objections_to(entry_id), mine=False, person=person, **words(),
    )  # fmt: skip


@blueprint.get("/claims")
@ability("hours.decide")
def list_cases() -> str:
    """Claims and objections of the people in scope: what waits, or what was decided."""
    is_open = request.args.get("state") != "decided"
    page = forms.read_page(request.args)
    return render_template(
        "years/cases.html", is_open=is_open, claims=cases.page_of_claims(actor(), is_open=is_open, page=page),
        objections=cases.page_of_objections(actor(), is_open=is_open, page=page), **words(),
    )  # fmt: skip


@blueprint.get("/claims/<int:claim_id>")
@ability("hours.decide")
def claim(claim_id: int) -> str:
    """One claim, with the form that decides it."""
    return _claim_page(claim_id, {})


def _claim_page(claim_id: int, errors: Errors) -> str:
    found = cases.claim_for(actor(), claim_id)
    rule = hours.rule_for(found.person.unit.path, found.year, settings())
    return render_template("years/decide_claim.html", claim=found, rule=rule, errors=errors, **words())


@blueprint.post("/claims/<int:claim_id>")
@ability("hours.decide")
def decide_claim(claim_id: int) -> AnyResponse:
    """Accepts or refuses a claim."""
    show_again(lambda errors: _claim_page(claim_id, errors))
    claims.decide_claim(
        actor(), claim_id, is_accepted=request.form.get("decision") == "accept",
        reason=clean(request.form.get("reason", "")), now=clock.now(), settings=settings(),
    )  # fmt: skip
    flash(_("The decision has been written down."), "success")
    return redirect(url_for("years.list_cases"))


@blueprint.get("/objections/<int:objection_id>")
@ability("hours.decide")
def objection(objection_id: int) -> str:
    """One objection, with the form that answers it."""
    return _objection_page(objection_id, {})


def _objection_page(objection_id: int, errors: Errors) -> str:
    found = cases.objection_for(actor(), objection_id)
    return render_template("years/answer_objection.html", objection=found, errors=errors, **words())


@blueprint.post("/objections/<int:objection_id>")
@ability("hours.decide")
def answer_objection(objection_id: int) -> AnyResponse:
    """Answers an objection."""
    show_again(lambda errors: _objection_page(objection_id, errors))
    objections.answer_objection(
        actor(), objection_id, answer=forms.read_text(request.form, "answer"),
        reverse=request.form.get("outcome") == "reverse", now=clock.now(),
    )  # fmt: skip
    flash(_("The answer has been written down."), "success")
    return redirect(url_for("years.list_cases"))


@blueprint.get("/review")
@ability("study.review")
def review() -> str:
    """The reviewers' queue."""
    is_open = request.args.get("state") != "decided"
    found = cases.page_of_anomalies(actor(), is_open=is_open, page=forms.read_page(request.args))
    return render_template("years/review.html", is_open=is_open, found=found, **words())


@blueprint.get("/review/<int:anomaly_id>")
@ability("study.review")
def anomaly(anomaly_id: int) -> str:
    """One question with its facts, the person's answer and the form that decides."""
    return _anomaly_page(anomaly_id, {})


def _anomaly_page(anomaly_id: int, errors: Errors) -> str:
    found = cases.anomaly_for(actor(), anomaly_id)
    return render_template("years/decide_anomaly.html", anomaly=found, errors=errors, **words())


@blueprint.post("/review/<int:anomaly_id>")
@ability("study.review")
def decide_anomaly(anomaly_id: int) -> AnyResponse:
    """Decides a question, with a reason."""
    show_again(lambda errors: _anomaly_page(anomaly_id, errors))
    reviewing.decide(
        actor(), anomaly_id, request.form.get("outcome", ""), reason=forms.read_text(request.form, "reason"),
        now=clock.now(),
    )  # fmt: skip
    flash(_("The decision has been written down."), "success")
    return redirect(url_for("years.review"))
