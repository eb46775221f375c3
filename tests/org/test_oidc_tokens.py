"""What an OpenID provider tells is believed only when it proves everything; half a provider stops the start."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from learnhub.config import BadSetting, read_settings
from learnhub.kernel.errors import OtherSideFailed
from learnhub.org import oidc
from tests.org.provider import LABEL

# Identity tokens that prove nothing; signed by a key of the test's own, which the "provider" publishes

KEY = RSAKey.generate_key(2048, {"kid": "one"})
KEYS = {"keys": [KEY.as_dict(private=False)]}
PROVIDER = oidc.Provider("http://127.0.0.1:7", "learnhub", "between the two of us only, long enough", LABEL)


def _token(now: datetime, header: dict[str, Any] | None = None, key: Any = KEY, **changed: Any) -> dict[str, Any]:
    moment = int(now.timestamp())
    told = {"iss": PROVIDER.issuer, "sub": "s", "aud": "learnhub", "iat": moment, "exp": moment + 300, "nonce": "n"}
    told = {name: value for name, value in {**told, **changed}.items() if value is not None}
    header = header or {"alg": "RS256", "kid": "one"}
    return {"id_token": jwt.encode(header, told, key, algorithms=[header["alg"]])}


def test_a_right_token_is_taken(now: datetime) -> None:
    for audience in ("learnhub", ["learnhub"]):
        assert oidc.checked_claims(PROVIDER, _token(now, aud=audience), KEYS, "n", now=now)["sub"] == "s"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://127.0.0.1:7/"},
        {"iss": "http://127.0.0.1:8"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["learnhub", "another"]},
        {"aud": []},
        {"aud": None},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": None},
        {"exp": 0},
        {"exp": "later"},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
)
def test_a_token_that_does_not_prove_everything_is_refused(now: datetime, changed: dict[str, Any]) -> None:
    with pytest.raises(OtherSideFailed):
        oidc.checked_claims(PROVIDER, _token(now, **changed), KEYS, "n", now=now)


def test_a_token_is_good_until_its_end_and_a_minute(now: datetime) -> None:
    token = _token(now)
    assert oidc.checked_claims(PROVIDER, token, KEYS, "n", now=now + timedelta(seconds=355))
    with pytest.raises(OtherSideFailed):
        oidc.checked_claims(PROVIDER, token, KEYS, "n", now=now + timedelta(seconds=365))


def test_a_token_of_another_key_unsigned_or_signed_with_the_shared_secret_is_refused(now: datetime) -> None:
    other = RSAKey.generate_key(2048, {"kid": "one"})
    shared = OctKey.import_key(PROVIDER.client_secret)
    head, body, mark = _token(now)["id_token"].split(".")
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    bad = [
        _token(now, key=other),
        _token(now, {"alg": "HS256"}, shared),
        {"id_token": unsigned},
        {"id_token": f"{head}.{body}.{mark[::-1]}"},
        {"id_token": "x"},
        {},
    ]
    for token in bad:
        with pytest.raises(OtherSideFailed):
            oidc.checked_claims(PROVIDER, token, KEYS, "n", now=now)


# The settings


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"OIDC_ISSUER": "https://id.example"}, "needs LEARNHUB_OIDC_CLIENT_ID"),
        ({"OIDC_LABEL": "x"}, "means nothing without LEARNHUB_OIDC_ISSUER"),
        ({"OIDC_ISSUER": "http://id.example"}, "must begin with https://"),
        ({"OIDC_ISSUER": "https://id.example/?x=1"}, "without ? and #"),
        ({"OIDC_ISSUER": "https://[x"}, "cannot be read"),
    ],
)
def test_half_a_provider_stops_the_start(tmp_path: Any, given: dict[str, str], sentence: str) -> None:
    whole = {"OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b", "OIDC_LABEL": "c"}
    if given.get("OIDC_ISSUER", "") != "https://id.example":
        given = {**(whole if "OIDC_ISSUER" in given else {}), **given}
    with pytest.raises(BadSetting, match=sentence.replace("?", r"\?")):
        read_settings({f"LEARNHUB_{name}": text for name, text in given.items()}, home=tmp_path)


def test_a_whole_provider_is_read(tmp_path: Any) -> None:
    told = {"ISSUER": "https://id.example", "CLIENT_ID": "a", "CLIENT_SECRET": "b", "LABEL": "c", "STRONG": "mfa, otp"}
    settings = read_settings({f"LEARNHUB_OIDC_{name}": text for name, text in told.items()}, home=tmp_path)
    provider = oidc.provider_of(settings)
    assert provider is not None
    assert provider.strong == ("mfa", "otp")
