"""Signing in with the account of another system, and linking it with one's own."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from learnhub.config import Settings
from learnhub.design.i18n import _, current_locale
from learnhub.design.refused import show_again
from learnhub.kernel import clock
from learnhub.kernel.errors import Invalid, NotFound
from learnhub.kernel.signing import read_signed, sign
from learnhub.org import actions, oidc, signed_in
from learnhub.org.guard import ability, actor, public
from learnhub.org.views.accounts import account_page, go_on, login_page
from learnhub.org.views.blueprint import blueprint
from learnhub.org.views.people import person_page

_ERRAND = "errand"
_LINK = "outside-link"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings


def _provider() -> oidc.Provider:
    provider = oidc.provider_of(_settings())
    if provider is None:
        raise NotFound("org.no_provider")
    return provider


def link_proof() -> str:
    """What the button "link" of one's own account page carries, so that no other site can press it."""
    told = {"session": signed_in.open_session().id}
    expires = clock.now() + timedelta(hours=1)
    return sign(told, purpose=_LINK, key=_settings().secret_key, expires=expires)


def _wants_link() -> bool:
    proof = request.args.get("link", "")
    if not proof:
        return False
    told = read_signed(proof, purpose=_LINK, key=_settings().secret_key, now=clock.now())
    if told is None or not current_user.is_authenticated or told["session"] != signed_in.open_session().id:
        raise Invalid("org.provider_again")
    return True


@blueprint.get("/login/provider")
@public
def go_to_provider() -> AnyResponse:
    """Sends the browser to the provider, to sign in or (from one's own account page) to link."""
    show_again(login_page)
    wants_link = _wants_link()
    address, errand = oidc.leave_for(_provider(), _return_address(), language=current_locale().replace("_", "-"))
    session[_ERRAND] = {**asdict(errand), "next": request.args.get("next", "")[:500], "link": wants_link}
    return redirect(address)


def _return_address() -> str:
    return url_for("org.back_from_provider", _external=True)


@blueprint.get("/login/provider/back")
@public
def back_from_provider() -> AnyResponse:
    """The browser is back from the provider: signs in, or links."""
    kept: dict[str, Any] = session.pop(_ERRAND, None) or {}
    wants_link = bool(kept.get("link")) and current_user.is_authenticated
    show_again(account_page if wants_link else login_page)
    errand = oidc.Errand(kept["state"], kept["nonce"], kept["verifier"]) if kept else None
    now, provider = clock.now(), _provider()
    identity = oidc.come_back(provider, request.args, errand, _return_address(), now=now)
    if wants_link:
        actions.link_outside(actor(), identity, now=now)
        flash(_("From now on you can also sign in by %(label)s.", label=provider.label), "success")
        return redirect(url_for("org.account"))
    if kept["link"]:
        raise Invalid("org.provider_again")
    token = actions.sign_in_outside(
        identity,
        label=provider.label,
        policy=signed_in.policy(),
        address=signed_in.address(),
        browser=request.user_agent.string,
        is_shared=signed_in.is_shared_computer(),
        now=now,
    )
    awaits_code = signed_in.remember(token)
    session[signed_in.OUTSIDE] = True
    if awaits_code:
        return redirect(url_for("org.enter_code", next=kept["next"]))
    return go_on(token, kept["next"])


@blueprint.post("/account/outside-login/end")
@ability("own.use")
def unlink_own() -> AnyResponse:
    """Ends the link of one's own account."""
    actions.unlink_outside(actor(), _provider().issuer, now=clock.now())
    flash(_("The link has been taken away."), "success")
    return redirect(url_for("org.account"))


@blueprint.post("/people/<int:person_id>/outside-login")
@ability("people.reset")
def link_person(person_id: int) -> AnyResponse:
    """Links somebody's account by the provider's lasting name for them."""
    show_again(lambda errors: person_page(person_id, errors))
    subject = request.form.get("subject", "")[:1000]
    actions.link_outside_for(actor(), person_id, _provider().issuer, subject, now=clock.now())
    flash(_("The accounts are linked."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/outside-login/end")
@ability("people.reset")
def unlink_person(person_id: int) -> AnyResponse:
    """Ends somebody's link."""
    actions.unlink_outside_for(actor(), person_id, _provider().issuer, now=clock.now())
    flash(_("The link has been taken away."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))
