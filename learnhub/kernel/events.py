"""Talk from a feature to those above it: plain dataclasses in the past tense, carrying ids and plain values.

Subscribers run at once, inside the publisher's transaction: what they write stands or falls with it. What leaves
the process (an index, a message, a file) is enqueued by them as a job, which a worker sees after the commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_subscribers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


@dataclass(frozen=True)
class DocumentChanged:
    """Something that can be found by text was made, changed, withdrawn or removed; ``source`` names its registry entry."""

    source: str
    id: str


def subscribe(event: type, listener: Callable[[Any], None]) -> None:
    """Calls ``listener`` for each published ``event``; subscribing the same one again changes nothing."""
    if listener not in _subscribers[event]:
        _subscribers[event].append(listener)


def publish(event: object) -> None:
    """Hands ``event`` to every subscriber of its class, in the order of subscription."""
    for listener in _subscribers[type(event)]:
        listener(event)
