"""Signing in and out, the password, one's own account."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design import navigation
from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.org import actions, forms, kept_form, oidc, queries, signed_in
from learnhub.org.guard import ability, actor, public
from learnhub.org.rules import is_local_path
from learnhub.org.views.blueprint import blueprint


@blueprint.get("/login")
@public
def login() -> str | AnyResponse:
    """The form to sign in; who is signed in already goes on."""
    if current_user.is_authenticated:
        return redirect(_next_page(request.values.get("next", "")))
    return login_page({})


@blueprint.post("/login")
@public
def sign_in() -> AnyResponse:
    """Signs in and goes to the page that was asked for."""
    show_again(login_page)
    token = actions.sign_in(
        request.form.get("username", ""),
        request.form.get("password", "")[:1000],
        policy=signed_in.policy(),
        address=signed_in.address(),
        browser=request.user_agent.string,
        is_shared=request.form.get("shared") == "1",
        known=signed_in.known_browser(),
        now=clock.now(),
    )
    if signed_in.remember(token):
        if request.form.get("kept"):
            return no_store(_code_page({}))
        return redirect(url_for("org.enter_code", next=request.form.get("next", "")))
    return go_on(token, request.form.get("next", ""))


def go_on(token: str, target: str) -> AnyResponse:
    """The way on after signing in: to the form that was kept, to the page that was asked for, or home."""
    kept = kept_form.read(request.form.get("kept", ""), account_id=current_user.account_id)
    is_held_up = current_user.must_change or signed_in.lacks_second_step()
    answer: AnyResponse = redirect(_next_page(target))
    if kept is not None and not is_held_up:
        answer = no_store(render_template("org/kept_form.html", kept=kept))
    signed_in.mark_browser(answer, token)
    return answer


@blueprint.get("/login/code")
@public
def enter_code() -> str | AnyResponse:
    """Asks for the code of the second step; without a right password before, back to the log-in."""
    return _code_page({}) if signed_in.pending_token() else redirect(url_for("org.login"))


@blueprint.post("/login/code")
@public
def pass_code() -> AnyResponse:
    """Opens the session when the code is right."""
    show_again(_code_page)
    token = actions.pass_second_step(
        signed_in.pending_token(),
        request.form.get("code", "")[:40],
        policy=signed_in.policy(),
        secrets=signed_in.secrets(),
        address=signed_in.address(),
        now=clock.now(),
    )
    signed_in.remember(token)
    return go_on(token, request.form.get("next", ""))


def _code_page(errors: Errors) -> str:
    kept = request.form.get("kept", "")
    return render_template("org/enter_code.html", errors=errors, next=request.values.get("next", ""), kept=kept)


def form_too_late() -> AnyResponse | None:
    """The answer to a form that came after its session had ended: the log-in, or, signed in anew elsewhere, the form.

    None where nothing may be kept; for the error handler.
    """
    kept = kept_form.keep()
    if not kept:
        return None
    if current_user.is_authenticated:
        form = kept_form.read(kept, account_id=current_user.account_id)
        page = render_template("org/kept_form.html", kept=form) if form else None
        status = 409
    else:
        again = _("You were signed out in the meantime. Sign in with your password: what you typed is kept.")
        page, status = login_page({"": again}, kept=kept), 401
    return Response(page, status, mimetype="text/html", headers={"Cache-Control": "no-store"}) if page else None


def login_page(errors: Errors, kept: str = "") -> str:
    """The page to sign in, with what was refused."""
    provider = signed_in.provider()
    has_left = provider is not None and request.args.get("left") == "1"
    return render_template(
        "org/login.html",
        errors=errors,
        username=request.form.get("username", "") if not kept else "",
        next=request.values.get("next", ""),
        policy=signed_in.policy(),
        provider=provider,
        kept=kept or request.form.get("kept", ""),
        leaving=oidc.leaving_address(provider, url_for("org.login", _external=True)) if provider and has_left else None,
        is_shared=request.form.get("shared") == "1" if request.form else signed_in.is_shared_computer(),
    )


def _next_page(target: str) -> str:
    return target if is_local_path(target) else navigation.address("home") or url_for("org.account")


@blueprint.post("/logout")
@public
def logout() -> AnyResponse:
    """Ends the session on the server and empties the cookie; who is not signed in just goes to the log-in."""
    if current_user.is_authenticated:
        actions.sign_out(actor(), signed_in.open_session().id, now=clock.now())
    is_outside = signed_in.provider() is not None and signed_in.OUTSIDE in session
    signed_in.forget()
    return redirect(url_for("org.login", left="1" if is_outside else None))


@blueprint.route("/password", methods=["GET", "POST"])
@ability("own.use")
def password() -> str | AnyResponse:
    """Changes one's own password; the other sessions end."""
    show_again(_password_page)
    if request.method == "GET":
        return _password_page({})
    form = forms.read_password(request.form)
    session_id = signed_in.open_session().id
    actions.change_password(
        actor(), form.old, form.new, policy=signed_in.policy(), session_id=session_id, now=clock.now()
    )
    flash(_("Your password has been changed."), "success")
    return redirect(_next_page(request.values.get("next", "")))


def _password_page(errors: Errors) -> str:
    is_first = signed_in.open_session().must_change
    length = signed_in.policy().password_length
    return render_template("org/password.html", errors=errors, is_first=is_first, length=length)


@blueprint.get("/account")
@ability("own.use")
def account() -> str:
    """One's own account: who one is, what one may do, where one is signed in, language and type size."""
    return account_page({})


def account_page(errors: Errors) -> str:
    """The page of one's own account, with what was refused."""
    own, now = actor(), clock.now()
    person = queries.get_person(own.person_id)
    provider = signed_in.provider()
    return render_template(
        "org/account.html",
        errors=errors,
        provider=provider,
        outside=queries.outside_login_of(own.person_id, provider.issuer) if provider else None,
        person=person,
        account=queries.account_of(own.person_id),
        units=queries.ancestors(person.unit.path),
        roles=queries.roles_of(own.person_id, now),
        sessions=queries.list_sessions(own, policy=signed_in.policy(), now=now),
        present=signed_in.open_session().id,
        has_code=signed_in.open_session().has_code,
        is_shared=signed_in.is_shared_computer(),
    )


@blueprint.post("/account/this-computer")
@ability("own.use")
def say_shared() -> AnyResponse:
    """Keeps with this browser whether several people use the computer: it is then the default at log-in."""
    answer = redirect(url_for("org.account"))
    signed_in.say_shared(answer, is_shared=request.form.get("shared") == "1")
    flash(_("This computer will remember that."), "success")
    return answer


@blueprint.post("/account/sessions/<int:session_id>/end")
@ability("own.use")
def end_session(session_id: int) -> AnyResponse:
    """Ends one of one's own sessions."""
    actions.sign_out(actor(), session_id, now=clock.now())
    flash(_("That browser is signed out now."), "success")
    return redirect(url_for("org.account"))


@blueprint.post("/account/sessions/end")
@ability("own.use")
def end_other_sessions() -> AnyResponse:
    """Ends all of one's own sessions but this one."""
    actions.sign_out_everywhere(actor(), but=signed_in.open_session().id, now=clock.now())
    flash(_("You are signed out everywhere else now."), "success")
    return redirect(url_for("org.account"))


def no_store(page: str) -> Response:
    """A page that no cache and no back button may keep."""
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})
