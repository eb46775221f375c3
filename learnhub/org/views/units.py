"""The tree and its stations."""

from __future__ import annotations

from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.kernel import clock
from learnhub.org import forms, queries
from learnhub.org.guard import ability, actor
from learnhub.org.models import Unit
from learnhub.org.scope import may
from learnhub.org.views.blueprint import blueprint


@blueprint.get("/units")
@ability("people.view")
def list_units() -> str | AnyResponse:
    """The parts of the tree that are one's own, or the units that match a search."""
    wanted = request.args.get("q", "")[:80]
    if wanted.strip():
        found = queries.list_units(actor(), wanted, forms.page_number(request.args))
        return render_template(
            "org/units_found.html", q=wanted, found=found, places=queries.names_along(unit.path for unit in found.items)
        )
    roots = queries.roots_for(actor())
    if len(roots) == 1:
        return redirect(url_for("org.show_unit", unit_id=roots[0].id))
    return render_template("org/units.html", roots=roots)


@blueprint.get("/units/<int:unit_id>")
@ability("people.view")
def show_unit(unit_id: int) -> str:
    """A unit: where it stands, what stands below it, how many stations and people it has; with ``as_of`` on a day."""
    unit = queries.unit_for(actor(), unit_id)
    if day := forms.read_day(request.args.get("as_of", "")):
        return _unit_as_of(unit, day)
    return render_template(
        "org/unit.html",
        unit=unit,
        above=queries.ancestors_for(actor(), unit.path)[:-1],
        below=queries.look_below(unit),
        changes=queries.changes_of_unit(actor(), unit_id),
        may_manage=may(actor(), "people.manage", unit.path),
        may_reset=may(actor(), "people.reset", unit.path),
        may_place=unit.parent_id is not None and may(actor(), "people.manage", unit.parent.path),
        today=clock.local_date(clock.now()),
    )


def _unit_as_of(unit: Unit, day: date) -> str:
    tree, whole, below = queries.figures_as_of(actor(), unit.id, day)
    return render_template(
        "org/unit_as_of.html",
        unit=unit,
        day=day,
        way=" / ".join(one.name for one in tree.way(unit.id)),
        whole=whole,
        below=below,
        above=queries.ancestors_for(actor(), unit.path),
    )


@blueprint.get("/stations")
@ability("people.view")
def list_stations() -> str:
    """The stations of one's own part of the tree."""
    wanted = forms.read_station_filter(request.args)
    return render_template(
        "org/stations.html",
        wanted=wanted,
        unit=queries.unit_for(actor(), wanted.unit_id) if wanted.unit_id else None,
        found=queries.list_stations(actor(), wanted, forms.page_number(request.args)),
        may_manage=actor().can("people.manage"),
    )
