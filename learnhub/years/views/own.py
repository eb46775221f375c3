"""One's own year and the evidence behind each hour."""

from __future__ import annotations

from flask import render_template, request

from learnhub.kernel import clock
from learnhub.org.guard import ability, actor
from learnhub.study import hours
from learnhub.study import queries as study
from learnhub.study.words import SOURCES
from learnhub.years import forms
from learnhub.years.views.blueprint import blueprint, settings


@blueprint.get("/my-year")
@ability("study.learn")
def my_year() -> str:
    """Hours of a year: by kind, what is required, what is missing, and the entries."""
    me, now = actor(), clock.now()
    chosen = forms.read_year(request.args, clock.local_year(now))
    years = study.years_of(me.person_id, now)
    return render_template(
        "years/my_year.html",
        year=study.year_of(me.person_id, chosen, settings=settings()),
        years=years if chosen in years else sorted({*years, chosen}, reverse=True),
        today=clock.local_date(now),
        sources=SOURCES,
        unfinished=study.list_unfinished(me, 3),
    )


@blueprint.get("/my-year/entries/<int:entry_id>")
@ability("study.learn")
def entry(entry_id: int) -> str:
    """The evidence behind one entry of the ledger."""
    shown = study.entry_for(actor(), entry_id)
    return render_template(
        "years/entry.html", entry=shown, evidence=shown.evidence, sources=SOURCES, rule=hours.rule_stamped(shown.rule)
    )
