"""Garbage is named, then removed; what anybody needs stays."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.media import actions as media
from learnhub.media.models import Asset
from learnhub.media.store import Store
from learnhub.media.uploads.collect import collect
from learnhub.media.uploads.models import Upload
from learnhub.org.models import AuditLine
from tests.cast import Cast
from tests.media.uploads.conftest import TUS, Sender
from tests.study.conftest import add_course

LATER = timedelta(days=8)


def _put(path: Path, days: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    then = clock.now().timestamp() - days * 86_400
    os.utime(path, (then, then))
    return path


@pytest.fixture
def garbage(sender: Sender, settings: Settings) -> list[Path]:
    """Leftovers of every kind, an abandoned upload and a medium taken off the list; beside them what must stay."""
    root = settings.media_dir
    sender.send("要留下\n".encode() * 50, "留下.txt")
    removed = sender.send("不要了\n".encode() * 50, "不要.txt")
    jobs.run_all()
    sender.browser.delete(removed, headers=TUS)
    sender.begin(10, "半个.mp4")
    stray = "f" * 64
    return [
        _put(root / ".uploads" / "9999.part", 1),
        _put(root / ".work" / f"{stray}-b1-x" / "240p.m4s", 2).parent,
        _put(root / "originals" / "ff" / stray, 2),
        _put(root / "renditions" / stray / "b1" / "master.m3u8", 2).parents[1],
    ]


def _age(paths: list[Path]) -> None:
    for path in paths:
        os.utime(path, (1e9, 1e9))


def _lines() -> list[str]:
    told = AuditLine.action.in_(("media.deleted", "media.tidied"))
    return [row.action for row in AuditLine.select().where(told).order_by(AuditLine.id)]


def test_a_dry_run_names_what_the_real_one_removes_and_touches_nothing(
    garbage: list[Path], sender: Sender, settings: Settings
) -> None:
    _age(garbage)
    now = clock.now() + LATER
    before = sorted(settings.media_dir.rglob("*"))
    named = collect(settings=settings, now=now, dry_run=True)
    assert sorted(settings.media_dir.rglob("*")) == before
    assert {one.kind for one in named} == {"upload", "part", "work", "medium", "original", "renditions"}
    assert {one.name for one in named if one.kind in ("medium", "upload")} == {"不要.txt", "半个.mp4"}
    assert not _lines(), "a dry run deletes nothing"
    assert collect(settings=settings, now=now, dry_run=False) == named
    kinds = [one.kind for one in named]
    assert _lines() == ["media.deleted"] * kinds.count("medium") + ["media.tidied"] * (set(kinds) != {"medium"})
    assert collect(settings=settings, now=now, dry_run=False) == []
    assert [asset.file_name for asset in Asset.select()] == ["留下.txt"]
    assert len(list((settings.media_dir / "originals").glob("*/*"))) == 1
    assert not any(path.exists() for path in garbage)


def test_every_version_of_captions_and_what_is_being_sent_stays(
    sender: Sender, settings: Settings, samples: Path
) -> None:
    asset = media.add_asset(None, samples / "tiny.mp4", "a.mp4", settings=settings, now=clock.now())
    media.prepare_asset(asset.id, settings=settings, now=clock.now())
    for words in ("旧的", "新的"):
        raw = f"WEBVTT\n\n00:00.000 --> 00:01.000\n{words}\n".encode()
        media.add_captions(asset.id, "zh-CN", raw, settings=settings)
    sender.begin(10, "半个.mp4")
    stray = Store(settings.media_dir).keep_caption("WEBVTT\n\n没人要")
    before = set(settings.media_dir.rglob("*"))
    _age([path for path in before if path.is_file()])
    found = collect(settings=settings, now=clock.now(), dry_run=False)
    assert [(one.kind, one.name) for one in found] == [("captions", stray)]
    assert before - set(settings.media_dir.rglob("*")) == {settings.media_dir / stray}
    assert {path.name for path in before} >= {"storyboard.vtt", "waveform.json"}
    assert list((settings.media_dir / ".uploads").glob("*.part"))


def test_what_is_fresh_stays(garbage: list[Path], settings: Settings) -> None:
    for path in garbage:
        os.utime(path)
    assert collect(settings=settings, now=clock.now(), dry_run=False) == []


def test_a_medium_that_a_lesson_shows_stays(sender: Sender, cast: Cast, settings: Settings) -> None:
    address = sender.send("讲稿\n".encode() * 50, "讲稿.txt")
    jobs.run_all()
    asset_id = Upload.get().asset_id
    course = add_course(cast, "kept", "county", clock.now())
    sender.browser.get(f"/editing/media/{asset_id}")
    sender.browser.send(f"/editing/media/{asset_id}/add", {"course": course.id, "title": "讲稿"})
    sender.browser.delete(address, headers=TUS)
    assert collect(settings=settings, now=clock.now() + LATER, dry_run=False) == []
    assert Asset.select().count() == 1
