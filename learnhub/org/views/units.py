"""The tree and its stations."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.org import forms, queries
from learnhub.org.guard import ability, actor
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
    """A unit: where it stands, what stands below it, how many stations and people it has."""
    unit = queries.unit_for(actor(), unit_id)
    units, stations, people = queries.count_below(unit.path)
    return render_template(
        "org/unit.html",
        unit=unit,
        above=queries.ancestors_for(actor(), unit.path)[:-1],
        children=queries.children_of(unit),
        counts={"units": units, "stations": stations, "people": people},
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
    )
