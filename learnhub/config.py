"""Every setting of LearnHub, typed, read once at the start from ``LEARNHUB_…`` environment variables.

An unknown or malformed setting stops the start with a sentence. Secrets are never defaulted: they are made at the
first run and kept in ``var/secrets.json`` with mode 600.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from learnhub.kernel import files

PREFIX = "LEARNHUB_"
_SECRETS = ("secret_key", "token_key")
_SECRET_LENGTH = 32


class BadSetting(Exception):
    """A setting that is unknown or malformed; the text is a sentence for the person who starts LearnHub."""


@dataclass(frozen=True)
class Settings:
    """What a LearnHub process needs to know before it starts; paths are absolute."""

    home: Path
    data_dir: Path
    database_url: str
    media_dir: Path
    search_dir: Path
    courses_dir: Path
    shared_data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_hosts: tuple[str, ...] = ()
    https: bool = False
    default_locale: str = "zh_CN"
    log_level: str = "info"
    session_idle_minutes: int = 120
    session_days: int = 14
    login_attempts: int = 5
    login_lock_minutes: int = 10
    password_length: int = 8
    admin_totp: bool = True
    slip_days: int = 14
    two_person_publishing: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_label: str = ""
    oidc_claim: str = ""
    oidc_strong: tuple[str, ...] = ()
    proxies: int = 0
    max_upload_mb: int = 64
    media_workers: int = 1
    av1: bool = False
    speech_engine: str = ""
    speech_command: str = ""
    speech_model: str = ""
    beat_seconds: int = 10
    hours_rule: str = "yunnan-online"
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_public_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: str = ""
    secret_key: str = ""
    token_key: str = ""
    secret_key_fallbacks: tuple[str, ...] = ()

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The secret key in use, then those before it, which still open what they sealed or signed."""
        return (self.secret_key, *self.secret_key_fallbacks)


def _paths(home: Path) -> dict[str, Any]:
    data = home / "var"
    return {
        "home": home,
        "data_dir": data,
        "database_url": "",
        "media_dir": home / "media",
        "search_dir": home / "search_index",
        "courses_dir": home / "courses",
        "shared_data": home.parent / "shared" / "data",
    }


def read_settings(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Settings:
    """The settings of this process. Raises :class:`BadSetting`.

    ``LEARNHUB_HOME`` (default: the working directory) is where ``var/``, ``media/``, ``search_index/`` and
    ``courses/`` are looked for; each can be set apart.
    """
    environ = os.environ if environ is None else environ
    given = {name[len(PREFIX) :].lower(): text for name, text in environ.items() if name.startswith(PREFIX)}
    base = Path(given.get("home") or home or Path.cwd()).resolve()
    values = _paths(base)
    known = {field.name: field for field in fields(Settings)}
    for name, text in given.items():
        if name not in known:
            raise BadSetting(f"{PREFIX}{name.upper()} is not a setting of LearnHub. Known: {_names(known)}.")
        values[name] = _read(name, str(known[name].type), text)
    values["home"] = base
    values["database_url"] = values["database_url"] or f"sqlite:///{values['data_dir']}/learnhub.sqlite3"
    values.update({name: text for name, text in _secrets(values["data_dir"]).items() if not values.get(name)})
    settings = Settings(**values)
    _check(settings)
    return settings


def _names(known: Mapping[str, Any]) -> str:
    return ", ".join(PREFIX + name.upper() for name in sorted(known))


def _read(name: str, kind: str, text: str) -> Any:
    try:
        return _READERS[kind](text)
    except ValueError as error:
        raise BadSetting(f"{PREFIX}{name.upper()}={text!r} cannot be read: {error}.") from error


def _whole_number(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 9:
        raise ValueError("a whole number is expected")
    return int(text)


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
        raise ValueError("yes or no is expected")
    return text.lower() in ("yes", "true", "1")


_READERS: dict[str, Callable[[str], Any]] = {
    "Path": lambda text: Path(text).resolve(),
    "str": str,
    "int": _whole_number,
    "bool": _yes_or_no,
    "tuple[str, ...]": lambda text: tuple(part.strip() for part in text.split(",") if part.strip()),
}


# Numbers outside of these make no sense, most of them because zero would switch something off.
_RANGES = {
    "port": (1, 65535), "session_idle_minutes": (1, 10_000), "session_days": (1, 366),
    "login_attempts": (1, 1000), "login_lock_minutes": (1, 10_000), "password_length": (6, 64), "proxies": (0, 9),
    "max_upload_mb": (1, 100_000), "media_workers": (0, 32), "beat_seconds": (1, 60),
    "slip_days": (1, 90),
}  # fmt: skip


def _check(settings: Settings) -> None:
    _check_database_url(settings.database_url)
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(settings, name) <= most:
            raise BadSetting(f"{PREFIX}{name.upper()} must lie between {least} and {most}.")
    if settings.default_locale not in ("zh_CN", "en"):
        raise BadSetting(f"{PREFIX}DEFAULT_LOCALE must be zh_CN or en.")
    _check_bucket(settings)
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise BadSetting(f"{PREFIX}LOG_LEVEL must be debug, info, warning or error.")
    for name in _SECRETS:
        if len(getattr(settings, name)) < _SECRET_LENGTH:
            raise BadSetting(f"{PREFIX}{name.upper()} must have at least {_SECRET_LENGTH} characters.")
    if any(len(secret) < _SECRET_LENGTH for secret in settings.secret_key_fallbacks):
        raise BadSetting(f"{PREFIX}SECRET_KEY_FALLBACKS must have at least {_SECRET_LENGTH} characters each.")
    if settings.speech_engine == "command" and not settings.speech_command:
        raise BadSetting(f"{PREFIX}SPEECH_ENGINE=command needs {PREFIX}SPEECH_COMMAND as well.")
    _check_oidc(settings)


def _check_oidc(settings: Settings) -> None:
    needed = {"oidc_client_id", "oidc_client_secret", "oidc_label"}
    if not settings.oidc_issuer:
        for name in sorted({*needed, "oidc_claim", "oidc_strong"}):
            if getattr(settings, name):
                raise BadSetting(f"{PREFIX}{name.upper()} means nothing without {PREFIX}OIDC_ISSUER.")
        return
    for name in sorted(needed):
        if not getattr(settings, name):
            raise BadSetting(f"{PREFIX}OIDC_ISSUER needs {PREFIX}{name.upper()} as well.")
    try:
        parts = urlsplit(settings.oidc_issuer)
        is_loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError as error:
        raise BadSetting(f"{PREFIX}OIDC_ISSUER cannot be read: {error}.") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
        raise BadSetting(f"{PREFIX}OIDC_ISSUER must begin with https:// (http:// only on this very machine).")
    if len(settings.oidc_issuer) > 200 or parts.query or parts.fragment or not parts.hostname:
        raise BadSetting(f"{PREFIX}OIDC_ISSUER must be an address of at most 200 characters, without ? and #.")


def _check_bucket(settings: Settings) -> None:
    if not settings.s3_bucket:
        return
    if not (settings.s3_access_key and settings.s3_secret_key):
        raise BadSetting(f"{PREFIX}S3_BUCKET needs {PREFIX}S3_ACCESS_KEY and {PREFIX}S3_SECRET_KEY.")
    for name in ("s3_endpoint", "s3_public_endpoint"):
        address = getattr(settings, name)
        if address and not address.startswith(("http://", "https://")):
            raise BadSetting(f"{PREFIX}{name.upper()} must begin with http:// or https://.")
    if find_spec("boto3") is None:
        raise BadSetting(f"{PREFIX}S3_BUCKET needs the package boto3: pip install 'learnhub[s3]'.")


def _check_database_url(url: str) -> None:
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise BadSetting(f"{PREFIX}DATABASE_URL must begin with sqlite:/// or postgresql://.")
    try:
        parts = urlsplit(url)
        has_name = bool(parts.path.strip("/")) and (parts.port or True)
    except ValueError as error:
        raise BadSetting(f"{PREFIX}DATABASE_URL cannot be read: {error}.") from error
    if not has_name:
        raise BadSetting(f"{PREFIX}DATABASE_URL does not say which file or database.")


def _secrets(data_dir: Path) -> dict[str, str]:
    path = data_dir / "secrets.json"
    try:
        if not path.exists():
            made = {name: secrets.token_urlsafe(48) for name in _SECRETS}
            files.write_new(path, json.dumps(made, indent=2).encode(), mode=0o600)
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadSetting(f"{path} cannot be read or written: {error.strerror}.") from error
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(found, dict) or set(found) != set(_SECRETS):
        raise _damaged(path, f"it should hold {' and '.join(_SECRETS)}")
    if not all(isinstance(text, str) and len(text) >= _SECRET_LENGTH for text in found.values()):
        raise _damaged(path, f"a secret has fewer than {_SECRET_LENGTH} characters")
    return found


def _damaged(path: Path, reason: str) -> BadSetting:
    return BadSetting(f"{path} is damaged: {reason}. Restore it from a backup; a new one ends all sessions.")
