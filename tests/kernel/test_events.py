"""Events: heard at once, in order, inside the publisher's transaction."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from learnhub.kernel import events
from learnhub.kernel.db import transaction
from learnhub.kernel.jobs import enqueue
from learnhub.kernel.models import Job
from tests.conftest import NOW


@dataclass(frozen=True)
class KettleBoiled:
    """An event of these tests."""

    litres: int


@dataclass(frozen=True)
class SmallKettleBoiled(KettleBoiled):
    """One that no listener has asked for."""


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was heard; the registry is forgotten afterwards."""
    monkeypatch.setattr(events, "_subscribers", type(events._subscribers)(list))
    return []


def test_each_listener_hears_once_in_the_order_of_subscription(heard: list[tuple[str, int]]) -> None:
    def first(event: KettleBoiled) -> None:
        heard.append(("first", event.litres))

    def second(event: KettleBoiled) -> None:
        heard.append(("second", event.litres))

    for listener in (first, second, first):
        events.subscribe(KettleBoiled, listener)
    events.publish(KettleBoiled(2))
    assert heard == [("first", 2), ("second", 2)]


def test_nobody_hears_an_event_of_another_class(heard: list[tuple[str, int]]) -> None:
    events.subscribe(KettleBoiled, lambda event: heard.append(("", event.litres)))
    events.publish(SmallKettleBoiled(1))
    events.publish(events.DocumentChanged("catalog", "7"))
    assert heard == []


def test_what_a_listener_writes_falls_with_the_publisher(db: str, heard: list[tuple[str, int]]) -> None:
    events.subscribe(KettleBoiled, lambda event: enqueue("tea", {"litres": event.litres}, now=NOW))
    with pytest.raises(LookupError), transaction():
        events.publish(KettleBoiled(1))
        raise LookupError
    assert Job.select().count() == 0


def test_a_listener_that_fails_undoes_what_the_publisher_wrote(db: str, heard: list[tuple[str, int]]) -> None:
    def refuse(_event: KettleBoiled) -> None:
        raise LookupError

    events.subscribe(KettleBoiled, refuse)
    with pytest.raises(LookupError), transaction():
        enqueue("water", {}, now=NOW)
        events.publish(KettleBoiled(1))
    assert Job.select().count() == 0
