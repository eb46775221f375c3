"""The tree changes: each act is shown with what it would touch, then confirmed with a reason."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.kernel.errors import Invalid
from learnhub.org import actions, queries
from learnhub.org.guard import ability, actor
from learnhub.org.models import Unit
from learnhub.org.rules import NewUnit, level_named
from learnhub.org.views.blueprint import blueprint

_ACTS = "/units/<int:unit_id>/<any(rename,move,merge,split,retire,restore):act>"


@blueprint.get(_ACTS)
@ability("people.manage")
def ask_reorganise(unit_id: int, act: str) -> str:
    """What the act would touch, and the form that confirms it."""
    return _act_page(unit_id, act, {})


def _act_page(unit_id: int, act: str, errors: Errors) -> str:
    target = request.values.get("target", None, type=int)
    shown = queries.preview_of(actor(), unit_id, target, with_lists=act == "split")
    text = request.args.get("q", "")[:80]
    return render_template(
        "org/unit_act.html",
        act=act,
        shown=shown,
        above=queries.ancestors_for(actor(), shown.unit.path),
        q=text,
        found=queries.find_candidates(actor(), text, shown.unit.kind, but=unit_id),
        errors=errors,
    )


@blueprint.post(_ACTS)
@ability("people.manage")
def reorganise(unit_id: int, act: str) -> AnyResponse:
    """Does it."""
    show_again(lambda errors: _act_page(unit_id, act, errors))
    unit = _DO[act](unit_id, request.form.get("reason", "").strip()[:300])
    flash(_("The tree has been changed."), "success")
    return redirect(url_for("org.show_unit", unit_id=unit.id))


def _target() -> int:
    target = request.form.get("target", None, type=int)
    if target is None:
        raise Invalid("org.field_empty", fields={"target": "org.field_empty"})
    return target


def _split(unit_id: int, reason: str) -> Unit:
    form = request.form
    new = NewUnit(form.get("code", ""), "", level_named("group"), form.get("name", ""))
    chosen = {name: form.getlist(name, type=int) for name in ("people", "children", "stations")}
    return actions.split_unit(actor(), unit_id, new, **chosen, reason=reason, now=clock.now())


_DO = {
    "rename": lambda unit_id, reason: actions.rename_unit(
        actor(), unit_id, request.form.get("name", ""), reason=reason, now=clock.now()
    ),
    "move": lambda unit_id, reason: actions.move_unit(actor(), unit_id, _target(), reason=reason, now=clock.now()),
    "merge": lambda unit_id, reason: actions.merge_units(actor(), unit_id, _target(), reason=reason, now=clock.now()),
    "split": _split,
    "retire": lambda unit_id, reason: actions.retire_unit(actor(), unit_id, reason=reason, now=clock.now()),
    "restore": lambda unit_id, reason: actions.restore_unit(actor(), unit_id, reason=reason, now=clock.now()),
}


@blueprint.route("/units/<int:unit_id>/new", methods=["GET", "POST"])
@ability("people.manage")
def new_unit(unit_id: int) -> str | AnyResponse:
    """A form for a unit below this one."""
    show_again(lambda errors: _new_unit_page(unit_id, errors))
    if request.method == "GET":
        return _new_unit_page(unit_id, {})
    parent, form = queries.unit_for(actor(), unit_id, "people.manage"), request.form
    level = next((one for one in queries.levels_below(parent) if one.value == form.get("level")), None)
    if level is None:
        raise Invalid("org.level_wrong", fields={"level": "org.level_wrong"})
    new = NewUnit(form.get("code", ""), parent.code, level, form.get("name", ""))
    unit = actions.add_unit(actor(), new, now=clock.now())
    flash(_("The unit has been added."), "success")
    return redirect(url_for("org.show_unit", unit_id=unit.id))


def _new_unit_page(unit_id: int, errors: Errors) -> str:
    parent = queries.unit_for(actor(), unit_id, "people.manage")
    above = queries.ancestors_for(actor(), parent.path)
    return render_template(
        "org/unit_new.html", parent=parent, above=above, levels=queries.levels_below(parent), errors=errors
    )


@blueprint.route("/units/<int:unit_id>/stations/new", methods=["GET", "POST"])
@ability("people.manage")
def new_station(unit_id: int) -> str | AnyResponse:
    """A form for a station of this unit."""
    show_again(lambda errors: _station_page(unit_id, None, errors))
    if request.method == "GET":
        return _station_page(unit_id, None, {})
    form = request.form
    actions.add_station(actor(), form.get("station_no", ""), form.get("name", ""), unit_id, now=clock.now())
    flash(_("The station has been added."), "success")
    return redirect(url_for("org.list_stations", unit=unit_id))


@blueprint.route("/stations/<int:station_id>/edit", methods=["GET", "POST"])
@ability("people.manage")
def edit_station(station_id: int) -> str | AnyResponse:
    """Another name for a station; closing it, opening it again."""
    station = queries.station_for(actor(), station_id, "people.manage")
    show_again(lambda errors: _station_page(station.unit_id, station_id, errors))
    if request.method == "GET":
        return _station_page(station.unit_id, station_id, {})
    form = request.form
    actions.change_station(
        *(actor(), station_id, form.get("name", "")),
        is_open=form.get("state") != "closed",
        reason=form.get("reason", "").strip(),
        now=clock.now(),
    )
    flash(_("The station has been changed."), "success")
    return redirect(url_for("org.list_stations", unit=station.unit_id))


def _station_page(unit_id: int, station_id: int | None, errors: Errors) -> str:
    unit = queries.unit_for(actor(), unit_id, "people.manage")
    station = queries.station_for(actor(), station_id, "people.manage") if station_id else None
    above = queries.ancestors_for(actor(), unit.path)
    return render_template("org/station_edit.html", unit=unit, station=station, above=above, errors=errors)
