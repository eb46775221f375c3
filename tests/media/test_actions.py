"""Bringing in, preparing, captions, upkeep: on the database and the media folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from learnhub.config import Settings
from learnhub.kernel import events, jobs, messages
from learnhub.kernel.errors import Forbidden
from learnhub.kernel.models import Job
from learnhub.media import actions, cli, ladder, queries, tasks, upkeep
from learnhub.media.events import AssetReady, AssetRefused
from learnhub.media.messages import WORDS
from learnhub.media.models import Asset, Caption, Rendition
from learnhub.media.probe import MediaRefused
from learnhub.media.store import SUMS, Store
from learnhub.org.models import AuditLine
from tests.cast import Cast
from tests.media.conftest import processes_with

PREPARE = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from learnhub.config import read_settings
from learnhub.kernel.db import connect
from learnhub.media import actions
connect(sys.argv[1])
actions.prepare_asset(int(sys.argv[2]), settings=read_settings({}, home=Path(sys.argv[3])), now=datetime.now(UTC))
"""


def add(path: Path, settings: Settings, now: datetime, name: str = "") -> Asset:
    return actions.add_asset(None, path, name or path.name, settings=settings, now=now)


def test_a_recording_is_kept_prepared_by_the_worker_and_told(
    db: str, samples: Path, settings: Settings, now: datetime
) -> None:
    heard: list[object] = []
    events.subscribe(AssetReady, heard.append)
    tasks.register(settings)
    asset = add(samples / "tiny.mp4", settings, now, "第1课 乡村振兴（上）·副本 (2).mp4")
    assert asset.state == "waiting"
    assert jobs.run_all(now) == 1
    done = queries.get_asset(asset.id)
    assert (done.state, done.kind, done.width, done.height) == ("ready", "video", 64, 48)
    assert abs(done.duration_ms - 1000) < 60
    names = [rendition.name for rendition in queries.list_renditions(asset.id)]
    assert names == ["48p", "audio", "poster.jpg", "storyboard.vtt", "thumb.jpg", "waveform.json"]
    assert AssetReady(asset.id, "video", done.duration_ms) in heard
    assert not list((settings.media_dir / ".work").iterdir())


def test_the_same_file_twice_is_one_asset_and_one_job(
    db: str, samples: Path, settings: Settings, now: datetime
) -> None:
    first = add(samples / "tiny.m4a", settings, now)
    assert add(samples / "tiny.m4a", settings, now, "other name.mp4").id == first.id
    assert Job.select().count() == 1
    assert actions.prepare_asset(first.id, settings=settings, now=now).kind == "audio"
    add(samples / "tiny.m4a", settings, now)
    assert Job.select().count() == 1


def test_preparing_twice_changes_nothing(db: str, samples: Path, settings: Settings, now: datetime) -> None:
    asset = add(samples / "tiny.m4a", settings, now)
    actions.prepare_asset(asset.id, settings=settings, now=now)
    made = Store(settings.media_dir).rendition_folder(asset.sha256, ladder.VERSION) / "audio.m4s"
    before = made.stat().st_mtime_ns
    Asset.update(state="working").execute()  # killed after the rename, before the rows
    Rendition.delete().execute()
    actions.prepare_asset(asset.id, settings=settings, now=now)
    actions.prepare_asset(asset.id, settings=settings, now=now)
    assert made.stat().st_mtime_ns == before
    assert Rendition.select().count() == 2


def test_a_first_look_refuses_and_keeps_nothing(db: str, tmp_path: Path, settings: Settings, now: datetime) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_text("第一课讲稿")
    with pytest.raises(MediaRefused) as refused:
        add(path, settings, now)
    assert refused.value.code == "media.text_disguised"
    assert Asset.select().count() == Job.select().count() == 0
    assert not list(settings.media_dir.rglob("*")) if settings.media_dir.exists() else True


def test_a_film_cut_in_the_middle_ends_as_refused_with_reason(
    db: str, samples: Path, tmp_path: Path, settings: Settings, now: datetime
) -> None:
    heard: list[object] = []
    events.subscribe(AssetRefused, heard.append)
    whole = (samples / "clip.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaRefused):
        actions.check_file(tmp_path / "cut.mp4", "cut.mp4")
    asset = add(tmp_path / "cut.mp4", settings, now)
    done = actions.prepare_asset(asset.id, settings=settings, now=now)
    assert (done.state, done.refusal_code) == ("refused", "media.truncated")
    assert AssetRefused(asset.id, "media.truncated") in heard
    messages.register(WORDS)
    assert "10.0" in messages.text_of(done.refusal_code, done.refusal_params)
    assert not list((settings.media_dir / ".work").iterdir())
    with pytest.raises(MediaRefused):
        add(tmp_path / "cut.mp4", settings, now)


def test_a_worker_killed_in_the_middle_leaves_nothing_running_and_the_next_one_finishes(
    db: str, samples: Path, settings: Settings, now: datetime
) -> None:
    asset = add(samples / "clip.mp4", settings, now)
    command = [sys.executable, "-c", PREPARE, db, str(asset.id), str(settings.home)]
    worker = subprocess.Popen(command, cwd=Path(__file__).parents[2], env={**os.environ, "LEARNHUB_LOG_LEVEL": "error"})
    end = time.monotonic() + 60
    while not list(settings.media_dir.glob(".work/*/*.m4s")):
        assert time.monotonic() < end, "the ladder never began"
        assert worker.poll() is None
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    while processes_with(settings.media_dir):
        assert time.monotonic() < end, "ffmpeg outlived its worker"
        time.sleep(0.05)
    assert not Store(settings.media_dir).has_renditions(asset.sha256, ladder.VERSION)
    assert actions.prepare_asset(asset.id, settings=settings, now=now).state == "ready"
    assert not list((settings.media_dir / ".work").iterdir())


def test_a_document_keeps_its_text_by_page(db: str, tmp_path: Path, settings: Settings, now: datetime) -> None:
    (tmp_path / "讲义.md").write_text("# 讲义\n\n正文", "utf-8")
    asset = add(tmp_path / "讲义.md", settings, now)
    assert actions.prepare_asset(asset.id, settings=settings, now=now).state == "ready"
    assert [page.text for page in queries.list_pages(asset.id, settings=settings)] == ["# 讲义\n\n正文"]


def test_captions_replace_those_of_the_same_language(db: str, samples: Path, settings: Settings, now: datetime) -> None:
    asset = add(samples / "tiny.mp4", settings, now)
    for text in ("旧的", "新的", "新的"):
        raw = f"1\n00:00:00,000 --> 00:00:01,000\n{text}\n".encode("gb18030")
        actions.add_captions(asset.id, "zh-CN", raw, settings=settings)
    assert Caption.select().count() == 1
    assert queries.list_caption_cues(asset.id, settings=settings) == [("zh-CN", 0, 1000, "新的")]


def test_who_may_not_edit_courses_adds_nothing(cast: Cast, samples: Path, settings: Settings, now: datetime) -> None:
    with pytest.raises(Forbidden):
        actions.add_asset(cast.actor("learner"), samples / "tiny.m4a", "a.m4a", settings=settings, now=now)
    assert Asset.select().count() == 0


def test_verifying_names_what_is_missing_or_rotten(db: str, samples: Path, settings: Settings, now: datetime) -> None:
    for name in ("tiny.mp4", "tiny.m4a"):
        add(samples / name, settings, now)
    assert upkeep.prepare_now(settings=settings, now=now) == 2
    assert {finding.fault for finding in upkeep.verify(settings=settings)} == {""}
    store = Store(settings.media_dir)
    film, sound = Asset.select().order_by(Asset.id)
    store.drop_original(film.sha256)
    path = store.original_path(sound.sha256)
    path.chmod(0o644)
    path.write_bytes(b"rot")
    assert [finding.fault for finding in upkeep.verify(settings=settings)] == ["missing", "rotten"]


def test_a_rotten_or_missing_rendition_is_named_and_made_anew(
    db: str, samples: Path, settings: Settings, now: datetime
) -> None:
    asset = add(samples / "tiny.mp4", settings, now)
    upkeep.prepare_now(settings=settings, now=now)
    settings = replace(settings, database_url=db)
    folder = Store(settings.media_dir).rendition_folder(asset.sha256, Asset.get().ladder)
    (folder / "48p.m4s").write_bytes(b"rot")
    (folder / "poster.jpg").unlink()
    told = CliRunner().invoke(cli.group, ["verify"], obj=settings)
    assert told.exit_code == 1
    for words in ("renditions rotten", "48p.m4s rotten", "poster.jpg missing", f"retranscode {asset.id}"):
        assert words in told.output
    assert CliRunner().invoke(cli.group, ["retranscode", str(asset.id)], obj=settings).exit_code == 0
    assert AuditLine.select().where(AuditLine.action == "media.made_again").count() == 1
    assert Asset.get().state == "waiting"
    assert upkeep.prepare_now(settings=settings, now=now) == 1
    assert CliRunner().invoke(cli.group, ["verify"], obj=settings).output == "all media are whole\n"
    (folder / SUMS).unlink()  # as those made before checksums were kept
    assert [(one.fault, one.has_sums) for one in upkeep.verify(settings=settings)] == [("", False)]
    told = CliRunner().invoke(cli.group, ["verify"], obj=settings).output
    assert "1 prepared before checksums" in told and "tiny.mp4" in told and "verify --adopt" in told
    assert not (folder / SUMS).exists(), "nothing is written unless asked for"
    assert "kept from now on" in CliRunner().invoke(cli.group, ["verify", "--adopt"], obj=settings).output
    assert AuditLine.select().where(AuditLine.action == "media.sums_written").count() == 1
    assert CliRunner().invoke(cli.group, ["verify"], obj=settings).output == "all media are whole\n"
    (folder / "48p.m4s").write_bytes(b"rot")
    assert "48p.m4s rotten" in CliRunner().invoke(cli.group, ["verify"], obj=settings).output


def test_the_same_settings_in_another_folder_find_nothing(
    db: str, samples: Path, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    add(samples / "tiny.m4a", settings, now)
    elsewhere = replace(settings, media_dir=tmp_path / "elsewhere")
    assert [finding.fault for finding in upkeep.verify(settings=elsewhere)] == ["missing"]
