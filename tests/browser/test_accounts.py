"""Accounts in Chromium: second step and recovery code, a shared computer, slips on paper, log-in by a real provider."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from werkzeug.serving import make_server

from learnhub.app import create_app
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import db as database
from learnhub.kernel.text import fold_name
from learnhub.org.models import LoginSession, OutsideLogin, Person, SecondFactor
from tests.cast import PASSWORD, Cast, build_cast
from tests.databases import SqliteTemplates
from tests.org.provider import CLIENT, LABEL, running_provider
from tests.org.provider import PASSWORD as THEIRS

VILLAGERS = 14
PRINTED = re.compile(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}")
_casts: list[Cast] = []


def _build() -> None:
    cast = build_cast(clock.now())
    _casts.append(cast)
    for number in range(VILLAGERS):
        name = f"村民䶮{number:02d}"
        Person.create(name=name, name_folded=fold_name(name), unit=cast.village, created_at=clock.now())


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A running provider."""
    with running_provider() as address:
        yield address


@pytest.fixture
def site(sqlite_templates: SqliteTemplates, settings: Settings, issuer: str) -> Iterator[str]:
    """The address of a running site with the cast, a village of seventeen, and the provider in its settings."""
    with sqlite_templates.clone("accounts", _build) as url:
        told = {"oidc_issuer": issuer, "oidc_label": LABEL, "oidc_claim": "preferred_username", **CLIENT}
        app = create_app(dataclasses.replace(settings, database_url=url, **told))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join()
        server.server_close()
        database.close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """An empty Chinese window; an error of a script fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=site)
    opened, problems = context.new_page(), []
    opened.set_default_timeout(12_000)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []


def _sign_in(page: Page, who: str) -> None:
    page.goto("/login")
    page.locator('input[name="username"]').fill(who)
    page.locator('input[name="password"]').fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def _sign_out(page: Page) -> None:
    page.goto("/account")
    page.evaluate("document.querySelector('form[action=\"/logout\"]').submit()")
    page.wait_for_url("**/login**")


def test_a_second_step_is_set_up_used_and_replaced_by_a_recovery_code(page: Page) -> None:
    _sign_in(page, "learner")
    page.goto("/account/second-step")
    expect(page.locator(".qr svg")).to_be_visible()
    key = re.sub(r"\s", "", page.locator("main code").inner_text())
    page.locator('input[name="code"]').fill(pyotp.TOTP(key).at(clock.now()))
    page.locator("main form button[type=submit]").click()
    codes = page.locator("main ul code").all_inner_texts()
    assert len(codes) == 10
    _sign_out(page)
    _sign_in(page, "learner")
    page.wait_for_url("**/login/code**")
    page.goto("/account")
    page.wait_for_url("**/login**")
    SecondFactor.update(last_step=0).execute()  # half a minute later, without waiting for it
    page.goto("/login/code")
    page.locator('input[name="code"]').fill(pyotp.TOTP(key).at(clock.now()))
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda address: "/login" not in address)
    _sign_out(page)
    _sign_in(page, "learner")
    page.locator('input[name="code"]').fill(codes[3])
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda address: "/login" not in address)
    page.goto("/account/second-step/manage")
    expect(page.locator("main")).to_contain_text("9")


def test_a_shared_computer_is_remembered_and_keeps_no_mark(page: Page) -> None:
    _sign_in(page, "station_manager")
    page.goto("/account")
    page.locator('form#shared input[name="shared"]').check()
    page.locator("form#shared button[type=submit]").click()
    page.wait_for_load_state()
    _sign_out(page)
    expect(page.locator('input[name="shared"]')).to_be_checked()
    _sign_in(page, "learner")
    page.wait_for_url(lambda address: "/login" not in address)
    session = LoginSession.select().order_by(LoginSession.id.desc()).first()
    assert session.is_shared
    assert (session.expires_at - session.created_at).total_seconds() == 4 * 3600
    names = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert "learnhub_known" not in names
    assert names["learnhub"]["expires"] == -1


def test_slips_of_a_village_fit_eight_on_a_page_and_open_the_site(page: Page, tmp_path: Path) -> None:
    cast = _casts[-1]
    _sign_in(page, "unit_admin")
    page.goto(f"/units/{cast.units['village'].id}")
    page.get_by_role("link", name="一次性密码单").click()
    expect(page.locator('input[name="person"]:checked')).to_have_count(VILLAGERS + 3)
    page.locator("main form button[type=submit]").last.click()
    slips = page.locator(".slip")
    expect(slips).to_have_count(VILLAGERS + 3)
    name, password = slips.filter(has_text="村民䶮03").locator("dd").all_inner_texts()
    page.pdf(path=tmp_path / "slips.pdf", prefer_css_page_size=True)
    sheets = [sheet.extract_text() for sheet in PdfReader(tmp_path / "slips.pdf").pages]
    assert [len(PRINTED.findall(sheet)) for sheet in sheets] == [8, 8, 1]
    assert password in "".join(sheets)
    _sign_out(page)
    page.locator('input[name="username"]').fill(name)
    page.locator('input[name="password"]').fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/password")


def test_by_the_provider_in_and_out_again(page: Page, site: str) -> None:
    page.goto("/login?next=/account")
    page.get_by_role("link", name=f"用{LABEL}登录").click()
    page.locator('input[name="name"]').fill("learner")
    page.locator('input[name="password"]').fill(THEIRS)
    page.get_by_role("button", name="Enter").click()
    page.wait_for_url(f"{site}/account")
    expect(page.locator("main")).to_contain_text(_casts[-1].people["learner"].name)
    assert OutsideLogin.get().subject == "learner"
    _sign_out(page)
    expect(page.locator("main")).to_contain_text(f"{LABEL}可能仍保持登录")
    page.get_by_role("link", name=f"退出{LABEL}").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{site}/login**")
    page.get_by_role("link", name=f"用{LABEL}登录").click()
    expect(page.locator('input[name="name"]')).to_be_visible()
    page.get_by_role("button", name="Refuse").click()
    page.wait_for_url(f"{site}/login/provider/back**")
    expect(page.locator("main")).to_contain_text("没有让您登录")
    expect(page.locator('input[name="username"]')).to_be_visible()
