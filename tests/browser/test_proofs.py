"""A proof is checked in Chromium: by the address in its code, by pasting, without a network, and a forged digit is refused."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from learnhub.kernel import clock, keys
from learnhub.proofs import actions
from learnhub.study import ledger
from learnhub.study.hours import rule_named
from tests.browser.conftest import LiveServer


def give_hours(live: LiveServer) -> None:
    """Three hours of teaching for the learner."""
    now = clock.now()
    proof = {"claim": 1, "first_day": "2026-01-05", "last_day": "2026-01-05", "claimed": 300, "title": "授课"}
    person = live.cast.people["learner"].id
    stamp = rule_named("yunnan-online").stamp
    ledger.append(
        ledger.Credit(person, "teaching", True, 300, None, None, stamp, proof, now, f"claim:1:{person}"), now=now
    )


def test_a_code_is_checked_in_the_browser_and_one_altered_digit_is_refused(
    live: LiveServer, page_for: Callable[..., Page]
) -> None:
    give_hours(live)
    now = clock.now()
    proof = actions.issue_year(live.cast.actor("learner"), clock.local_year(now), now=now, settings=live.settings)
    page = page_for("colleague")
    page.goto(f"/proofs/check#{proof.token}")
    answer = page.locator("#check-answer")
    expect(answer).to_contain_text("真实")
    expect(page.locator("#check-rows")).to_contain_text("杨建国")
    expect(page.locator("#check-rows")).to_contain_text("3 学时")
    mark, body, signature = proof.token.split(".")
    forged = keys.pack(keys.unpack(body).replace(b",300,", b",900,"))
    page.fill("textarea", f"{mark}.{forged}.{signature}")
    page.click("#check-form button")
    expect(answer).to_contain_text("签名不符")
    expect(page.locator("#check-rows")).to_be_hidden()
    keys.rotate(live.settings.data_dir, clock.local_date(now))
    page.goto(f"/proofs/check#{proof.token}")
    page.reload()  # with the new list of keys
    expect(answer).to_contain_text("真实")
    page.context.set_offline(True)
    page.fill("textarea", proof.token)
    page.click("#check-form button")
    expect(answer).to_contain_text("没有网络")
    expect(page.locator("#check-rows")).to_contain_text("杨建国")
