"""What media tell the features above; listeners run inside the transaction that made it true."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AssetReady:
    """An asset can be used: played, read or shown. ``duration_ms`` is None for documents and images."""

    asset_id: int
    kind: str
    duration_ms: int | None


@dataclass(frozen=True)
class AssetRefused:
    """An asset turned out to be unusable; ``code`` has words in ``messages.py``."""

    asset_id: int
    code: str


@dataclass(frozen=True)
class LifeChanged:
    """An asset was withdrawn, restored, got another last day, or that day is over: whether it is shown may be otherwise."""

    asset_id: int


@dataclass(frozen=True)
class CaptionsChanged:
    """An asset has new timed text in a language, or none any more."""

    asset_id: int
    language: str
