"""How far a file is, stopping and taking up again, and another ladder: on the database, with pages and commands."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from learnhub.cli import main
from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.errors import Conflict, Forbidden
from learnhub.kernel.models import Job
from learnhub.media import actions, ladder, queries, tasks, upkeep
from learnhub.media.delivery import addresses_of
from learnhub.media.models import Asset
from learnhub.media.queries import list_preparations
from learnhub.media.store import open_store
from learnhub.org.models import AuditLine
from tests.cast import Cast
from tests.media.conftest import ffmpeg, processes_with, shown


def add(path: Path, settings: Settings, now: datetime, unit_id: int | None = None) -> Asset:
    """Brings a file in as the system."""
    return actions.add_asset(None, path, path.name, settings=settings, now=now, unit_id=unit_id)


def test_what_is_quick_goes_first_and_everybody_sees_how_many_are_before_them(
    db: str, samples: Path, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    (tmp_path / "讲义.md").write_text("# 讲义", "utf-8")
    film, other = add(samples / "clip.mp4", settings, now), add(samples / "tiny.mp4", settings, now)
    sound, text = add(samples / "tiny.m4a", settings, now), add(tmp_path / "讲义.md", settings, now)
    told = {one.asset.id: one.ahead for one in list_preparations([film.id, other.id, sound.id, text.id])}
    assert told == {text.id: 0, sound.id: 1, film.id: 2, other.id: 3}
    assert {one.state for one in list_preparations([film.id])} == {"waiting"}


def test_the_share_and_the_time_left_are_told_while_it_is_transcoded(
    db: str, samples: Path, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = add(samples / "clip.mp4", settings, now)
    seen: list[queries.Preparation] = []
    monkeypatch.setattr(
        jobs, "seldom", lambda tell: lambda share: (tell(share), seen.extend(list_preparations([asset.id])))
    )
    tasks.register(settings)
    assert jobs.run_next(clock.now())
    shares = [one.share for one in seen]
    assert shares == sorted(shares) and len(shares) > 3
    assert {one.state for one in seen} == {"working"}
    assert any(one.left_s is not None for one in seen)
    assert [one.state for one in list_preparations([asset.id])] == ["ready"]


def test_a_film_stopped_in_the_middle_leaves_nothing_and_is_made_when_it_is_taken_up_again(
    cast: Cast, samples: Path, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = cast.actor("editor")
    asset = add(samples / "clip.mp4", settings, now, unit_id=editor.unit_id)

    def stop(tell: Callable[[float], None]) -> Callable[[float], None]:
        def maybe(share: float) -> None:
            if share > 0.2 and not Job.select().where(Job.is_cancelled).exists():
                actions.stop_preparing(editor, asset.id, now=now)
            tell(share)

        return maybe

    monkeypatch.setattr(jobs, "seldom", stop)
    tasks.register(settings)
    assert jobs.run_next(clock.now(), [actions.JOB])
    assert [one.state for one in list_preparations([asset.id])] == ["cancelled"]
    assert processes_with(settings.media_dir) == []
    assert list((settings.media_dir / ".work").iterdir()) == []
    assert open_store(settings).original_is_whole(asset.sha256)
    with pytest.raises(Conflict):
        actions.stop_preparing(editor, asset.id, now=now)
    with pytest.raises(Forbidden):
        actions.resume_preparing(cast.actor("learner"), asset.id, now=now)
    monkeypatch.undo()
    tasks.register(settings)
    actions.resume_preparing(editor, asset.id, now=now)
    with pytest.raises(Conflict):
        actions.resume_preparing(editor, asset.id, now=now)
    assert jobs.run_next(clock.now(), [actions.JOB])
    assert queries.get_asset(asset.id).state == "ready"


def test_another_ladder_makes_recordings_anew_while_they_play_on(
    db: str, samples: Path, settings: Settings, now: datetime
) -> None:
    tasks.register(settings)
    asset = add(samples / "tiny.mp4", settings, now)
    jobs.run_all(now)
    store = open_store(settings)
    # As it stood before this ladder came.
    shutil.move(store.rendition_folder(asset.sha256, ladder.VERSION), store.rendition_folder(asset.sha256, "a1"))
    Asset.update(ladder="a1", duration_ms=1234).execute()
    before = addresses_of(queries.get_asset(asset.id), 1, settings=settings, now=now)
    assert before.storyboard is None
    assert [one.id for one in upkeep.list_by_other_ladders(settings=settings)] == [asset.id]
    assert actions.transcode_again([asset.id], now=now) == 1
    assert [row.detail["file"] for row in AuditLine.select().where(AuditLine.action == "media.made_again")] == [
        "tiny.mp4"
    ]
    with clock.told_by(lambda: now):
        assert jobs.run_next(now)
    done = queries.get_asset(asset.id)
    assert (done.state, done.ladder, done.duration_ms) == ("ready", ladder.VERSION, 1234)
    assert {one.folder.rpartition("/")[2] for one in queries.list_renditions(asset.id)} == {ladder.VERSION}
    after = addresses_of(done, 1, settings=settings, now=now)
    assert after.main != before.main and after.storyboard is not None
    assert store.has_renditions(asset.sha256, "a1"), "whoever watches now plays on"
    assert upkeep.list_by_other_ladders(settings=settings) == []
    jobs.run_all(now + timedelta(hours=7))
    assert store.has_renditions(asset.sha256, "a1")
    jobs.run_all(now + timedelta(hours=9))
    assert not store.has_renditions(asset.sha256, "a1")
    assert store.has_renditions(asset.sha256, ladder.VERSION)


def test_the_command_names_what_it_would_make_anew_and_a_dry_run_enqueues_nothing(
    db: str, samples: Path, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = add(samples / "tiny.m4a", settings, now)
    Asset.update(state="ready", ladder="a1", duration_ms=90_000).execute()
    Job.delete().execute()
    for name, value in {"LEARNHUB_HOME": settings.home, "LEARNHUB_DATABASE_URL": db}.items():
        monkeypatch.setenv(name, str(value))
    told = CliRunner().invoke(main, ["media", "retranscode", "--dry-run"])
    assert told.exit_code == 0, told.output
    assert "a1\t1.5 min\ttiny.m4a" in told.output
    assert f"1 recordings (2 minutes) would be made anew by ladder {ladder.VERSION}" in told.output
    assert Job.select().count() == 0
    CliRunner().invoke(main, ["media", "retranscode"])
    job = Job.get()
    assert (job.key, job.priority < 0) == (actions.job_key(asset.id), True)


def key_packets(path: Path) -> list[float]:
    """When the packets that begin anew are shown, from the first; ffprobe moves all by the offset that B-frames need."""
    packets: list[dict[str, str]] = shown(path, "-show_entries", "packet=pts_time,flags")["packets"]  # type: ignore[assignment]
    times = [float(packet["pts_time"]) for packet in packets if "K" in packet["flags"]]
    return [round(time - times[0], 3) for time in times]


def test_av1_is_made_beside_where_it_is_wished(db: str, tmp_path: Path, settings: Settings, now: datetime) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30000/1001")
    ffmpeg(*picture, "-t", "5", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", tmp_path / "film.mp4")
    wished = dataclasses.replace(settings, av1=True)
    asset = add(tmp_path / "film.mp4", wished, now)
    assert actions.prepare_asset(asset.id, settings=wished, now=now).ladder == f"{ladder.VERSION}-av1"
    folder = open_store(wished).rendition_folder(asset.sha256, f"{ladder.VERSION}-av1")
    master = (folder / "master.m3u8").read_text()
    assert 'CODECS="avc1.' in master and 'CODECS="av01.0.' in master
    assert key_packets(folder / "240p.m4s") == key_packets(folder / "240p-av1.m4s") == [0, 4.004]
    assert [one.id for one in upkeep.list_by_other_ladders(settings=settings)] == [asset.id]
