"""Every route names the power it needs, or says that it is public; a test refuses a route that does neither."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g
from flask_login import current_user

from learnhub.kernel.errors import Forbidden, NotSignedIn
from learnhub.org.abilities import ABILITIES
from learnhub.org.scope import Actor

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """A route that anybody may open, signed in or not."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def ability(name: str) -> Callable[[View], View]:
    """A route for people who hold the power ``name`` somewhere; where exactly is for the action or query to check."""
    ABILITIES[name]

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not actor().can(name):
                raise Forbidden("org.not_allowed", ability=name)
            return view(*args, **kwargs)

        guarded.ability = name  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def actor() -> Actor:
    """The person behind the request. Raises NotSignedIn."""
    if not current_user.is_authenticated:
        raise NotSignedIn("org.sign_in_first")
    return cast(Actor, g.actor)
