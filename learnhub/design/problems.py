"""What a person or a program reads when something cannot be done: one page, one JSON shape.

The JSON is always ``{"error": {"code", "message", "reference"}}`` plus ``"fields"`` (name → sentence) when single
entries of a form were refused.
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, render_template, request

from learnhub.design.i18n import LazyText, _l, locale_of, locale_of_browser

CODES = {
    400: "malformed", 401: "not_signed_in", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    409: "conflict", 413: "too_large", 422: "invalid", 429: "too_many_requests", 500: "internal", 503: "unavailable",
}  # fmt: skip
# For each status: what happened, and what to do next.
WORDS: dict[int, tuple[LazyText, LazyText]] = {
    400: (
        _l("The request could not be understood"),
        _l(
            "Go back, load the page again and try once more. If you had filled in a form, its page may have been open for too long."
        ),
    ),
    401: (_l("Please sign in first"), _l("Sign in, then you will be able to open this page.")),
    403: (
        _l("You may not open this page"),
        _l("If you need it for your work, ask the administrator of your unit."),
    ),
    404: (
        _l("There is no such page"),
        _l(
            "The address may be misspelt, or what it showed was moved or withdrawn. Start from the home page or search for it."
        ),
    ),
    405: (_l("This page cannot be used in that way"), _l("Go back and use the buttons of the page.")),
    409: (
        _l("This cannot be done at present"),
        _l("Go back to the page: it shows how things stand now."),
    ),
    413: (_l("The file is too large"), _l("Choose a smaller file, or ask the administrator what the limit is.")),
    422: (_l("This cannot be done"), _l("Go back, correct what is named here and send it again.")),
    429: (_l("Too many attempts"), _l("Wait a few minutes, then try again.")),
    500: (
        _l("Something went wrong on our side"),
        _l(
            "It has been written down and nothing of yours was lost by it. Try again in a few minutes; if it happens again, report the reference number."
        ),
    ),
    503: (
        _l("The system is busy or being looked after"),
        _l("Your work so far is kept. Wait a minute and load the page again."),
    ),
}


def wants_json() -> bool:
    """Whether the present request asks for JSON rather than a page: by Accept, because it sends JSON or is an upload's."""
    if "Tus-Resumable" in request.headers:
        return True
    best = request.accept_mimetypes.best_match(("text/html", "application/json"), default="text/html")
    asked_for_page = request.accept_mimetypes["text/html"] > 0 and "text/html" in request.headers.get("Accept", "")
    return best == "application/json" or (request.is_json and not asked_for_page)


def render_problem(
    status: int, message: str | None, reference: str, *,
    want_json: bool, code: str | None = None, fields: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """The answer for a request that failed.

    ``message`` is a sentence in the person's language, or None for the usual one of the status; ``reference`` is the
    number that is also in the log; ``code`` is the refusal's code (``sessions.clash``). From 500 on, the page asks
    nothing of the rest of the program, which may be what is broken.
    """
    known = status if status in WORDS else (400 if status < 500 else 500)
    if status >= 500:
        with locale_of(locale_of_browser()):
            response = _answer(status, known, message, reference, want_json, code, fields)
    else:
        response = _answer(status, known, message, reference, want_json, code, fields)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(
    status: int, known: int, message: str | None, reference: str,
    want_json: bool, code: str | None, fields: dict[str, str] | None,
) -> Response:  # fmt: skip
    title, advice = WORDS[known]
    if want_json:
        error: dict[str, Any] = {
            "code": code or CODES[known],
            "message": str(message or title),
            "reference": reference,
        }
        if fields:
            error["fields"] = {name: str(sentence) for name, sentence in fields.items()}
        return jsonify(error=error)
    template = "design/problem_plain.html" if status >= 500 else "design/problem.html"
    page = render_template(
        template, status=status, title=title, message=message, advice=advice, reference=reference, fields=fields
    )
    return make_response(page)
