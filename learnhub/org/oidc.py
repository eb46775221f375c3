"""Signing in with the account of another system: OpenID Connect, code flow with PKCE, state and nonce.

The only module that talks to the provider. What it says is believed only after every check of OpenID Connect Core
3.1.3.7; a provider that is away or answers something else is told to the person and written to the log.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from learnhub.config import Settings
from learnhub.kernel.errors import Invalid, OtherSideFailed

_log = logging.getLogger("learnhub.org.oidc")

_TIMEOUT_S = 6
_LONGEST_ANSWER = 1 << 20
_KEEP_S = 3600.0
_LEEWAY_S = 60
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512")
"""Signatures by a key of the provider's only: neither "none" nor one made with the shared secret."""


@dataclass(frozen=True)
class Provider:
    """The outside system of the settings. ``claim`` names an account here at the first log-in; "": links by hand only.

    ``strong``: values of ``acr`` or ``amr`` by which the provider vouches for a second step of its own.
    """

    issuer: str
    client_id: str
    client_secret: str
    label: str
    claim: str = ""
    strong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Errand:
    """What the browser keeps while it is away at the provider; good for one return."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """Who has come back: ``subject`` is the provider's lasting name, ``name`` the value of the claim for matching."""

    issuer: str
    subject: str
    name: str = ""
    is_strong: bool = False


def provider_of(settings: Settings) -> Provider | None:
    """The provider of the settings; None when there is none."""
    if not settings.oidc_issuer:
        return None
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        label=settings.oidc_label,
        claim=settings.oidc_claim,
        strong=settings.oidc_strong,
    )


def leave_for(provider: Provider, return_to: str, *, language: str = "") -> tuple[str, Errand]:
    """The address to send the browser to, and what it must bring back. Raises OtherSideFailed."""
    about = _about(provider)
    errand = Errand(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    with _session(provider, return_to, about) as session:
        address, _state = session.create_authorization_url(
            about["authorization_endpoint"],
            state=errand.state,
            nonce=errand.nonce,
            code_verifier=errand.verifier,
            **({"ui_locales": language} if language else {}),
        )
    return address, errand


def come_back(
    provider: Provider, answer: Mapping[str, str], errand: Errand | None, return_to: str, *, now: datetime
) -> Identity:
    """Exchanges the code for an identity.

    Raises Invalid ``org.provider_again`` (not the errand of this browser, or done already), ``org.provider_declined``
    (the person or the provider said no), OtherSideFailed.
    """
    if errand is None or not secrets.compare_digest(answer.get("state", "").encode(), errand.state.encode()):
        raise Invalid("org.provider_again")
    about = _about(provider)
    told = answer.get("iss")
    if told != provider.issuer and (told or about.get("authorization_response_iss_parameter_supported")):
        raise _broken(provider, f"the answer comes from {told!r}")  # RFC 9207: two providers must not be mixed up
    if answer.get("error") or not answer.get("code"):
        _log.info("provider declined: %s", str(answer.get("error"))[:80])
        raise Invalid("org.provider_declined", label=provider.label)
    try:
        with _session(provider, return_to, about) as session:
            token = session.fetch_token(
                about["token_endpoint"], code=answer["code"], code_verifier=errand.verifier, allow_redirects=False
            )
            claims = checked_claims(provider, token, _keys(provider), errand.nonce, now=now)
            if provider.claim and provider.claim not in claims and about.get("userinfo_endpoint"):
                claims = {**_told_besides(provider, session, about, claims["sub"]), **claims}
    except (AuthlibBaseError, requests.RequestException, ValueError) as error:
        raise _broken(provider, f"no token: {error}") from error
    return Identity(provider.issuer, claims["sub"], _name(provider, claims), _is_strong(provider, claims))


def checked_claims(
    provider: Provider, token: Mapping[str, Any], keys: Mapping[str, Any], nonce: str, *, now: datetime
) -> dict[str, Any]:
    """The claims of an identity token that proves what it must: signature, issuer, audience, time, nonce.

    Raises OtherSideFailed for any other; ``keys`` is the provider's key set.
    """
    try:
        read = _read(provider, str(token.get("id_token", "")), keys)
        claims = CodeIDToken(
            read.claims,
            read.header,
            {"iss": {"essential": True, "value": provider.issuer}, "aud": {"essential": True}},
            {"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_S)
    except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
        raise _broken(provider, f"bad identity token: {error!r}") from error
    if claims["aud"] not in (provider.client_id, [provider.client_id]):
        raise _broken(provider, "an identity token for somebody else")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise _broken(provider, "no subject in the identity token")
    return dict(claims)


def _read(provider: Provider, text: str, keys: Mapping[str, Any]) -> jwt.Token:
    registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
    try:
        return jwt.decode(text, KeySet.import_key_set(dict(keys)), registry=registry)
    except InvalidKeyIdError:  # the provider has a new key since
        return jwt.decode(text, KeySet.import_key_set(dict(_keys(provider, renewed=True))), registry=registry)


def _told_besides(provider: Provider, session: OAuth2Session, about: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """What the provider tells of the same person apart from the token (OpenID Connect Core 5.3)."""
    told = session.get(about["userinfo_endpoint"], timeout=_TIMEOUT_S, allow_redirects=False).json()
    if not isinstance(told, dict) or told.get("sub") != subject:
        raise _broken(provider, "its userinfo is about somebody else")
    return told


def leaving_address(provider: Provider, return_to: str) -> str | None:
    """Where the person signs out of the provider as well; None when it has no such page or is away."""
    try:
        page = _about(provider).get("end_session_endpoint")
    except OtherSideFailed:
        return None
    told = {"client_id": provider.client_id, "post_logout_redirect_uri": return_to}
    return f"{page}?{urlencode(told)}" if page else None


def _name(provider: Provider, claims: Mapping[str, Any]) -> str:
    value = claims.get(provider.claim, "") if provider.claim else ""
    return value[:80] if isinstance(value, str) else ""


def _is_strong(provider: Provider, claims: Mapping[str, Any]) -> bool:
    told = {claims.get("acr"), *(one for one in claims.get("amr") or () if isinstance(one, str))}
    return bool(told & set(provider.strong))


def _session(provider: Provider, return_to: str, about: Mapping[str, Any]) -> OAuth2Session:
    offered = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return OAuth2Session(
        provider.client_id,
        provider.client_secret,
        token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in offered else "client_secret_post",
        scope="openid profile",
        redirect_uri=return_to,
        code_challenge_method="S256",
        default_timeout=_TIMEOUT_S,
    )


_kept: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}


def _about(provider: Provider) -> dict[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery), kept for an hour."""
    about = _fetched(provider, "about", provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if about.get("issuer") != provider.issuer:
        _kept.pop((provider.issuer, "about"), None)
        raise _broken(provider, f"it calls itself {about.get('issuer')!r}")
    schemes = ("https://", "http://") if provider.issuer.startswith("http://") else ("https://",)
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not str(about.get(name, "")).startswith(schemes):
            _kept.pop((provider.issuer, "about"), None)
            raise _broken(provider, f"it names no {name}")
    return about


def _keys(provider: Provider, *, renewed: bool = False) -> dict[str, Any]:
    if renewed:
        _kept.pop((provider.issuer, "keys"), None)
    return _fetched(provider, "keys", _about(provider)["jwks_uri"])


def _fetched(provider: Provider, what: str, address: str) -> dict[str, Any]:
    fetched_at, value = _kept.get((provider.issuer, what), (0.0, {}))
    if value and time.monotonic() - fetched_at < _KEEP_S:
        return value
    try:
        answer = requests.get(address, timeout=_TIMEOUT_S, allow_redirects=False)
        value = answer.json() if answer.status_code == 200 and len(answer.content) <= _LONGEST_ANSWER else {}
    except (requests.RequestException, ValueError) as error:
        raise _broken(provider, f"{what}: {error}") from error
    if not value or not isinstance(value, dict):
        raise _broken(provider, f"{what}: status {answer.status_code}")
    _kept[provider.issuer, what] = (time.monotonic(), value)
    return value


def _broken(provider: Provider, why: str) -> OtherSideFailed:
    _log.warning("provider %s: %s", provider.issuer, why)
    return OtherSideFailed("org.provider_away", label=provider.label)
