"""Static files, compression, security headers."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from learnhub.design.assets import YEAR, static_url
from tests.client import CheckingClient

NODE = str(Path(sys.executable).with_name("node"))
UNPACK = "process.stdin.pipe(require('node:zlib').createBrotliDecompress()).pipe(process.stdout)"


@pytest.fixture
def plain(app: Flask) -> FlaskClient:
    """A client that leaves compressed bodies as they are."""
    return FlaskClient(app, Response)


@pytest.fixture
def address(app: Flask) -> str:
    with app.test_request_context():
        return static_url("design/base.css")


def test_static_file_may_be_kept_for_a_year_under_its_stamp_only(plain: FlaskClient, address: str) -> None:
    assert plain.get(address).headers["Cache-Control"] == YEAR
    stamp = address.split("/")[2]
    assert plain.get(address.replace(stamp, "0000000000")).headers["Cache-Control"] == "no-cache"


def test_static_file_is_not_sent_again_when_unchanged(plain: FlaskClient, address: str) -> None:
    etag = plain.get(address).headers["ETag"]
    assert plain.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_static_file_is_compressed_for_those_who_can_unpack(plain: FlaskClient, address: str) -> None:
    packed, raw = plain.get(address, headers={"Accept-Encoding": "gzip"}), plain.get(address)
    assert gzip.decompress(packed.data) == raw.data
    assert packed.headers["Vary"] == "Accept-Encoding" and "Content-Encoding" not in raw.headers


def test_a_library_goes_out_as_brotli_where_a_browser_takes_it(app: Flask, plain: FlaskClient) -> None:
    with app.test_request_context():
        address = static_url("vendor/hls.js")
    packed, zipped = (plain.get(address, headers={"Accept-Encoding": words}) for words in ("gzip, br", "gzip"))
    assert packed.headers["Content-Encoding"] == "br" and zipped.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    unpacked = subprocess.run([NODE, "-e", UNPACK], input=packed.data, check=True, capture_output=True).stdout
    assert unpacked == gzip.decompress(zipped.data)
    assert len(packed.data) < 110_000 and len(zipped.data) < 130_000
    assert plain.get(f"{address}.br").status_code == 404


@pytest.mark.parametrize(
    "name", ["design/nothing.css", "../config.py", "design/../../i18n.py", "%2e%2e/i18n.py", "design"]
)
def test_nothing_but_static_files_is_served(plain: FlaskClient, name: str) -> None:
    assert plain.get(f"/static/0000000000/{name}").status_code == 404


def test_unknown_name_in_a_template_is_a_mistake(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(LookupError, match="no static file"):
        static_url("design/nothing.css")


def test_second_owner_of_the_static_address_is_refused() -> None:
    from learnhub.design import assets

    with pytest.raises(RuntimeError, match="static_folder=None"):
        assets.install(Flask("other"))


def test_page_carries_the_security_headers(client: CheckingClient) -> None:
    headers = client.get("/gallery").headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_transport_security_is_promised_over_https_only(client: CheckingClient) -> None:
    assert "Strict-Transport-Security" in client.get("/gallery", base_url="https://localhost").headers


def test_view_may_set_a_header_of_its_own(app: Flask, plain: FlaskClient) -> None:
    app.add_url_rule("/own", "own", lambda: ("", {"Content-Security-Policy": "default-src 'none'"}))
    assert plain.get("/own").headers["Content-Security-Policy"] == "default-src 'none'"


def test_page_is_compressed_and_its_length_is_right(plain: FlaskClient) -> None:
    answer = plain.get("/gallery", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert b"</html>" in gzip.decompress(answer.data)
    assert {"Accept-Encoding", "Cookie", "Accept-Language"} <= set(answer.vary.to_header().split(", "))


def test_stream_and_small_answer_stay_as_they_are(app: Flask, plain: FlaskClient) -> None:
    app.add_url_rule("/stream", "stream", lambda: Response((b"x" * 2000 for _part in range(3)), mimetype="text/csv"))
    app.add_url_rule("/small", "small", lambda: "small")
    for path in ("/stream", "/small"):
        assert "Content-Encoding" not in plain.get(path, headers={"Accept-Encoding": "gzip"}).headers
