"""Addresses: what a token opens, for how long, and how files are sent."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from learnhub.kernel import clock, jobs
from learnhub.media import access, actions
from learnhub.media.attachments import content_disposition
from learnhub.media.delivery import address_of, addresses_of
from learnhub.media.models import Asset
from learnhub.media.store import Store
from learnhub.org.actions.transfers import restore_person, retire_person
from tests.cast import Cast
from tests.client import CheckingClient


@pytest.fixture(scope="session")
def ready_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps what the first test prepared, so that the others need not encode again."""
    return tmp_path_factory.mktemp("ready") / "renditions"


@pytest.fixture
def asset(app: Flask, samples: Path, now: datetime, ready_made: Path) -> Asset:
    """A prepared film with captions."""
    settings = app.extensions["learnhub_settings"]
    kept = actions.add_asset(None, samples / "tiny.mp4", "第一课.mp4", settings=settings, now=now)
    actions.add_captions(kept.id, "zh-CN", "00:00.000 --> 00:01.000\n你好\n".encode(), settings=settings)
    if ready_made.exists():
        shutil.copytree(ready_made, settings.media_dir / "renditions")
    done = actions.prepare_asset(kept.id, settings=settings, now=now)
    if not ready_made.exists():
        shutil.copytree(settings.media_dir / "renditions", ready_made)
    return done


@pytest.fixture
def base(app: Flask, asset: Asset, cast: Cast) -> str:
    """The folder address of the film for the learner, ends with a slash."""
    person = cast.actor("learner").person_id
    address = address_of(asset, person, settings=app.extensions["learnhub_settings"], now=clock.now())
    assert address.endswith("/master.m3u8")
    return address.removesuffix("master.m3u8")


def test_everything_that_the_playlists_name_is_below_the_same_token(client: CheckingClient, base: str) -> None:
    for name, mime in (
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("48p.m3u8", "application/vnd.apple.mpegurl"),
        ("48p.m4s", "video/mp4"),
        ("audio.m4s", "video/mp4"),
        ("poster.jpg", "image/jpeg"),
        ("thumb.jpg", "image/jpeg"),
        ("captions/zh-CN.vtt", "text/vtt"),
    ):
        answer = client.get(base + name)
        assert (answer.status_code, answer.mimetype) == (200, mime), name
        assert answer.headers["Cache-Control"].startswith("private, max-age=")
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "immutable" in client.get(base + "48p.m4s").headers["Cache-Control"]


def test_ranges_give_exactly_the_bytes_asked_for(client: CheckingClient, base: str) -> None:
    whole = client.get(base + "48p.m4s").data
    part = client.get(base + "48p.m4s", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, whole[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert client.get(base + "48p.m4s", headers={"Range": "bytes=-7"}).data == whole[-7:]
    several = client.get(base + "48p.m4s", headers={"Range": "bytes=0-1,5-6"})
    assert (several.status_code, several.data) == (200, whole)
    outside = client.get(base + "48p.m4s", headers={"Range": f"bytes={len(whole)}-"})
    assert (outside.status_code, outside.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_entity_tags_spare_what_is_there_already(client: CheckingClient, base: str) -> None:
    first = client.get(base + "48p.m4s")
    tag = first.headers["ETag"]
    again = client.get(base + "48p.m4s", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    changed = client.get(base + "48p.m4s", headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (changed.status_code, changed.data) == (200, first.data)


def test_a_head_request_sends_the_size_and_no_body(client: CheckingClient, base: str) -> None:
    answer = client.head(base + "48p.m4s")
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 100


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..%2f..%2fetc/passwd",
        "facts.json",
        "captions/../zh-CN.vtt",
        "captions/en.vtt",
        "original",
    ],
)
def test_other_names_open_nothing(client: CheckingClient, base: str, name: str) -> None:
    assert client.get(base + name).status_code in (403, 404)


def test_a_token_opens_one_asset_only_and_cannot_be_altered(client: CheckingClient, base: str) -> None:
    _, _, token, sha256, version, _ = base.split("/")
    mark, end, person, asset = token.split(",")
    other = "0" * 64
    assert client.get(f"/m/{token}/{other}/{version}/master.m3u8").status_code == 403
    turned = ("A" if mark[0] != "A" else "B") + mark[1:]
    for forged in (
        f"{turned},{end},{person},{asset}",
        f"{mark},{int(end) + 3600},{person},{asset}",
        f"{mark},{end},{int(person) + 1},{asset}",
        f"{mark},{end},{person},{int(asset) + 1}",
        mark,
        "你好,1,1,1",
    ):
        assert client.get(f"/m/{forged}/{sha256}/{version}/master.m3u8").status_code == 403, forged
        assert client.get(f"/m/{forged}/{sha256}/{version}/captions/zh-CN.vtt").status_code == 403, forged


def test_a_token_ends_after_some_hours(app: Flask, client: CheckingClient, asset: Asset, cast: Cast) -> None:
    person, settings = cast.actor("learner").person_id, app.extensions["learnhub_settings"]
    for hours, status in ((4, 200), (8, 403)):
        made_at = clock.now() - timedelta(hours=hours)
        assert client.get(address_of(asset, person, settings=settings, now=made_at)).status_code == status


def test_an_address_dies_with_the_person_s_access(client: CheckingClient, base: str, cast: Cast, now: datetime) -> None:
    boss, person = cast.actor("system_admin"), cast.actor("learner").person_id
    for change, status in ((retire_person, 403), (restore_person, 200)):
        change(boss, person, now=now)
        while jobs.run_next(clock.now(), [access.JOB]):
            pass
        for name in ("48p.m4s", "captions/zh-CN.vtt"):
            assert client.get(base + name).status_code == status


def test_marks_of_people_whose_addresses_have_ended_are_taken_away(tmp_path: Path, now: datetime) -> None:
    store = Store(tmp_path)
    store.bar_person(1)
    store.bar_asset(2)
    store.forget_bars(before=datetime.fromtimestamp(0, UTC))
    assert store.is_barred(1, 0)
    store.forget_bars(before=clock.now() + timedelta(seconds=5))
    assert (store.is_barred(1, 0), store.is_barred(0, 2)) == (False, True)
    store.admit_asset(2)
    assert not store.is_barred(0, 2)


def test_a_segment_asks_the_database_nothing(client: CheckingClient, base: str, queries: Callable[[], int]) -> None:
    before = queries()
    assert client.get(base + "48p.m4s", headers={"Range": "bytes=0-99"}).status_code == 206
    assert queries() == before


def test_a_document_is_saved_under_its_own_name(
    app: Flask, client: CheckingClient, cast: Cast, tmp_path: Path, now: datetime
) -> None:
    settings = app.extensions["learnhub_settings"]
    (tmp_path / "讲义.txt").write_text("正文", "utf-8")
    kept = actions.add_asset(None, tmp_path / "讲义.txt", "讲义 第1课.txt", settings=settings, now=now)
    found = addresses_of(kept, cast.actor("learner").person_id, settings=settings, now=clock.now())
    answer = client.get(found.main)
    assert answer.get_data(as_text=True) == "正文"
    assert "filename*=UTF-8''%E8%AE%B2%E4%B9%89%20%E7%AC%AC1%E8%AF%BE.txt" in answer.headers["Content-Disposition"]
    assert (found.audio, found.poster) == (None, None)


def test_a_name_cannot_break_out_of_its_header() -> None:
    assert content_disposition('a"\r\nX: y;.pdf').startswith('attachment; filename="a___X: y_.pdf"; ')
