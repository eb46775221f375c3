"""The beat path over HTTP, with the server's clock in the test's hand, on both databases."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from learnhub.config import Settings
from learnhub.kernel import clock, events
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import NotFound
from learnhub.study import actions, beat, hours
from learnhub.study.events import CourseCompleted, LessonCompleted
from learnhub.study.models import Completion, LedgerEntry, Progress, RefusedReports, Viewing
from tests.cast import Cast
from tests.study.conftest import Library
from tests.study.serving import HttpServer
from tests.study.traces import LENGTH_MS, Player


def test_a_credited_lesson_carries_its_evidence(server: HttpServer, library: Library, now: datetime) -> None:
    Player(server).play(0, 300_000)
    Player(server, at_ms=400_000).play(300_000, 540_000)
    entry = LedgerEntry.get()
    assert (entry.source, entry.centihours, entry.is_required, entry.year) == ("online", 25, True, 2026)
    assert entry.credit_key == f"lesson:{library.video.id}:2026:{server.actor.person_id}"
    assert entry.rule == hours.rule_named("yunnan-online").stamp
    assert entry.evidence["seen"] == [[0, 540_000]]
    assert entry.evidence["needed_ms"] == 540_000
    assert [viewing["added"] for viewing in entry.evidence["viewings"]] == [[[0, 300_000]], [[300_000, 540_000]]]
    assert entry.earned_at == now + timedelta(milliseconds=400_000 + 240_000)


def test_a_second_viewing_takes_over_politely(server: HttpServer) -> None:
    first = Player(server)
    first.play(0, 20_000)
    second = Player(server, at_ms=first.at_ms)
    first.play(20_000, 30_000)
    assert server.answer["state"] == "elsewhere"
    second.at_ms = first.at_ms
    second.play(30_000, 40_000)
    assert server.answer["state"] == "live"
    assert Viewing.select().where(Viewing.ended_at.is_null()).count() == 1
    assert Viewing.get_by_id(first.viewing).ended_by == "takeover"


def test_a_person_cannot_have_two_live_viewings_whatever_the_code_does(server: HttpServer) -> None:
    first = Viewing.get_by_id(server.open(0))
    import peewee

    with pytest.raises(peewee.IntegrityError), transaction():
        Viewing.create(
            id="another", person=first.person_id, version=first.version_id, seen=[],
            opened_at=first.opened_at, reported_at=first.opened_at,
        )  # fmt: skip


def test_the_place_to_resume_is_kept_for_any_machine(server: HttpServer) -> None:
    player = Player(server)
    player.play(0, 50_000)
    server.report(player.viewing, 1, [(0, 10_000)], 10_000, player.at_ms)  # an old report arrives late
    opened = actions.open_viewing(
        server.actor, server.lesson_id, device="other", now=server.now, settings=server.settings
    )
    assert (opened.position_ms, opened.seen_ms, opened.seen) == (50_000, 50_000, ((0, 50_000),))


def test_a_repeated_report_changes_nothing(server: HttpServer) -> None:
    player = Player(server)
    player.play(0, 10_000)
    before = Viewing.select().dicts().get()
    assert server.report(player.viewing, player.seq, [(0, 10_000)], 10_000, player.at_ms + 5_000) == player.seq
    assert Viewing.select().dicts().get() == before


def test_completing_a_lesson_and_a_course_is_told_once(server: HttpServer, library: Library, now: datetime) -> None:
    heard: list[object] = []
    for event in (LessonCompleted, CourseCompleted):
        events.subscribe(event, heard.append)
    for lesson in (library.text, library.document, library.test):
        lesson.is_retired = True
        lesson.save()
    Player(server).play(0, LENGTH_MS)
    Player(server, at_ms=2 * LENGTH_MS).play(0, LENGTH_MS)
    person = server.actor.person_id
    done_at = now + timedelta(milliseconds=540_000)
    assert heard == [
        LessonCompleted(person, library.video.id, library.course.id, "viewing", done_at),
        CourseCompleted(person, library.course.id, done_at),
    ]
    assert Completion.get().completed_at == done_at
    events._subscribers.clear()


def test_what_a_neighbour_county_offers_cannot_be_opened(server: HttpServer, library: Library, now: datetime) -> None:
    with pytest.raises(NotFound):
        actions.open_viewing(server.actor, library.foreign.id, device="", now=now, settings=server.settings)


def test_reports_of_two_people_do_not_touch(cast: Cast, library: Library, settings: Settings, now: datetime) -> None:
    one = HttpServer(cast, library.video.id, settings, now)
    other = HttpServer(cast, library.video.id, settings, now, who="colleague")
    Player(one).play(0, 100_000)
    Player(other).play(300_000, 350_000)
    seen = {row.person_id: row.seen for row in Progress.select()}
    assert seen == {one.actor.person_id: [[0, 100_000]], other.actor.person_id: [[300_000, 350_000]]}


class Post:
    """Sends raw bodies to the path."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.viewing = server.open(0)
        server.now += timedelta(seconds=60)
        self.token = server.tokens[self.viewing]

    def raw(self, body: bytes, **kwargs: Any) -> tuple[int, str]:
        response = self.server.http.post("/beat", data=body, **kwargs)
        return response.status_code, (response.json or {}).get("error", {}).get("code", "")

    def body(self, **change: Any) -> bytes:
        return json.dumps({"token": self.token, "seq": 1, "seen": [[0, 1000]], "position_ms": 1000, **change}).encode()


@pytest.fixture
def post(server: HttpServer) -> Post:
    """A live viewing and a way to send it anything."""
    return Post(server)


def test_bad_bodies_are_refused_counted_and_change_nothing(post: Post) -> None:
    good = post.body()
    cases = [
        (b"", 400, "study.report_json"),
        (b"{", 400, "study.report_json"),
        (b"\xff\xfe\x00", 400, "study.report_json"),
        (b"[" * 5000, 400, "study.report_json"),
        (good.replace(b"1000]", b"NaN]"), 400, "study.report_json"),
        (good.replace(b"1000]", b"Infinity]"), 400, "study.report_json"),
        (good.replace(b"1000]", b"-1000]"), 400, "study.report_numbers"),
        (good.replace(b"[0,", b"[-1,").replace(b"[[0", b"[[-1"), 400, "study.report_numbers"),
        (good.replace(b"1000]", b"1e3]"), 400, "study.report_numbers"),
        (good.replace(b"1000]", b"9" * 5000 + b"]"), 400, "study.report_json"),
        (good.replace(b"1000]", b"9" * 400 + b"]"), 400, "study.report_beyond_end"),
        (good.replace(b"1000]", b"999999999]"), 400, "study.report_beyond_end"),
        (b"[]", 403, "study.report_token"),
        (b"null", 403, "study.report_token"),
        (post.body(token=None), 403, "study.report_token"),
        (post.body(token=[post.token]), 403, "study.report_token"),
        (post.body(token="杨" * 20), 403, "study.report_token"),
        (post.body(token="\ud800"), 403, "study.report_token"),
        (post.body(token="."), 403, "study.report_token"),
        (post.body(token=post.token[:-1] + ("A" if post.token[-1] != "A" else "B")), 403, "study.report_token"),
        (post.body(token="A" + post.token), 403, "study.report_token"),
        (post.body(token="x" * 7000), 403, "study.report_token"),
        (post.body(pad="x" * 9000), 413, "study.report_size"),
        (post.body(pad="x"), 400, "study.report_shape"),
    ]
    for body, status, code in cases:
        assert post.raw(body) == (status, code), body[:80]
    post.server.fold.flush()
    counted = {row.code: row.number for row in RefusedReports.select()}
    assert counted == Counter(code for _body, _status, code in cases)
    assert {row.day for row in RefusedReports.select()} == {clock.local_date(post.server.now)}
    assert Progress.get().seen_ms == 0
    assert Viewing.get().refusals > 0
    assert post.raw(good)[0] == 200


def test_a_token_of_another_key_person_or_time_is_refused(post: Post, server: HttpServer, cast: Cast) -> None:
    foreign = dataclasses.replace(server.settings, token_key="k" * 48)
    opened = actions.open_viewing(
        cast.actor("colleague"), server.lesson_id, device="", now=server.now, settings=foreign
    )
    assert post.raw(post.body(token=opened.token)) == (403, "study.report_token")
    server.now += actions.tokens.TOKEN_LIFE
    assert post.raw(post.body()) == (403, "study.report_token")


def test_the_viewing_of_another_person_cannot_be_claimed(post: Post, server: HttpServer, cast: Cast) -> None:
    from learnhub.kernel.signing import sign

    claims = {"v": post.viewing, "p": cast.actor("colleague").person_id, "l": LENGTH_MS, "n": 540_000}
    token = sign(claims, purpose="study.beat", key=server.settings.token_key, expires=server.now + timedelta(hours=1))
    assert post.raw(post.body(token=token)) == (404, "study.no_viewing")
    claims["v"] = "0" * 20
    token = sign(claims, purpose="study.beat", key=server.settings.token_key, expires=server.now + timedelta(hours=1))
    assert post.raw(post.body(token=token)) == (404, "study.no_viewing")
    assert post.raw(post.body(token=sign(claims, purpose="media", key=server.settings.token_key,
                                         expires=server.now + timedelta(hours=1)))) == (403, "study.report_token")  # fmt: skip


def test_only_post_is_answered_and_other_paths_pass_through(server: HttpServer) -> None:
    def pages(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"page"]

    http = Client(beat.mount(pages, server.settings, now_ms=clock.now_ms))
    response = http.get("/beat")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert http.get("/beats").data == b"page"
