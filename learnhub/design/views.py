"""The gallery of components, the choice of language and of type size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request

from learnhub.design import samples
from learnhub.design.i18n import COOKIE_SECONDS, _, _p, as_locale, choose_locale
from learnhub.design.navigation import here

blueprint = Blueprint("design", __name__, template_folder="templates")
View = TypeVar("View", bound=Callable[..., object])
TEXT_SIZES = ("normal", "large")
TEXT_SIZE_COOKIE = "type"


def public(view: View) -> View:
    """Mark a view as open to anybody; the guard of ``org`` looks for the same attribute."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def local_path(address: str | None) -> str:
    """The path and query of an address on this site; ``/`` for anything that would lead elsewhere."""
    address = address or ""
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return "/"
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def return_address() -> str:
    """Where to come back to after changing language or type size: this page, or the page whose form led here."""
    if request.method in ("GET", "HEAD"):
        return here()
    own = request.host_url
    referrer = request.referrer or ""
    return local_path("/" + referrer[len(own) :]) if referrer.startswith(own) else "/"


def text_size() -> str:
    """``normal`` or ``large``, as remembered by the browser."""
    size = request.cookies.get(TEXT_SIZE_COOKIE, "normal")
    return size if size in TEXT_SIZES else "normal"


def product_name() -> str:
    """The name at the top of every page: the setting PRODUCT_NAME, else the usual one."""
    return current_app.config.get("PRODUCT_NAME") or _p("product", "LearnHub")


@blueprint.post("/language")
@public
def choose_language() -> Response:
    """Keep the chosen language and go back to the page."""
    locale = as_locale(request.form.get("lang"))
    if locale is None:
        abort(400)
    return choose_locale(locale, redirect(local_path(request.form.get("next")), 303))  # type: ignore[arg-type]


@blueprint.post("/text-size")
@public
def choose_text_size() -> Response:
    """Keep the chosen type size in the browser and go back to the page."""
    size = request.form.get("size", "")
    if size not in TEXT_SIZES:
        abort(400)
    response: Response = redirect(local_path(request.form.get("next")), 303)  # type: ignore[assignment]
    response.set_cookie(
        TEXT_SIZE_COOKIE, size, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure
    )
    return response


@blueprint.get("/gallery")
@public
def gallery() -> str:
    """Every component, with long, empty and refused content."""
    return render_template("design/gallery.html", **samples.for_gallery())


@blueprint.get("/gallery/job")
@public
def gallery_job() -> dict[str, object]:
    """A finished job, for the gallery's progress bar."""
    return {"state": "done", "done": 12, "total": 12, "message": _("Ready.")}


def install(app: Flask) -> None:
    """Give the layout the product's name, the type size and the way back."""
    app.jinja_env.globals.update(product_name=product_name, text_size=text_size, return_address=return_address)
