"""Where two people are needed: an upload is put up by one, looked at by another, and published when that one approves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from learnhub.catalog import actions
from learnhub.catalog.models import Course, Lesson, LessonVersion, MediaProposal
from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.errors import Conflict, Forbidden, NotFound
from learnhub.media.models import Asset
from learnhub.media.uploads import collect, life
from learnhub.media.uploads.models import Upload
from learnhub.org.models import AuditLine, RoleGrant
from learnhub.org.scope import Actor
from tests.cast import Cast
from tests.client import CheckingClient
from tests.media.uploads.conftest import Sender
from tests.study.conftest import add_course

SignIn = Callable[[str], CheckingClient]
TEXT = "第一课\n".encode() * 400


@pytest.fixture
def sender(client_for: Callable[[str], Any]) -> Sender:
    """The editor of the county."""
    return Sender(client_for("editor"))


@pytest.fixture
def send(sender: Sender) -> Callable[[str], Asset]:
    """Uploads a text of that name, and gives its asset."""

    def send_one(name: str) -> Asset:
        sender.send(f"{name}\n".encode() * 400, f"{name}.txt")
        jobs.run_all()
        return Upload.select().order_by(Upload.id.desc()).first().asset  # type: ignore[no-any-return]

    return send_one


@pytest.fixture
def course(cast: Cast) -> Course:
    """A published course of the county without lessons."""
    return add_course(cast, "upload", "county", clock.now())


@pytest.fixture
def strict(app: Flask, settings: Settings) -> Settings:
    """Two people are needed, on the pages too."""
    app.extensions["learnhub_settings"] = dataclasses.replace(settings, two_person_publishing=True)
    return app.extensions["learnhub_settings"]  # type: ignore[no-any-return]


@pytest.fixture
def reviewer(cast: Cast) -> Actor:
    """The auditor's person, who is a reviewer of the county as well."""
    RoleGrant.create(person=cast.people["auditor"], role="reviewer", unit=cast.county, starts_at=cast.now)
    return cast.actor("auditor", clock.now())


def _lines() -> list[tuple[str, int | None]]:
    told = AuditLine.action.startswith("catalog.media_")
    return [(row.action, row.actor_id) for row in AuditLine.select().where(told).order_by(AuditLine.id)]


def _state() -> list[Any]:
    return [list(table.select().order_by(table.id).dicts()) for table in (Course, Lesson, LessonVersion)]


def test_an_upload_is_put_up_looked_at_and_published_by_the_approval(
    send: Callable[[str], Asset], sender: Sender, course: Course, strict: Settings, reviewer: Actor,
    client_for: SignIn, cast: Cast,
) -> None:  # fmt: skip
    asset, before = send("讲稿"), _state()
    page = sender.browser.get(f"/editing/media/{asset.id}").text
    assert "需要另一个人审核" in page and "将课时送审" in page
    form = {"course": course.id, "title": "乡村振兴讲稿"}
    assert sender.browser.send(f"/editing/media/{asset.id}/add", form).status_code == 302
    assert sender.browser.send(f"/editing/media/{asset.id}/add", form).status_code == 409, "the same file twice"
    assert _state() == before, "nothing is published by putting it up"
    proposal = MediaProposal.get()
    assert "等待审核" in sender.browser.get(f"/editing/courses/{course.id}").text
    browser = client_for("auditor")
    assert "乡村振兴讲稿" in browser.get("/reviewing").text
    looked = browser.get(f"/reviewing/media/{proposal.id}").text
    assert "讲稿.txt" in looked and cast.people["editor"].name in looked and looked.count("讲稿") > 100, (
        "its words are shown"
    )
    assert "/original" in looked, "and the file can be opened"
    assert browser.send(f"/reviewing/media/{proposal.id}", {"verdict": "approve"}).status_code == 302
    lesson = Lesson.get(Lesson.course == course)
    assert LessonVersion.get(LessonVersion.lesson == lesson).asset_id == asset.id
    assert client_for("learner").get(f"/lessons/{lesson.id}").status_code == 200
    editor, other = cast.people["editor"].id, cast.people["auditor"].id
    assert _lines() == [
        ("catalog.media_put_up", editor), ("catalog.media_added", other), ("catalog.media_approved", other),
    ]  # fmt: skip
    assert "已通过并发布" in sender.browser.get(f"/editing/courses/{course.id}").text
    again = browser.send(f"/reviewing/media/{proposal.id}", {"verdict": "approve"})
    assert again.status_code == 409 and Lesson.select().count() == 1


def test_a_refusal_says_why_and_leaves_everything_as_it_was(
    send: Callable[[str], Asset], sender: Sender, course: Course, strict: Settings, reviewer: Actor,
    client_for: SignIn, cast: Cast,
) -> None:  # fmt: skip
    asset, before = send("讲稿"), _state()
    proposal = actions.put_up_addition(cast.editor, course.id, asset.id, "讲稿", now=clock.now())
    browser = client_for("auditor")
    browser.get(f"/reviewing/media/{proposal.id}")
    assert browser.send(f"/reviewing/media/{proposal.id}", {"verdict": "refuse"}).status_code == 422
    sent = browser.send(f"/reviewing/media/{proposal.id}", {"verdict": "refuse", "comment": "第二页有错字"})
    assert sent.status_code == 302 and _state() == before
    assert "第二页有错字" in sender.browser.get(f"/editing/courses/{course.id}").text
    assert "第二页有错字" in browser.get(f"/reviewing/media/{proposal.id}").text
    assert [action for action, _who in _lines()] == ["catalog.media_put_up", "catalog.media_refused"]
    ended = MediaProposal.get()
    assert (ended.state, ended.asset_id, ended.sha256) == ("refused", None, asset.sha256), "it holds no file any more"


def test_new_media_for_a_lesson_are_compared_with_what_it_shows(
    send: Callable[[str], Asset], course: Course, settings: Settings, strict: Settings, reviewer: Actor,
    client_for: SignIn, cast: Cast,
) -> None:  # fmt: skip
    first, second, third = send("一"), send("二"), send("三")
    now = clock.now()
    lesson = actions.add_media_lesson(cast.editor, course.id, first.id, "讲稿", settings=settings, now=now)
    earlier = actions.put_up_replacement(cast.editor, lesson.id, second.id, now=now)
    later = actions.put_up_replacement(cast.editor, lesson.id, third.id, now=now)
    assert MediaProposal.get_by_id(earlier.id).state == "replaced", "one lesson waits for one file"
    with pytest.raises(Conflict) as refused:
        actions.approve_proposal(reviewer, earlier.id, settings=strict, now=now)
    assert refused.value.code == "catalog.proposal_ended"
    page = client_for("auditor").get(f"/reviewing/media/{later.id}").text
    assert "三.txt" in page and "一.txt" in page
    made = actions.approve_proposal(reviewer, later.id, settings=strict, now=now)
    assert (made.number, made.asset_id, made.is_current) == (2, third.id, True)
    assert LessonVersion.get(LessonVersion.number == 1).asset_id == first.id


@pytest.mark.parametrize(
    "what", ["withdrawn", "expired", "off the list", "newer version", "course withdrawn", "retired"]
)
def test_what_has_changed_since_it_was_put_up_cannot_be_approved(
    what: str, send: Callable[[str], Asset], course: Course, settings: Settings, strict: Settings, reviewer: Actor,
    client_for: SignIn, cast: Cast,
) -> None:  # fmt: skip
    first, second, third = send("一"), send("二"), send("三")
    now = later = clock.now()
    lesson = actions.add_media_lesson(cast.editor, course.id, first.id, "讲稿", settings=settings, now=now)
    proposal = actions.put_up_replacement(cast.editor, lesson.id, second.id, now=now)
    if what == "withdrawn":
        life.withdraw(cast.editor, second.id, "错了", settings=settings, now=now)
    elif what == "expired":
        life.set_last_day(cast.editor, second.id, clock.local_date(now), settings=settings, now=now)
        later = now + timedelta(days=2)
    elif what == "off the list":
        Upload.update(state="removed").where(Upload.asset == second).execute()
    elif what == "newer version":
        actions.replace_media(cast.editor, lesson.id, third.id, settings=settings, now=now)
    elif what == "course withdrawn":
        actions.withdraw_course(cast.editor, course.id, "过时", now=now)
    else:
        Lesson.update(is_retired=True).execute()
    before = _state()
    with pytest.raises(Conflict):
        actions.approve_proposal(reviewer, proposal.id, settings=strict, now=later)
    assert _state() == before
    with clock.told_by(lambda: later):
        page = client_for("auditor").get(f"/reviewing/media/{proposal.id}").text
    assert "已不能审核通过" in page and 'value="approve"' not in page
    actions.refuse_proposal(reviewer, proposal.id, "请重新送审", now=later)
    assert _state() == before


def test_nobody_approves_their_own_and_both_need_their_power(
    send: Callable[[str], Asset], course: Course, strict: Settings, reviewer: Actor, cast: Cast, client_for: SignIn
) -> None:
    asset, now = send("讲稿"), clock.now()
    with pytest.raises(Conflict) as alone:
        actions.add_media_lesson(cast.editor, course.id, asset.id, "讲稿", settings=strict, now=now)
    assert alone.value.code == "catalog.not_approved"
    RoleGrant.create(person=cast.people["editor"], role="reviewer", unit=cast.county, starts_at=cast.now)
    both = cast.actor("editor", now)
    proposal = actions.put_up_addition(both, course.id, asset.id, "讲稿", now=now)
    with pytest.raises(Conflict) as own:
        actions.approve_proposal(both, proposal.id, settings=strict, now=now)
    assert own.value.code == "catalog.own_proposal"
    assert 'value="approve"' not in client_for("editor").get(f"/reviewing/media/{proposal.id}").text
    for stranger in (cast.neighbour, cast.learner):
        with pytest.raises((NotFound, Forbidden)):
            actions.approve_proposal(stranger, proposal.id, settings=strict, now=now)
    RoleGrant.update(ends_at=now).where(RoleGrant.person == cast.people["editor"]).execute()
    with pytest.raises(Conflict) as left:
        actions.approve_proposal(reviewer, proposal.id, settings=strict, now=now + timedelta(seconds=1))
    assert left.value.code == "catalog.proposer_left"
    assert Lesson.select().count() == 0


def test_it_can_be_taken_back_and_what_has_ended_keeps_no_file_from_being_collected(
    send: Callable[[str], Asset], sender: Sender, course: Course, strict: Settings, reviewer: Actor, cast: Cast
) -> None:
    asset, now = send("讲稿"), clock.now()
    actions.put_up_addition(cast.editor, course.id, asset.id, "讲稿", now=now)
    Upload.update(state="removed", changed_at=now - timedelta(days=30)).execute()
    Asset.update(created_at=now - timedelta(days=30)).execute()
    assert not [one for one in collect.collect(settings=strict, now=now, dry_run=True) if one.kind == "medium"]
    sender.browser.get(f"/editing/courses/{course.id}")
    assert sender.browser.send(f"/editing/proposals/{MediaProposal.get().id}/take-back").status_code == 302
    assert MediaProposal.get().state == "taken_back"
    assert _lines()[-1][0] == "catalog.media_taken_back"
    assert [one.name for one in collect.collect(settings=strict, now=now, dry_run=True)] == ["讲稿.txt"]
    with pytest.raises(Conflict):
        actions.approve_proposal(reviewer, MediaProposal.get().id, settings=strict, now=now)
