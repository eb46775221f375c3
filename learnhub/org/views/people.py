"""People: list, page, roles, passwords."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _, current_locale
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.org import actions, forms, queries, signed_in
from learnhub.org.guard import ability, actor
from learnhub.org.scope import may, scope_of
from learnhub.org.views.accounts import no_store
from learnhub.org.views.blueprint import blueprint
from learnhub.org.views.downloads import sheet_response


@blueprint.get("/people")
@ability("people.view")
def list_people() -> str:
    """The people of one's own part of the tree."""
    wanted = forms.read_people_filter(request.args)
    unit = queries.unit_for(actor(), wanted.unit_id) if wanted.unit_id else None
    found = queries.list_people(actor(), wanted, forms.page_number(request.args))
    roots = (unit.path,) if unit else scope_of(actor(), "people.view")
    actions.note_list(actor(), "org.list_people", roots, len(found.items), now=clock.now())
    return render_template(
        "org/people.html",
        wanted=wanted,
        unit=unit,
        may_manage=actor().can("people.manage"),
        may_manage_here=unit is not None and may(actor(), "people.manage", unit.path),
        found=found,
        ranks=queries.list_ranks(),
        english=current_locale() == "en",
    )


@blueprint.get("/people.csv", defaults={"file_format": "csv"})
@blueprint.get("/people.xlsx", defaults={"file_format": "xlsx"})
@ability("people.view")
def download_people(file_format: str) -> Response:
    """The same list as a spreadsheet, as long as it may be; importing it again changes nothing."""
    wanted = forms.read_people_filter(request.args)
    english = current_locale() == "en"
    headings = [
        *(_("Record number"), _("Staff number"), _("Name"), _("Unit code"), _("Unit"), _("Rank"), _("Post")),
        *(_("User name"), _("In service"), _("Party branch")),
    ]
    yes, no = _("yes"), _("no")
    people = actions.export_people(
        actor(), wanted, page="org.download_people", file_format=file_format, now=clock.now()
    )
    rows = (
        (
            *(str(row.id), row.staff_no, row.name, row.unit_code, row.place, row.rank_en if english else row.rank),
            *(row.duty, row.username, yes if row.is_active else no, row.branch),
        )
        for row in people
    )
    return sheet_response(file_format, headings, rows, "people")


@blueprint.get("/people/<int:person_id>")
@ability("people.view")
def show_person(person_id: int) -> str:
    """A person: unit, rank, account and roles, and what one may do about them."""
    return person_page(person_id, {})


def person_page(person_id: int, errors: Errors) -> str:
    """The page of a person, with what was refused."""
    provider = signed_in.provider()
    person = queries.person_for(actor(), person_id)
    now = clock.now()
    roles = queries.roles_of(person.id, now)
    return render_template(
        "org/person.html",
        errors=errors,
        person=person,
        above=queries.ancestors_for(actor(), person.unit.path),
        place=queries.names_along([person.unit.path], skip=0)[person.unit.path],
        account=queries.account_of(person.id),
        has_code=queries.has_second_factor(person.id),
        provider=provider,
        outside=queries.outside_login_of(person.id, provider.issuer) if provider else None,
        memberships=queries.memberships_of(actor(), person.id),
        planned=queries.planned_for(person.id),
        merges=queries.merges_of(actor(), person.id),
        roles=roles,
        granting=queries.choices_of_grant(actor(), person, roles),
        may_reset=queries.may_reset(actor(), person, now),
        may_open=queries.is_within_reach(actor(), person, "people.manage"),
        english=current_locale() == "en",
    )


@blueprint.post("/people/<int:person_id>/roles")
@ability("roles.grant")
def grant_role(person_id: int) -> AnyResponse:
    """Gives the person a role."""
    show_again(lambda errors: person_page(person_id, errors))
    form = forms.read_grant(request.form)
    actions.grant_role(actor(), person_id, form.role, form.unit_id, ends_at=form.ends_at, now=clock.now())
    flash(_("The role has been given."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/roles/<int:grant_id>/end")
@ability("roles.grant")
def revoke_role(person_id: int, grant_id: int) -> AnyResponse:
    """Takes a role away."""
    show_again(lambda errors: person_page(person_id, errors))
    actions.revoke_role(actor(), grant_id, now=clock.now())
    flash(_("The role has ended."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/password")
@ability("people.reset")
def reset_password(person_id: int) -> Response:
    """Sets a one-time password and shows it as a slip to print; it is shown this once."""
    show_again(lambda errors: person_page(person_id, errors))
    now = clock.now()
    first = actions.reset_password(actor(), person_id, ends_at=now + signed_in.slips_hold(), now=now)
    return _slip(person_id, first)


@blueprint.post("/people/<int:person_id>/account")
@ability("people.manage")
def open_account(person_id: int) -> Response:
    """Opens an account and shows its first password as a slip to print; it is shown this once."""
    show_again(lambda errors: person_page(person_id, errors))
    now = clock.now()
    first = actions.open_account(actor(), person_id, ends_at=now + signed_in.slips_hold(), now=now)
    return _slip(person_id, first)


def _slip(person_id: int, password: str) -> Response:
    person = queries.get_person(person_id)
    account = queries.account_of(person_id)
    page = render_template("org/slip.html", person=person, account=account, password=password)
    return no_store(page)
