"""A reviewer reads folders in scope and gives a verdict; where two people are needed, nobody publishes alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from learnhub.catalog import actions, queries
from learnhub.catalog.course_folder import read_categories, read_course_folder
from learnhub.catalog.models import Course, FolderReview
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.errors import Conflict, Forbidden, Invalid
from learnhub.org.models import AuditLine, RoleGrant
from learnhub.org.scope import Actor
from tests.cast import Cast
from tests.catalog.folders import edit, write_course
from tests.client import CheckingClient


@pytest.fixture
def path(settings: Settings) -> Path:
    """A good folder of the county."""
    settings.courses_dir.mkdir(parents=True, exist_ok=True)
    return write_course(settings.courses_dir, "fire")


@pytest.fixture
def strict(settings: Settings) -> Settings:
    """Two people are needed."""
    return dataclasses.replace(settings, two_person_publishing=True)


@pytest.fixture
def reviewer(cast: Cast) -> Actor:
    """The auditor's person, who is a reviewer of the county as well."""
    RoleGrant.create(person=cast.people["auditor"], role="reviewer", unit=cast.county, starts_at=cast.now)
    return cast.actor("auditor", clock.now())


def _say(actor: Actor, path: Path, now: datetime, *, is_approval: bool = True, comment: str = "好") -> FolderReview:
    folder = read_course_folder(path, [line.code for line in read_categories(path.parent)])
    return actions.review_folder(actor, folder, digest=folder.digest, is_approval=is_approval, comment=comment, now=now)


def test_without_the_setting_an_editor_publishes_alone(cast: Cast, path: Path, settings: Settings) -> None:
    assert actions.publish_folder(cast.editor, path, now=cast.now, settings=settings).is_new


def test_where_two_people_are_needed_exactly_what_was_approved_is_published(
    cast: Cast, path: Path, strict: Settings, reviewer: Actor, now: datetime
) -> None:
    def publish() -> actions.Published:
        return actions.publish_folder(cast.editor, path, now=now, settings=strict)

    with pytest.raises(Conflict) as refused:
        publish()
    assert refused.value.code == "catalog.not_approved"
    _say(reviewer, path, now, is_approval=False)
    with pytest.raises(Conflict):
        publish()
    _say(reviewer, path, now)
    assert publish().is_new
    edit(path / "course.toml", "村级消防常识。", "村级消防常识，修订。")
    with pytest.raises(Conflict):
        publish()
    _say(reviewer, path, now)
    _say(reviewer, path, now, is_approval=False, comment="还是不行")
    with pytest.raises(Conflict):
        publish()
    assert Course.get().summary == "村级消防常识。"


def test_nobody_approves_for_themselves(cast: Cast, path: Path, strict: Settings, now: datetime) -> None:
    boss = cast.system_admin
    _say(boss, path, now)
    with pytest.raises(Conflict):
        actions.publish_folder(boss, path, now=now, settings=strict)
    assert actions.publish_folder(cast.editor, path, now=now, settings=strict).is_new


def test_a_review_needs_the_power_there_and_words_for_changes(
    cast: Cast, path: Path, reviewer: Actor, now: datetime
) -> None:
    for actor in (cast.editor, cast.neighbour, cast.unit_admin):
        with pytest.raises(Forbidden):
            _say(actor, path, now)
    with pytest.raises(Invalid):
        _say(reviewer, path, now, is_approval=False, comment="  ")
    folder = read_course_folder(path, [line.code for line in read_categories(path.parent)])
    with pytest.raises(Conflict):
        actions.review_folder(reviewer, folder, digest="old", is_approval=True, comment="", now=now)
    assert FolderReview.select().count() == AuditLine.select().count() == 0


def test_units_and_category_of_a_folder_are_named_within_ones_part_only(
    cast: Cast, path: Path, reviewer: Actor
) -> None:
    edit(path / "course.toml", 'unit = "530402"', 'unit = "530402"\naudience = ["530402004", "530403", "999"]')
    folder = read_course_folder(path, [line.code for line in read_categories(path.parent)])
    found = queries.places_of(reviewer, folder, "catalog.review")
    assert (found.unit, found.audience) == ("红塔区", ("北城街道", "530403", "999"))
    assert (found.category, found.category_en) == ("law", "law"), "no course has brought the category in yet"
    assert queries.places_of(cast.actor("learner", clock.now()), folder).audience == ("530402004", "530403", "999")


def test_the_pages_show_the_text_and_take_the_verdict(
    client_for: Callable[[str], CheckingClient], app: Flask, cast: Cast, path: Path, reviewer: Actor
) -> None:
    browser = client_for("auditor")
    assert path.name in browser.get("/reviewing").text
    page = browser.get(f"/reviewing/folders/{path.name}").text
    assert "用水就能扑灭" in page, "an unpublished text can be read"
    assert "<dd>红塔区</dd>" in page and "<dd>530402</dd>" not in page, "units are named"
    digest = page.split('name="digest" value="')[1].split('"')[0]
    refused = browser.send(f"/reviewing/folders/{path.name}", {"digest": digest, "verdict": "changes"})
    assert refused.status_code == 422
    sent = browser.send(f"/reviewing/folders/{path.name}", {"digest": digest, "verdict": "approve", "comment": "可以"})
    assert sent.status_code == 302
    assert "可以" in client_for("editor").get(f"/editing/folders/{path.name}").text
    assert client_for("editor").get("/reviewing").status_code == 403
    assert browser.get("/editing").status_code == 403
    assert browser.get("/reviewing/folders/nothing").status_code == 404
