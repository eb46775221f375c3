"""One's own second step: setting it up with a QR code, recovery codes, turning it off; taking a lost one away."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.org import actions, queries, second_step, signed_in
from learnhub.org.guard import ability, actor
from learnhub.org.views.accounts import no_store
from learnhub.org.views.blueprint import blueprint


@blueprint.get("/account/second-step", endpoint="second_step")
@ability("own.use")
def show_set_up() -> AnyResponse:
    """The QR code to read with an authenticator app, and the field for the first code."""
    if signed_in.open_session().has_code:
        return redirect(url_for("org.manage_second_step"))
    return no_store(_set_up_page({}))


@blueprint.post("/account/second-step")
@ability("own.use")
def set_up_second_step() -> AnyResponse:
    """Turns the second step on when the code is right, and shows the recovery codes this once."""
    show_again(_set_up_page)
    codes = actions.confirm_second_factor(
        actor(),
        request.form.get("code", "")[:40],
        policy=signed_in.policy(),
        secrets=signed_in.secrets(),
        session_id=signed_in.open_session().id,
        now=clock.now(),
    )
    return _codes_page(codes)


def _set_up_page(errors: Errors) -> str:
    key = actions.begin_second_factor(actor(), secrets=signed_in.secrets(), now=clock.now())
    account = queries.account_of(actor().person_id)
    address = second_step.address_of(key, username=account.username if account else "", issuer="LearnHub")
    # The drawing is made of the key alone by the program itself: nothing that anybody typed is in it.
    picture = Markup(second_step.picture_of(address))  # noqa: S704
    is_required = signed_in.must_have_code(actor())
    return render_template("org/second_step.html", errors=errors, key=key, picture=picture, is_required=is_required)


def _codes_page(codes: list[str]) -> Response:
    account = queries.account_of(actor().person_id)
    return no_store(render_template("org/recovery_codes.html", codes=codes, account=account))


@blueprint.get("/account/second-step/manage")
@ability("own.use")
def manage_second_step() -> str | AnyResponse:
    """New recovery codes, and turning the second step off."""
    return _manage_page({}) if signed_in.open_session().has_code else redirect(url_for("org.second_step"))


def _manage_page(errors: Errors) -> str:
    left = queries.count_recovery_codes(actor().person_id)
    is_required = signed_in.must_have_code(actor())
    return render_template("org/second_step_manage.html", errors=errors, left=left, is_required=is_required)


@blueprint.post("/account/second-step/codes")
@ability("own.use")
def renew_recovery_codes() -> AnyResponse:
    """Makes new recovery codes and shows them this once."""
    show_again(_manage_page)
    password = request.form.get("password", "")[:1000]
    codes = actions.renew_recovery_codes(actor(), password, policy=signed_in.policy(), now=clock.now())
    return _codes_page(codes)


@blueprint.post("/account/second-step/end")
@ability("own.use")
def end_second_step() -> AnyResponse:
    """Turns one's own second step off."""
    show_again(_manage_page)
    actions.end_second_factor(
        actor(),
        request.form.get("password", "")[:1000],
        is_required=signed_in.must_have_code(actor()),
        policy=signed_in.policy(),
        now=clock.now(),
    )
    flash(_("The second step is off."), "success")
    return redirect(url_for("org.account"))


@blueprint.post("/people/<int:person_id>/second-step/end")
@ability("people.reset")
def reset_second_factor(person_id: int) -> AnyResponse:
    """Takes a lost second step away from somebody below."""
    actions.reset_second_factor(actor(), person_id, now=clock.now())
    flash(_("The second step has been taken away; the person sets it up anew."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))
