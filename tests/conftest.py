"""What every test may ask for: a fresh database on both engines, the fixed cast, settings, the application, clients."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, Playwright, sync_playwright

from learnhub.app import create_app
from learnhub.config import Settings, read_settings
from learnhub.kernel import clock
from learnhub.study.actions import folding
from tests.cast import PASSWORD, Cast, build_cast
from tests.client import CheckingClient
from tests.databases import PostgresTemplates, SqliteTemplates
from tests.postgres import start_postgres

pytest_plugins = ("tests.selection",)

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_WORDS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--mute-audio",
]  # fmt: skip
NOW = clock.instant(date(2026, 6, 15), time(10))  # a Monday, 10:00 in China

_casts: dict[str, Cast] = {}


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    """The SQLite templates of this test process."""
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_templates() -> Iterator[PostgresTemplates]:
    """The PostgreSQL templates of this test process, on a server of its own."""
    with start_postgres() as url:
        yield PostgresTemplates(url)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> SqliteTemplates | PostgresTemplates:
    """Both databases, one after the other."""
    templates: SqliteTemplates | PostgresTemplates = request.getfixturevalue(f"{request.param}_templates")
    return templates


@pytest.fixture
def db(engine: SqliteTemplates | PostgresTemplates) -> Iterator[str]:
    """A migrated, empty database, bound; the value is its URL."""
    with engine.clone("empty", lambda: None) as url:
        yield url
        folding.close_all()


@pytest.fixture
def cast_url(engine: SqliteTemplates | PostgresTemplates) -> Iterator[str]:
    """The URL of a database with the fixed cast in it, bound."""

    def fill() -> None:
        _casts[type(engine).__name__] = build_cast(NOW)

    with engine.clone("cast", fill) as url:
        yield url
        folding.close_all()


@pytest.fixture
def cast(engine: SqliteTemplates | PostgresTemplates, cast_url: str) -> Cast:
    """The fixed cast (see ``tests/cast.py``) in a fresh, bound database."""
    return _casts[type(engine).__name__]


@pytest.fixture
def now() -> datetime:
    """The instant at which tests play: Monday 15 June 2026, 10:00 in China."""
    return NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose folders are temporary."""
    return read_settings(
        {
            "LEARNHUB_LOG_LEVEL": "error",
            "LEARNHUB_COURSES_DIR": str(tmp_path / "courses"),
            "LEARNHUB_ADMIN_TOTP": "no",  # the cast signs in with a password alone; tests/org/test_second_step.py says yes
        },
        home=tmp_path,
    )


class KnownTemplates(BytecodeCache):
    """Compiled templates of this test process: compiling them anew for each application takes most of a page's time."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja; a template whose source changed does not match and is compiled."""
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by Jinja after it compiled."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session")
def template_cache() -> KnownTemplates:
    """What this process has compiled."""
    return KnownTemplates()


@pytest.fixture
def app(cast_url: str, settings: Settings, template_cache: KnownTemplates) -> Flask:
    """The whole application on the cast's database."""
    made = create_app(dataclasses.replace(settings, database_url=cast_url))
    made.jinja_env.bytecode_cache = template_cache
    made.test_client_class = CheckingClient
    return made


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A browser that nobody has signed in with; it checks each page that it opens."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def client_for(app: Flask) -> Callable[[str], CheckingClient]:
    """``client_for("learner")``: a browser in which that member of the cast has signed in."""

    def sign_in(role: str) -> CheckingClient:
        browser: CheckingClient = app.test_client()  # type: ignore[assignment]
        browser.sign_in(role, PASSWORD)
        return browser

    return sign_in


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What starts browsers; one for the whole process, which can hold no second one."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, without a window."""
    started = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", CHROMIUM), args=CHROMIUM_WORDS)
    yield started
    started.close()


@pytest.fixture
def queries() -> Iterator[Callable[[], int]]:
    """Counts the SQL statements since the fixture was asked for or last called."""
    import logging

    counted: list[Any] = []
    handler = logging.Handler()
    handler.emit = counted.append  # type: ignore[method-assign]
    logger = logging.getLogger("peewee")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def count() -> int:
        number = sum(1 for record in counted if not str(record.msg).startswith(("('BEGIN", "('SAVEPOINT", "('RELEASE")))
        counted.clear()
        return number

    yield count
    logger.removeHandler(handler)
    logger.setLevel(level)


warnings.filterwarnings("ignore", category=ResourceWarning, module="psycopg")
