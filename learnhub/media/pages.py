"""The text of a document as it is kept beside it: one JSON list of pages."""

from __future__ import annotations

import json

from learnhub.media.documents import PageText

VERSION = "text1"
NAME = "pages.json"


def to_json(found: list[PageText]) -> bytes:
    """The pages as bytes to keep."""
    return json.dumps([[page.number, page.text] for page in found], ensure_ascii=False).encode()


def from_json(raw: bytes) -> list[PageText]:
    """The pages from kept bytes."""
    return [PageText(number, text) for number, text in json.loads(raw)]
