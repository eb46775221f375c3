"""Slips with one-time passwords for a village: choosing the people, and the page to print, which is shown once."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, current_app, render_template, request, url_for
from markupsafe import Markup

from learnhub.config import Settings
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.kernel.ids import new_id
from learnhub.org import actions, forms, queries, second_step
from learnhub.org.guard import ability, actor
from learnhub.org.views.accounts import no_store
from learnhub.org.views.blueprint import blueprint


@blueprint.get("/units/<int:unit_id>/slips")
@ability("people.reset")
def choose_slips(unit_id: int) -> str:
    """The people of the unit, those who have never signed in being chosen."""
    return _choice_page(unit_id, {})


def _choice_page(unit_id: int, errors: Errors) -> str:
    unit = queries.standing_unit_for(actor(), unit_id, "people.reset")
    found = queries.list_slip_candidates(actor(), unit)
    chosen = set(request.form.getlist("person", type=int))
    return render_template(
        "org/slips_choose.html",
        errors=errors,
        unit=unit,
        above=queries.ancestors_for(actor(), unit.path),
        found=found,
        chosen=chosen or {one.person_id for one in found if one.is_new},
        most=queries.MOST_SLIPS,
        below=queries.look_below(unit).children if len(found) > queries.MOST_SLIPS else [],
        runs=queries.list_slip_runs(unit),
        key=new_id(),
        days=_settings().slip_days,
    )


@blueprint.post("/units/<int:unit_id>/slips")
@ability("people.reset")
def print_slips(unit_id: int) -> Response:
    """Makes the passwords and shows the page to print; it is shown this once."""
    show_again(lambda errors: _choice_page(unit_id, errors))
    now = clock.now()
    form = forms.read_slips(request.form)
    last_day = clock.local_date(now) + timedelta(days=_settings().slip_days)
    ends_at = clock.instant(last_day + timedelta(days=1))
    slips = actions.make_slips(actor(), unit_id, form.person_ids, key=form.key, ends_at=ends_at, now=now)
    site = url_for("org.login", _external=True)
    # The drawing is made of our own address alone by the program itself: nothing that anybody typed is in it.
    picture = Markup(second_step.small_picture_of(site))  # noqa: S704
    page = render_template(
        "org/slips.html", slips=slips, unit_id=unit_id, site=site, picture=picture, last_day=last_day
    )
    return no_store(page)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings
