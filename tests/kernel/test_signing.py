"""Signed values: only what was signed here, for this use and in time, is read."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnhub.kernel.signing import digest, read_signed, sign
from tests.conftest import NOW

KEY = "k" * 40
LATER = NOW + timedelta(hours=1)


def read(token: str, *, purpose: str = "beat", key: str = KEY, now: datetime = NOW) -> dict[str, Any] | None:
    """The payload of a token of these tests."""
    return read_signed(token, purpose=purpose, key=key, now=now)


@pytest.mark.parametrize("payload", [{}, {"v": "名·䶮", "n": 0}, {"list": [1, None, {"a": True}], "share": 0.9}])
def test_what_was_signed_is_read_as_it_was(payload: dict[str, Any]) -> None:
    token = sign(payload, purpose="beat", key=KEY, expires=LATER)
    assert read(token) == payload
    assert token.isascii() and "=" not in token and "+" not in token and "/" not in token


def test_a_token_ends_at_its_second() -> None:
    token = sign({"v": 1}, purpose="beat", key=KEY, expires=LATER)
    assert read(token, now=LATER - timedelta(seconds=1)) == {"v": 1}
    assert read(token, now=LATER) is None
    assert read(token, now=LATER + timedelta(days=900)) is None


def test_a_token_is_good_for_one_use_and_one_key() -> None:
    token = sign({"v": 1}, purpose="beat", key=KEY, expires=LATER)
    assert read(token, purpose="media") is None
    assert read(token, key="K" * 40) is None


def test_a_changed_byte_anywhere_is_noticed() -> None:
    token = sign({"v": "viewing", "n": 60_000}, purpose="beat", key=KEY, expires=LATER)
    for at, character in enumerate(token):
        for other in "A0_.":
            if other != character:
                assert read(token[:at] + other + token[at + 1 :]) is None, at
        assert read(token[:at]) is None
        assert read(token[:at] + token[at + 1 :]) is None


def test_a_payload_cannot_be_put_under_another_mark() -> None:
    small, large = (sign({"n": number}, purpose="beat", key=KEY, expires=LATER) for number in (1, 999_999))
    assert read(large.split(".")[0] + "." + small.split(".")[1]) is None
    forged = base64.urlsafe_b64encode(b'{"n":999999,"exp":99999999999}').rstrip(b"=").decode()
    assert read(f"{forged}.") is None
    assert read(f"{forged}.{small.split('.')[1]}") is None


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b", "名.字", "\udcff.x", "a.\udcff", "\0.\0", "x" * 100_000, "é.é"]
)
def test_no_text_makes_the_reader_fail(token: str) -> None:
    assert read(token) is None


@given(st.text())
def test_any_text_at_all_is_simply_not_a_token(token: str) -> None:
    assert read(token) is None
    assert read(f"{token}.{token}") is None


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=4))
def test_equal_values_have_equal_digests_whatever_their_order(value: dict[str, Any]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))
    assert digest(value) != digest({**value, "one more": 1})


def test_the_digest_is_the_same_on_every_machine() -> None:
    value = {"b": [1, 2.5, None], "a": "杨建国", "at": NOW}
    assert digest(value) == digest({"at": str(NOW), "a": "杨建国", "b": [1, 2.5, None]})
    assert digest({"a": "䶮"}) == "06b0fa0d8700ef207799b368345cfdbe49161052e6515ee227d822866c9b4fed"
