"""The server's side of a trace over HTTP, with its clock in the test's hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from werkzeug.test import Client, TestResponse

from learnhub.catalog.models import LessonVersion
from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.study import actions, beat
from tests.cast import Cast
from tests.study.traces import Pieces


class HttpServer:
    """The server's side of a trace: the real actions and the real WSGI path, at the script's time."""

    def __init__(self, cast: Cast, lesson_id: int, settings: Settings, start: datetime, who: str = "learner") -> None:
        self.actor, self.lesson_id, self.settings, self.start = cast.actor(who), lesson_id, settings, start
        self.now = start
        self.fold = actions.Fold(settings, background=False)
        self.http = Client(beat.make_beat(settings, now_ms=lambda: clock.in_ms(self.now), fold=self.fold))
        self.is_written_at_once = True
        self.tokens: dict[str, str] = {}
        self.answer: dict[str, Any] = {}
        self.is_elsewhere = False

    def open(self, at_ms: int) -> str:
        self.now = self.start + timedelta(milliseconds=at_ms)
        opened = actions.open_viewing(self.actor, self.lesson_id, device="test", now=self.now, settings=self.settings)
        self.tokens[opened.viewing_id] = opened.token
        return opened.viewing_id

    def report(self, viewing: str, seq: int, seen: Pieces, position_ms: int, at_ms: int) -> int | None:
        self.now = self.start + timedelta(milliseconds=at_ms)
        response = self.send(viewing, seq=seq, seen=seen, position_ms=position_ms)
        if response.status_code == 403:
            return None  # too old; the page opens another viewing
        assert response.status_code == 200, response.text
        self.answer = response.json or {}
        if self.is_written_at_once and self.answer["durable"] != seq:
            self.fold.flush()
            self.answer = self.send(viewing, seq=seq, seen=seen, position_ms=position_ms).json or {}
        self.is_elsewhere = self.answer["state"] == "elsewhere"
        return self.answer["durable"]

    def new_version(self, at_ms: int) -> None:
        """Another version of the same length, published at this moment."""
        old = LessonVersion.get((LessonVersion.lesson == self.lesson_id) & LessonVersion.is_current)
        LessonVersion.update(is_current=False).where(LessonVersion.id == old.id).execute()
        LessonVersion.create(
            lesson=self.lesson_id, number=old.number + 1, digest=old.digest + "2", title=old.title, asset=old.asset_id,
            characters=old.characters, length_s=old.length_s, published_at=self.start + timedelta(milliseconds=at_ms),
        )  # fmt: skip

    def send(self, viewing: str, **body: Any) -> TestResponse:
        return self.http.post("/beat", json={"token": self.tokens[viewing], **body})
