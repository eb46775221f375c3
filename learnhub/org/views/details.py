"""One person by hand: adding somebody, and correcting name, staff number, rank and post."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _, current_locale
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.org import actions, queries
from learnhub.org.guard import ability, actor
from learnhub.org.queries.roster import place_named
from learnhub.org.roster.forms import read_details
from learnhub.org.views.blueprint import blueprint


@blueprint.get("/people/new")
@ability("people.manage")
def new_person() -> str:
    """The form for somebody new; ``?unit=`` fills in the unit."""
    return _new_page({})


def _new_page(errors: Errors) -> str:
    unit_id = request.args.get("unit", None, type=int)
    unit = queries.unit_for(actor(), unit_id, "people.manage") if unit_id else None
    return render_template(
        "org/person_new.html", errors=errors, unit=unit, ranks=queries.list_ranks(), english=current_locale() == "en"
    )


@blueprint.post("/people/new")
@ability("people.manage")
def add_person() -> AnyResponse:
    """Adds somebody and goes to their page."""
    show_again(_new_page)
    details = read_details(request.form)
    place = place_named(actor(), request.form.get("unit", "")[:300])
    new = actions.NewPerson(details.name, place.id, details.staff_no, details.rank, details.duty)
    person = actions.add_person(actor(), new, now=clock.now())
    flash(_("%(name)s has been added.", name=person.name), "success")
    return redirect(url_for("org.show_person", person_id=person.id))


@blueprint.get("/people/<int:person_id>/details")
@ability("people.manage")
def edit_person(person_id: int) -> str:
    """The form to correct a person's name, staff number, rank and post."""
    return _edit_page(person_id, {})


def _edit_page(person_id: int, errors: Errors) -> str:
    person = queries.person_for(actor(), person_id, "people.manage")
    return render_template(
        "org/person_edit.html",
        errors=errors,
        person=person,
        ranks=queries.list_ranks(),
        english=current_locale() == "en",
    )


@blueprint.post("/people/<int:person_id>/details")
@ability("people.manage")
def change_person(person_id: int) -> AnyResponse:
    """Takes the corrected details."""
    show_again(lambda errors: _edit_page(person_id, errors))
    reason = request.form.get("reason", "")
    actions.change_person(actor(), person_id, read_details(request.form), reason=reason, now=clock.now())
    flash(_("The change has been saved."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))
