"""The main navigation and the person menu: features add their entries, the layout shows those that may be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for

from learnhub.design.i18n import LazyText

MAIN = "main"
PERSON = "person"
ANYBODY = "anybody"
SIGNED_IN = "signed-in"


@dataclass(frozen=True)
class Item:
    """One entry. ``ability`` is an ability's name, or ``ANYBODY`` or ``SIGNED_IN``."""

    name: str
    label: LazyText
    endpoint: str
    ability: str
    order: int
    place: str
    icon: str | None


@dataclass
class Wiring:
    """What the layout asks of the application, which alone knows who is signed in.

    ``person_name`` answers the name to show or None; ``may_use`` whether the present person holds an ability
    anywhere; the endpoints are the pages that the layout links to.
    """

    person_name: Callable[[], str | None] = lambda: None
    may_use: Callable[[str], bool] = lambda ability: False
    home: str | None = None
    sign_in: str | None = None
    sign_out: str | None = None
    search: str | None = None


_items: dict[str, Item] = {}


def add_item(
    name: str, label: LazyText, endpoint: str, ability: str = SIGNED_IN,
    *, order: int = 50, place: str = MAIN, icon: str | None = None,
) -> None:  # fmt: skip
    """Add an entry; adding the same name again replaces it, so that ``register(app)`` may run more than once.

    ``name`` is what a page writes into ``{% set nav = 'courses' %}`` to be marked as current.
    """
    _items[name] = Item(name, label, endpoint, ability, order, place, icon)


def wire(app: Flask, wiring: Wiring) -> None:
    """Give the layout its view of the signed-in person and the addresses of the common pages."""
    app.extensions["learnhub.navigation"] = wiring


def wiring() -> Wiring:
    """The wiring of the present application."""
    found = current_app.extensions.get("learnhub.navigation")
    return found if isinstance(found, Wiring) else Wiring()


def list_items(place: str = MAIN) -> list[Item]:
    """The entries of a place that the present person may use, in order."""
    asked, signed_in = wiring(), person_name() is not None
    shown = []
    for item in sorted(_items.values(), key=lambda item: (item.order, item.name)):
        if item.place != place or item.endpoint not in current_app.view_functions:
            continue
        if item.ability == ANYBODY or (signed_in and (item.ability == SIGNED_IN or asked.may_use(item.ability))):
            shown.append(item)
    return shown


def person_name() -> str | None:
    """The name of the signed-in person, or None."""
    return wiring().person_name()


def address(which: str, **values: Any) -> str | None:
    """The address of ``home``, ``sign_in``, ``sign_out`` or ``search``; None while no feature offers it."""
    endpoint: str | None = getattr(wiring(), which)
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def is_current(item: Item) -> bool:
    """Whether the request is for this entry's own page or for a page of the same feature below it."""
    if request.endpoint == item.endpoint:
        return True
    own = url_for(item.endpoint)
    return own != "/" and request.path.startswith(own.rstrip("/") + "/")


def here(**changes: Any) -> str:
    """The present address with some query parameters changed; None removes one. Used by sort links and pagers."""
    values = {**(request.view_args or {}), **{key: request.args.getlist(key) for key in request.args}}
    values.update(changes)
    if request.endpoint is None:
        return request.path
    return url_for(request.endpoint, **{key: value for key, value in values.items() if value is not None})


def install(app: Flask) -> None:
    """Give templates ``nav_items``, ``person_name``, ``address`` and ``here``."""
    app.jinja_env.globals.update(
        nav_items=list_items, person_name=person_name, address=address, nav_is_current=is_current, here=here
    )
