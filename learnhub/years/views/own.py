"""One's own year: the evidence behind each hour, claims, objections, answers to questions."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.org.guard import ability, actor
from learnhub.study import hours
from learnhub.study import queries as study
from learnhub.study.words import SOURCES
from learnhub.years import forms, messages
from learnhub.years.actions import claims, objections, reviewing
from learnhub.years.queries import cases, ways
from learnhub.years.views.blueprint import blueprint, settings

_MIMES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


def words() -> dict[str, Any]:
    """The words that all pages of the year share."""
    return {
        "sources": SOURCES, "claim_states": messages.CLAIM_STATES, "outcomes": messages.OUTCOMES,
        "objection_outcomes": messages.OBJECTION_OUTCOMES, "kinds": messages.KINDS,
    }  # fmt: skip


@blueprint.get("/my-year")
@ability("study.learn")
def my_year() -> str:
    """Hours of a year: by kind, what is required, what is missing, how to finish, and the entries."""
    me, now = actor(), clock.now()
    chosen = forms.read_year(request.args, clock.local_year(now))
    years = study.years_of(me.person_id, now)
    year = study.year_of(me.person_id, chosen, settings=settings())
    return render_template(
        "years/my_year.html",
        year=year,
        years=years if chosen in years else sorted({*years, chosen}, reverse=True),
        today=clock.local_date(now),
        way=ways.way_for(me, year, now=now, settings=settings()) if chosen == clock.local_year(now) else None,
        unfinished=study.list_unfinished(me, 3),
        cases=cases.own_cases(me.person_id, chosen),
        mine=True,
        **words(),
    )


@blueprint.get("/my-year/entries/<int:entry_id>")
@ability("study.learn")
def entry(entry_id: int) -> str:
    """The evidence behind one entry of the ledger, and what was said about it."""
    return _entry_page(entry_id, {})


def _entry_page(entry_id: int, errors: Errors) -> str:
    shown = study.entry_for(actor(), entry_id)
    return render_template(
        "years/entry.html", entry=shown, evidence=shown.evidence, rule=hours.rule_stamped(shown.rule), errors=errors,
        objections=cases.objections_to(entry_id), mine=True, **words(),
    )  # fmt: skip


@blueprint.post("/my-year/entries/<int:entry_id>/objections")
@ability("study.learn")
def object_to(entry_id: int) -> AnyResponse:
    """Objects to one entry."""
    show_again(lambda errors: _entry_page(entry_id, errors))
    text = forms.read_text(request.form, "text")
    objections.file_objection(actor(), year=0, entry_id=entry_id, text=text, now=clock.now())
    flash(_("Your objection has been filed. The answer will stand here."), "success")
    return redirect(url_for("years.entry", entry_id=entry_id))


@blueprint.get("/my-year/objection")
@ability("study.learn")
def object_form() -> str:
    """The form for an objection to a year as a whole: something is missing."""
    return _object_page({})


def _object_page(errors: Errors) -> str:
    year = forms.read_year(request.args, clock.local_year(clock.now()))
    return render_template("years/object.html", year=year, errors=errors)


@blueprint.post("/my-year/objection")
@ability("study.learn")
def object_to_year() -> AnyResponse:
    """Objects to a year as a whole."""
    show_again(_object_page)
    year = forms.read_year(request.args, clock.local_year(clock.now()))
    text = forms.read_text(request.form, "text")
    objections.file_objection(actor(), year=year, entry_id=None, text=text, now=clock.now())
    flash(_("Your objection has been filed. The answer will stand here."), "success")
    return redirect(url_for("years.my_year", year=year))


@blueprint.get("/my-year/claims/new")
@ability("study.learn")
def claim_form() -> str:
    """The form for a claim."""
    return _claim_page({})


def _claim_page(errors: Errors) -> str:
    year = forms.read_year(request.args, clock.local_year(clock.now()))
    rule = hours.rule_for(actor().unit_path, year, settings())
    return render_template(
        "years/claim.html", year=year, rule=rule, values=request.form, errors=errors,
        options=[(kind, SOURCES[kind]) for kind in rule.kinds],
    )  # fmt: skip


@blueprint.post("/my-year/claims/new")
@ability("study.learn")
def file_claim() -> AnyResponse:
    """Files a claim with its document."""
    show_again(_claim_page)
    year = forms.read_year(request.args, clock.local_year(clock.now()))
    file = request.files.get("document")
    document = file.read() if file else b""
    claims.file_claim(
        actor(), forms.read_claim(request.form, year), document, (file.filename if file else "") or "",
        now=clock.now(), settings=settings(),
    )  # fmt: skip
    flash(_("Your claim has been filed and waits for your department."), "success")
    return redirect(url_for("years.my_year", year=year))


@blueprint.post("/my-year/claims/<int:claim_id>/withdraw")
@ability("study.learn")
def withdraw_claim(claim_id: int) -> AnyResponse:
    """Takes a claim back."""
    claims.withdraw_claim(actor(), claim_id, now=clock.now())
    flash(_("The claim has been withdrawn."), "success")
    return redirect(url_for("years.my_year"))


@blueprint.get("/claims/<int:claim_id>/document")
@ability("study.learn")
def claim_document(claim_id: int) -> Response:
    """The document of a claim, for its person and those who decide."""
    claim = cases.claim_for(actor(), claim_id)
    path = claims.document_path(settings().data_dir, claim.document)
    if not path.exists():
        raise NotFound("years.no_document")
    headers = {
        "Content-Disposition": f'attachment; filename="{claim.id}.{claim.document_kind}"',
        "Cache-Control": "no-store",
    }
    return Response(path.read_bytes(), mimetype=_MIMES[claim.document_kind], headers=headers)


@blueprint.get("/my-year/questions/<int:anomaly_id>")
@ability("study.learn")
def question(anomaly_id: int) -> str:
    """A question about one's own record, with the answer so far."""
    return _question_page(anomaly_id, {})


def _question_page(anomaly_id: int, errors: Errors) -> str:
    found = cases.own_anomaly(actor(), anomaly_id)
    return render_template("years/question.html", anomaly=found, errors=errors, **words())


@blueprint.post("/my-year/questions/<int:anomaly_id>")
@ability("study.learn")
def reply(anomaly_id: int) -> AnyResponse:
    """Answers a question."""
    show_again(lambda errors: _question_page(anomaly_id, errors))
    reviewing.reply_to(actor(), anomaly_id, forms.read_text(request.form, "text"), now=clock.now())
    flash(_("Your answer has been added."), "success")
    return redirect(url_for("years.question", anomaly_id=anomaly_id))
