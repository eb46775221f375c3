"""People change their place: transfer, retirement and return, each confirmed with a reason."""

from __future__ import annotations

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.kernel.errors import Invalid
from learnhub.org import actions, queries
from learnhub.org.guard import ability, actor
from learnhub.org.views.blueprint import blueprint

_ACTS = "/people/<int:person_id>/<any(transfer,branch,retire,restore):act>"


@blueprint.get(_ACTS)
@ability("people.manage")
def ask_change_place(person_id: int, act: str) -> str:
    """What would change, and the form that confirms it."""
    return _act_page(person_id, act, {})


def _act_page(person_id: int, act: str, errors: Errors) -> str:
    person = queries.person_for(actor(), person_id, "people.manage")
    target_id, text = request.values.get("target", None, type=int), request.args.get("q", "")[:80]
    target = queries.unit_for(actor(), target_id, "people.manage") if target_id else None
    kind = "party" if act == "branch" else "admin"
    paths = [person.unit.path, *([target.path] if target else [])]
    return render_template(
        "org/person_act.html",
        act=act,
        person=person,
        target=target,
        places=queries.names_along(paths, skip=0),
        above=queries.ancestors_for(actor(), person.unit.path),
        q=text,
        found=queries.find_candidates(actor(), text, kind),
        day=max(clock.local_date(clock.now()), person.since + timedelta(days=1)),
        errors=errors,
    )


@blueprint.post(_ACTS)
@ability("people.manage")
def change_place(person_id: int, act: str) -> AnyResponse:
    """Does it."""
    show_again(lambda errors: _act_page(person_id, act, errors))
    reason = request.form.get("reason", "").strip()[:300]
    if act == "retire":
        actions.retire_person(actor(), person_id, reason=reason, now=clock.now())
    elif act == "restore":
        actions.restore_person(actor(), person_id, reason=reason, now=clock.now())
    else:
        _transfer(person_id, act, reason)
    flash(_("The change has been written down."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))


def _transfer(person_id: int, act: str, reason: str) -> None:
    person = queries.person_for(actor(), person_id, "people.manage")
    target = request.form.get("target", None, type=int)
    if target is None and act == "transfer":
        raise Invalid("org.field_empty", fields={"target": "org.field_empty"})
    unit, branch = (target, person.branch_id) if act == "transfer" else (person.unit_id, target)
    day = _day(request.form.get("day", ""))
    actions.transfer_person(actor(), person_id, unit, branch_id=branch, day=day, reason=reason, now=clock.now())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("org.date_unreadable", fields={"day": "org.date_unreadable"}) from error


@blueprint.post("/people/<int:person_id>/transfer/withdraw")
@ability("people.manage")
def withdraw_transfer(person_id: int) -> AnyResponse:
    """Takes a planned transfer back."""
    actions.withdraw_transfer(actor(), person_id, now=clock.now())
    flash(_("The planned transfer has been withdrawn."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))
