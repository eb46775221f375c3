"""Speaking tus by hand."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PIECE = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


def metadata(**values: str) -> str:
    """The header ``Upload-Metadata``."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


class Sender:
    """A browser that speaks tus."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser

    def begin(self, size: int, name: str = "课.mp4", **told: Any) -> TestResponse:
        """Announces a file."""
        headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata(filename=name, **told)}
        return self.browser.post("/media/uploads", headers=headers)

    def append(self, address: str, offset: int, piece: bytes, **headers: str) -> TestResponse:
        """Sends a piece."""
        told = {**TUS, "Upload-Offset": str(offset), **headers}
        return self.browser.patch(address, data=piece, content_type=PIECE, headers=told)

    def reach(self, address: str) -> int:
        """The offset from which to go on."""
        response = self.browser.head(address, headers=TUS)
        assert response.status_code == 200
        return int(response.headers["Upload-Offset"])

    def send(self, content: bytes, name: str = "课.mp4", **told: Any) -> str:
        """A whole file; returns its address."""
        address: str = self.begin(len(content), name, **told).headers["Location"]
        assert self.append(address, 0, content).status_code == 204
        return address


@pytest.fixture
def sender(client_for: Callable[[str], Any]) -> Sender:
    """The editor."""
    return Sender(client_for("editor"))


@pytest.fixture
def parts_left(settings: Any) -> Callable[[], list[Path]]:
    """The half-received files."""
    return lambda: sorted((settings.media_dir / ".uploads").glob("*"))
