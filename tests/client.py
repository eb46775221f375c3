"""A test client that looks at every page it opens: HTML5, one heading, title, labels, unique ids, CSP, nothing inline."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')
_FIELDS = {"input", "select", "textarea"}
_UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}


class CheckingClient(FlaskClient):
    """Refuses bad pages with an assertion and remembers the CSRF token of the last form seen."""

    csrf_token = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Like FlaskClient.open, then checks what came back when it is a page."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 304, 307, 308):
            text = response.get_data(as_text=True)
            check_page(text, response.headers)
            if found := _TOKEN.search(text):
                self.csrf_token = found[1] or found[2]
        return response

    def send(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Posts a form with the CSRF token of the last page."""
        return self.post(path, data={"csrf_token": self.csrf_token, **(data or {})}, **kwargs)

    def sign_in(self, username: str, password: str) -> TestResponse:
        """Signs in through the log-in page."""
        self.get("/login")
        response = self.send("/login", {"username": username, "password": password})
        assert response.status_code == 302, response.get_data(as_text=True)
        return response


def check_page(text: str, headers: Any) -> None:
    """Raises AssertionError with the reason when a page breaks a rule of the house."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    page = parser.parse(text)
    assert not parser.errors, f"not HTML5: {[(where, code) for where, code, _ in parser.errors[:5]]}"
    elements = list(page.iter())
    assert sum(element.tag == "h1" for element in elements) == 1, "a page has exactly one h1"
    title = page.find("head/title")
    assert title is not None and (title.text or "").strip(), "a page has a title"
    assert page.get("lang") in ("zh-CN", "en"), "a page names its language"
    _check_ids(elements)
    _check_fields(page, elements)
    _check_inline(elements)
    policy = headers.get("Content-Security-Policy", "")
    assert "default-src 'self'" in policy and "unsafe" not in policy, f"content security policy: {policy!r}"


def _check_ids(elements: list[Element]) -> None:
    ids = [element.get("id") for element in elements if element.get("id")]
    twice = {one for one in ids if ids.count(one) > 1}
    assert not twice, f"ids used twice: {twice}"
    for element in elements:
        for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
            missing = set((element.get(name) or "").split()) - set(ids)
            assert not missing, f"{element.tag} {name} points to nothing: {missing}"


def _check_fields(page: Element, elements: list[Element]) -> None:
    labelled = {element.get("for") for element in elements if element.tag == "label"}
    wrapped = {id(field) for label in page.iter("label") for field in label.iter() if field.tag in _FIELDS}
    for field in elements:
        if field.tag not in _FIELDS or field.get("type") in _UNLABELLED_TYPES:
            continue
        named = field.get("aria-label") or field.get("aria-labelledby")
        assert named or field.get("id") in labelled or id(field) in wrapped, f"no label: {field.get('name')}"
    for image in page.iter("img"):
        assert image.get("alt") is not None, f"no alt: {image.get('src')}"
    for button in page.iter("button"):
        said = "".join(button.itertext()).strip() or button.get("aria-label")
        assert said, "a button without words"


def _check_inline(elements: list[Element]) -> None:
    for element in elements:
        assert element.get("style") is None, f"inline style on {element.tag}"
        handlers = [name for name in element.keys() if str(name).startswith("on")]
        assert not handlers, f"inline handler on {element.tag}: {handlers}"
        assert element.tag != "style", "inline style element"
        if element.tag == "script" and element.get("type") != "application/json":
            assert element.get("src") and not (element.text or "").strip(), "inline script"
