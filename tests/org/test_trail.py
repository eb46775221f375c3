"""The pages of the audit trail: within one's scope, in words of both languages, downloaded with a trace."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from learnhub.design.i18n import locale_of
from learnhub.kernel import clock
from learnhub.kernel.errors import NotFound
from learnhub.migrations import FOLDER
from learnhub.org import actions, audit, queries
from learnhub.org.models import AuditLine
from learnhub.org.queries import AuditFilter
from tests.cast import Cast
from tests.client import CheckingClient


def test_readers_see_only_lines_of_their_own_part(cast: Cast, now: datetime) -> None:
    for place in ("village", "county", "city", "other_village"):
        unit = cast.units[place]
        audit.record(cast.system_admin, "unit.renamed", "unit", unit.id, unit_id=unit.id, now=now, after=place)
    audit.record(None, "jobs.retried", "job", "all", unit_id=None, now=now)
    seen = {
        who: [line.detail.get("after") for line in queries.list_audit_lines(cast.actor(who), AuditFilter()).items]
        for who in ("auditor", "neighbour", "system_admin", "learner", "department")
    }
    assert seen["auditor"] == ["county", "village"]
    assert seen["neighbour"] == ["other_village"]
    assert seen["system_admin"] == [None, "other_village", "city", "county", "village"]
    assert seen["learner"] == seen["department"] == []
    hidden = AuditLine.get(AuditLine.unit == cast.city).id
    with pytest.raises(NotFound):
        queries.audit_line_for(cast.auditor, hidden)


def test_the_trail_is_searched_by_person_action_unit_and_day(cast: Cast, now: datetime) -> None:
    admin, learner = cast.unit_admin, cast.people["learner"]
    actions.grant_role(admin, learner.id, "auditor", cast.village.id, now=now)
    actions.reset_password(admin, learner.id, now=now + timedelta(days=1))
    actions.set_locale(cast.sibling_learner, "en", now=now + timedelta(days=2))

    def found(**wanted: Any) -> list[str]:
        return [line.action for line in queries.list_audit_lines(cast.auditor, AuditFilter(**wanted)).items]

    assert found() == ["account.language_set", "account.password_reset", "role.granted"]
    assert found(text="杨建") == ["role.granted"], "to whom"
    assert found(text="张丽萍") == found(text="ht1005") == ["account.password_reset", "role.granted"], "by whom"
    assert found(action="role.granted") == ["role.granted"]
    assert found(unit_id=cast.village.id) == ["account.password_reset", "role.granted"]
    first = clock.local_date(now) + timedelta(days=1)
    assert found(first=first, last=first) == ["account.password_reset"]


def test_the_trail_is_read_and_downloaded_and_that_leaves_a_line(
    client_for: Callable[[str], CheckingClient], cast: Cast, now: datetime
) -> None:
    actions.rename_unit(cast.unit_admin, cast.village.id, "=新村", now=now)
    browser = client_for("auditor")
    assert "更改单位名称" in browser.get("/audit").text
    line = AuditLine.get(AuditLine.action == "unit.renamed")
    page = browser.get(f"/audit/{line.id}").text
    assert "=新村" in page and "大石板社区居民委员会" in page and "张丽萍" in page
    text = browser.get("/audit.csv").get_data().decode("utf-8-sig")
    assert "'=新村" in text
    assert browser.get("/audit.xlsx?action=unit.renamed").get_data()[:2] == b"PK"
    assert AuditLine.select().where(AuditLine.action == "audit.exported").count() == 2


CODE = re.compile(r"[a-z]+\.[a-z_]+")


def _recorded_actions() -> set[str]:
    """What the program writes as an action: texts of that form near a call that records, read from the sources."""
    found = set()
    for path in FOLDER.parent.rglob("*.py"):
        text = path.read_text("utf-8")
        if "audit" not in text or path.parent == FOLDER:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                parts = node.args if called in ("record", "_record", "_trace", "Entry") else []
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("action", "act"):
                parts = [node.value]
            elif isinstance(node, ast.FunctionDef) and any(one.arg == "act" for one in node.args.kwonlyargs):
                parts = [one for one in node.args.kw_defaults if one]
            else:
                continue
            texts = (leaf.value for part in parts for leaf in ast.walk(part) if isinstance(leaf, ast.Constant))
            found |= {one for one in texts if isinstance(one, str) and CODE.fullmatch(one)}
    return found


def test_every_action_has_words_in_both_languages(app: Flask) -> None:
    recorded = _recorded_actions()
    assert {"account.signed_in", "catalog.withdraw_course", "roll.mark_changed", "units.imported"} <= recorded
    assert recorded - set(audit.ACTIONS) == set()
    with app.app_context():
        for code in audit.ACTIONS:
            with locale_of("en"):
                english = str(audit.ACTIONS[code])
            with locale_of("zh_CN"):
                assert str(audit.ACTIONS[code]) != english, f"{code} has no Chinese words"
