"""The page of results and the list of searches that found nothing."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for

from learnhub.design.navigation import here
from learnhub.kernel import clock
from learnhub.org.guard import ability, actor
from learnhub.search import actions, queries
from learnhub.search.analyse import read_query
from learnhub.search.forms import read_asked
from learnhub.search.index import bound
from learnhub.search.messages import ALL, KIND_OF_ONE, KINDS
from learnhub.search.queries import Hits

blueprint = Blueprint("search", __name__, template_folder="templates")


@blueprint.get("/search")
@ability("search.find")
def results() -> str | Response:
    """What may be seen of what matches ``q``; signs that no page may hold are taken out of the address first."""
    asked = read_asked(request.args)
    if not asked.text.isprintable():
        return redirect(url_for("search.results", q=read_query(asked.text).text))  # type: ignore[return-value]
    hits = queries.search(actor(), asked, index=bound())
    if hits.is_degraded:
        actions.request_rebuild(now=clock.now())
    elif hits.is_miss:
        actions.record_miss(hits.query.text, now=clock.now())
    return render_template(
        "search/results.html", asked=asked, hits=hits, chips=_chips(asked.kind, hits), kind_of_one=KIND_OF_ONE
    )


@blueprint.get("/search/misses")
@ability("catalog.edit")
def misses() -> str:
    """What people looked for in vain, for those who make courses."""
    return render_template("search/misses.html", misses=queries.list_misses())


def _chips(chosen: str, hits: Hits) -> list[tuple[object, str, bool, int]]:
    counts = hits.counts.get("kind", {})
    shown = [
        (KINDS[kind], here(kind=str(kind), page=None), chosen == kind, counts[kind]) for kind in KINDS if kind in counts
    ]
    return [(ALL, here(kind=None, page=None), not chosen, sum(counts.values())), *shown]
