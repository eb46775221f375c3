"""Roles: what each may do, and who holds which over what."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.org import actions, forms, queries
from learnhub.org.abilities import ABILITIES, OF_EVERYBODY, ROLES
from learnhub.org.guard import ability, actor
from learnhub.org.views.blueprint import blueprint
from learnhub.org.views.downloads import sheet_response


@blueprint.get("/roles")
@ability("people.view")
def list_roles() -> str:
    """Which role holds which power: made from the program's own table."""
    return render_template("org/roles.html", roles=ROLES, abilities=ABILITIES, of_everybody=OF_EVERYBODY)


@blueprint.get("/grants")
@ability("audit.read")
def list_grants() -> str:
    """The roles given over units in one's part of the tree."""
    return _grants_page({})


def _grants_page(errors: Errors) -> str:
    now, wanted = clock.now(), forms.read_grant_filter(request.args)
    return render_template(
        "org/grants.html",
        errors=errors,
        wanted=wanted,
        values=forms.grant_values(wanted),
        unit=queries.unit_for(actor(), wanted.unit_id, "audit.read") if wanted.unit_id else None,
        found=queries.list_grants(actor(), wanted, now=now, page=forms.page_number(request.args)),
        soon=queries.count_ending_soon(actor(), now),
        roles=[role for role in ROLES if role != "learner"],
    )


@blueprint.get("/grants.csv", defaults={"file_format": "csv"})
@blueprint.get("/grants.xlsx", defaults={"file_format": "xlsx"})
@ability("audit.read")
def download_grants(file_format: str) -> Response:
    """The same list as a spreadsheet."""
    wanted = forms.read_grant_filter(request.args)
    headings = [
        *(_("Name"), _("Staff number"), _("Role"), _("Over"), _("Given by"), _("Since"), _("Until")),
    ]
    rows = (
        (
            *(row.name, row.staff_no, str(ROLES[row.role][0]), row.place, row.granted_by),
            clock.local_date(row.starts_at).isoformat(),
            clock.local_date(row.ends_at).isoformat() if row.ends_at else "",
        )
        for row in queries.stream_grants(actor(), wanted, now=clock.now())
    )
    return sheet_response(file_format, headings, rows, "roles")


@blueprint.post("/grants/<int:grant_id>/end")
@ability("roles.grant")
def end_grant(grant_id: int) -> AnyResponse:
    """Takes a role away, from the list."""
    show_again(_grants_page)
    actions.revoke_role(actor(), grant_id, now=clock.now())
    flash(_("The role has ended."), "success")
    return redirect(url_for("org.list_grants", **forms.grant_values(forms.read_grant_filter(request.args))))
