"""Settings: what is unknown or malformed stops the start with a sentence; secrets are made once and kept."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from learnhub.config import BadSetting, Settings, read_settings

ROOT = Path(__file__).resolve().parents[1]


def read(home: Path, **given: str) -> Settings:
    """The settings with these variables: ``port="80"`` stands for LEARNHUB_PORT=80."""
    return read_settings({f"LEARNHUB_{name.upper()}": text for name, text in given.items()}, home=home)


def test_without_any_setting_everything_lies_below_the_home(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path}/var/learnhub.sqlite3"
    assert (found.media_dir, found.search_dir, found.courses_dir) == (
        tmp_path / "media",
        tmp_path / "search_index",
        tmp_path / "courses",
    )
    assert (found.host, found.port, found.https, found.default_locale) == ("127.0.0.1", 8000, False, "zh_CN")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "8080", 8080),
        ("https", "yes", True),
        ("https", "FALSE", False),
        ("trusted_hosts", "a.example, b.example ,", ("a.example", "b.example")),
        ("default_locale", "en", "en"),
        ("database_url", "postgresql://u:p@db.example:5433/learnhub", "postgresql://u:p@db.example:5433/learnhub"),
        ("secret_key", "s" * 32, "s" * 32),
        ("max_upload_mb", " 8 ", 8),
    ],
)
def test_a_setting_is_taken_with_its_type(tmp_path: Path, name: str, text: str, value: Any) -> None:
    assert getattr(read(tmp_path, **{name: text}), name) == value


def test_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_settings({"LEARNHUB_MEDIA_DIR": "films", "LEARNHUB_HOME": "."})
    assert found.home == tmp_path
    assert found.media_dir == tmp_path / "films"


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    assert read_settings({"PORT": "1", "PATH": "/bin", "learnhub_port": "2"}, home=tmp_path).port == 8000


BAD = [
    ("prot", "80", "is not a setting of LearnHub. Known: LEARNHUB_ADMIN_TOTP, LEARNHUB_AV1, "),
    ("port", "eighty", "'eighty' cannot be read: a whole number is expected."),
    ("port", "-1", "a whole number is expected"),
    ("port", "8.5", "a whole number is expected"),
    ("port", "", "a whole number is expected"),
    ("port", "9" * 5000, "a whole number is expected"),
    ("port", "0", "must lie between 1 and 65535."),
    ("port", "65536", "must lie between 1 and 65535."),
    ("login_attempts", "0", "must lie between"),
    ("login_lock_minutes", "0", "must lie between"),
    ("session_days", "0", "must lie between"),
    ("session_idle_minutes", "0", "must lie between"),
    ("password_length", "1", "must lie between"),
    ("max_upload_mb", "0", "must lie between"),
    ("beat_seconds", "0", "must lie between"),
    ("https", "maybe", "yes or no is expected"),
    ("default_locale", "fr", "must be zh_CN or en."),
    ("log_level", "loud", "must be debug, info, warning or error."),
    ("database_url", "mysql://x/y", "must begin with sqlite:/// or postgresql://."),
    ("database_url", "sqlite:///", "does not say which file or database."),
    ("database_url", "postgresql://127.0.0.1", "does not say which file or database."),
    ("database_url", "postgresql://127.0.0.1:port/x", "cannot be read: "),
    ("secret_key", "short", "must have at least 32 characters."),
    ("token_key", "k" * 31, "must have at least 32 characters."),
    ("secret_key_fallbacks", "k" * 40 + ",short", "must have at least 32 characters each."),
]


@pytest.mark.parametrize(("name", "text", "reason"), BAD, ids=lambda value: str(value)[:20])
def test_a_bad_setting_is_named_with_what_is_wrong(tmp_path: Path, name: str, text: str, reason: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read(tmp_path, **{name: text})
    sentence = str(refused.value)
    assert f"LEARNHUB_{name.upper()}" in sentence and reason in sentence
    assert sentence.endswith(".")


def test_every_number_has_its_bounds(tmp_path: Path) -> None:
    for field in fields(Settings):
        if field.type == "int":
            with pytest.raises(BadSetting, match=f"LEARNHUB_{field.name.upper()} must lie between"):
                read(tmp_path, **{field.name: "999999999"})


def command(home: Path, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    """The real ``learnhub`` command with these settings."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("LEARNHUB_")}
    settings = {f"LEARNHUB_{name.upper()}": text for name, text in {"home": str(home), **given}.items()}
    return subprocess.run(
        [sys.executable, "-m", "learnhub.cli", *words],
        cwd=ROOT, env={**kept, **settings, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"prot": "80"}, "LEARNHUB_PROT is not a setting of LearnHub."),
        ({"port": "eighty"}, "LEARNHUB_PORT='eighty' cannot be read"),
        ({"database_url": "oracle://x"}, "LEARNHUB_DATABASE_URL must begin with"),
    ],
)
def test_the_command_stops_with_one_sentence(tmp_path: Path, given: dict[str, str], sentence: str) -> None:
    ended = command(tmp_path, "migrate", **given)
    assert ended.returncode == 2
    assert sentence in ended.stderr and "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "var" / "learnhub.sqlite3").exists()


def test_an_unknown_rule_of_hours_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    ended = command(tmp_path, "worker", "--once", hours_rule="nowhere")
    assert ended.returncode == 2
    assert "nowhere" in ended.stderr and "Traceback" not in ended.stderr


# --- secrets --------------------------------------------------------------------------------------------------------


def test_secrets_are_made_once_for_this_user_only_and_stay(tmp_path: Path) -> None:
    first = read(tmp_path)
    path = tmp_path / "var" / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len({first.secret_key, first.token_key}) == 2
    assert min(len(first.secret_key), len(first.token_key)) >= 64
    again = read(tmp_path)
    assert (again.secret_key, again.token_key) == (first.secret_key, first.token_key)
    assert read(tmp_path / "elsewhere").secret_key != first.secret_key


def test_a_secret_from_the_environment_comes_first(tmp_path: Path) -> None:
    found = read(tmp_path, secret_key="e" * 40)
    assert found.secret_key == "e" * 40
    assert found.token_key == json.loads((tmp_path / "var" / "secrets.json").read_text())["token_key"]


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path) -> None:
    code = "import sys; from learnhub.config import read_settings; print(read_settings({}, home=None).secret_key)"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, text=True,
        )
        for _process in range(4)
    ]  # fmt: skip
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe\x00",
        b"{}",
        b'{"secret_key": "only one of them, long enough to be one"}',
        b'{"secret_key": 5, "token_key": 6}',
        b'{"secret_key": "", "token_key": ""}',
        b'{"secret_key": "0123456789012345678901234567890123456789", "token_key": "short"}',
    ],
)
def test_damaged_secrets_stop_the_start_and_are_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "var" / "secrets.json"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(BadSetting, match="is damaged: .* Restore it from a backup; a new one ends all sessions"):
        read(tmp_path)
    assert path.read_bytes() == content


def test_a_place_that_cannot_hold_secrets_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a folder should be")
    with pytest.raises(BadSetting, match="cannot be read or written"):
        read(tmp_path)
