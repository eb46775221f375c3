"""Media in a bucket: a real S3 server, two machines that share it, addresses that end, a server that is away."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from learnhub.app import create_app
from learnhub.config import BadSetting, Settings, read_settings
from learnhub.kernel import clock
from learnhub.kernel.errors import Unavailable
from learnhub.media import actions, upkeep
from learnhub.media.bucket import BucketStore
from learnhub.media.delivery import address_of
from learnhub.media.nginx import configuration
from learnhub.media.store import open_store
from learnhub.media.uploads import collect
from tests.cast import Cast
from tests.client import CheckingClient
from tests.media.nginx import free_port
from tests.media.s3_server import KEYS, running_s3


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a running server and the folder in which it keeps its buckets."""
    folder = tmp_path_factory.mktemp("s3")
    with running_s3(folder, "lessons") as address:
        yield address, folder


@pytest.fixture
def away(settings: Settings, s3: tuple[str, Path]) -> Settings:
    """The settings of an installation whose media lie in that bucket."""
    return replace(
        settings, s3_bucket="lessons/玉溪", s3_endpoint=s3[0], s3_access_key=KEYS["access"], s3_secret_key=KEYS["secret"]
    )  # fmt: skip


def elsewhere(settings: Settings, folder: Path) -> Settings:
    """Another machine of the same installation: the same bucket, a desk of its own."""
    return replace(settings, media_dir=folder / "other")


def fetched(url: str, **headers: str) -> tuple[int, bytes]:
    """Status and body."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_recording_is_made_kept_and_played_from_the_bucket(
    cast: Cast, cast_url: str, away: Settings, samples: Path, tmp_path: Path, now: datetime
) -> None:
    asset = actions.add_asset(None, samples / "tiny.mp4", "第一课.mp4", settings=away, now=now)
    asset = actions.prepare_asset(asset.id, settings=away, now=now)
    assert asset.state == "ready"
    left = [path.name for path in away.media_dir.rglob("*") if path.suffix == ".m4s" or path.name == asset.sha256]
    assert left == [asset.sha256], "only the folder of small files stays on the desk"

    other = replace(elsewhere(away, tmp_path), database_url=cast_url)
    app = create_app(other)
    app.test_client_class = CheckingClient
    client = app.test_client()
    base = address_of(asset, cast.actor("learner").person_id, settings=other, now=clock.now()).removesuffix(
        "master.m3u8"
    )
    assert client.get(base + "master.m3u8").status_code == 200
    assert client.get(base + "poster.jpg").data[:2] == b"\xff\xd8"
    playlist = client.get(base + "48p.m3u8")
    assert "http" not in playlist.text, "no address of the bucket is handed out before it is used"
    led = client.get(base + "48p.m4s")
    assert (led.status_code, led.headers["Cache-Control"]) == (302, "no-store")
    signed = led.headers["Location"]
    assert parse_qs(urlsplit(signed).query)["X-Amz-Expires"] == ["300"], "minutes, not the length of a lecture"
    status, part = fetched(signed, Range="bytes=0-99")
    assert (status, len(part)) == (206, 100)
    assert fetched(signed.replace("X-Amz-Signature=", "X-Amz-Signature=0"))[0] == 403
    assert fetched(signed.replace("X-Amz-Expires=", "X-Amz-Expires=9"))[0] == 403
    assert fetched(signed.split("?")[0])[0] == 403
    (tmp_path / "48p.m3u8").write_text(playlist.text.replace("48p.m4s", signed))
    seen = subprocess.run(
        ["ffprobe", "-v", "error", "-protocol_whitelist", "file,http,tcp", "-allowed_extensions", "ALL", "-count_packets",
         "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", str(tmp_path / "48p.m3u8")],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert int(seen.stdout.split()[0].strip(",")) > 10
    open_store(other).bar_person(cast.actor("learner").person_id)
    assert client.get(base + "48p.m4s").status_code == 403, "who may no longer see it is led nowhere"
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert f"connect-src 'self' {away.s3_endpoint}" in policy and f"blob: {away.s3_endpoint};" in policy


def test_another_machine_finds_originals_captions_and_what_was_made(away: Settings, tmp_path: Path) -> None:
    here, there = open_store(away), open_store(elsewhere(away, tmp_path))
    source = tmp_path / "original"
    source.write_bytes(b"film" * 1000)
    sha256, size = here.keep_original(source)
    assert (there.has_original(sha256), size) == (True, 4000)
    assert there.original_path(sha256).read_bytes() == source.read_bytes()
    assert there.read_caption(here.keep_caption("WEBVTT\n\n你好")) == "WEBVTT\n\n你好"
    assert not there.has_renditions(sha256, "a1")
    here.make_renditions(sha256, "a1", lambda folder: (folder / "facts.json").write_text("{}") and None)
    assert there.has_renditions(sha256, "a1")
    found = there.file_of(sha256, "a1", "facts.json")
    assert found is not None and found.read_text() == "{}"
    assert there.file_of(sha256, "a1", "../facts.json") is None and there.file_of(sha256, "a1", "absent.jpg") is None
    here.drop_renditions(sha256)
    here.drop_original(sha256)
    assert not there.has_renditions(sha256, "a1") and not there.has_original(sha256)


def test_a_worker_killed_between_making_and_keeping_goes_on_from_there(away: Settings, tmp_path: Path) -> None:
    store = BucketStore(away)
    sha256 = "cd" * 32
    super(BucketStore, store).make_renditions(sha256, "a1", lambda folder: (folder / "a.jpg").write_text("x") and None)
    assert not store.has_renditions(sha256, "a1")

    def again(folder: Path) -> None:
        raise AssertionError("made twice")

    store.make_renditions(sha256, "a1", again)
    assert open_store(elsewhere(away, tmp_path)).has_renditions(sha256, "a1")


def test_a_rotten_object_is_found(
    cast: Cast, away: Settings, s3: tuple[str, Path], tmp_path: Path, now: datetime
) -> None:
    (tmp_path / "讲义.txt").write_text("正文", "utf-8")
    asset = actions.add_asset(None, tmp_path / "讲义.txt", "讲义.txt", settings=away, now=now)
    assert [one.fault for one in upkeep.verify(settings=away)] == [""]
    (kept,) = [path for path in s3[1].rglob(asset.sha256) if path.is_file()]
    kept.chmod(0o644)
    kept.write_bytes("歪文".encode())
    assert [one.fault for one in upkeep.verify(settings=away)] == ["rotten"]
    kept.unlink()
    assert [one.fault for one in upkeep.verify(settings=away)] == ["missing"]


def test_originals_and_renditions_of_the_bucket_without_a_row_are_collected_and_rotten_ones_named(
    cast: Cast, away: Settings, s3: tuple[str, Path], samples: Path, tmp_path: Path
) -> None:
    own = replace(away, s3_bucket=f"lessons/{tmp_path.name}")
    now, store = clock.now(), open_store(own)
    asset = actions.add_asset(None, samples / "tiny.mp4", "第一课.mp4", settings=own, now=now)
    asset = actions.prepare_asset(asset.id, settings=own, now=now)
    actions.add_captions(asset.id, "zh-CN", b"WEBVTT\n\n00:00.000 --> 00:01.000\nx\n", settings=own)
    (tmp_path / "stray").write_bytes(b"nobody's film")
    stray, size = store.keep_original(tmp_path / "stray")
    store.make_renditions(stray, "b1", lambda folder: (folder / "a.m4s").write_bytes(b"12345") and None)
    words = store.keep_caption("WEBVTT\n\nnobody")
    other = elsewhere(own, tmp_path)
    wanted = {("original", stray), ("renditions", stray), ("captions", words)}
    assert collect.collect(settings=other, now=now, dry_run=True) == [], "what is fresh stays"
    later = now + timedelta(days=2)
    named = collect.collect(settings=other, now=later, dry_run=True)
    assert {(one.kind, one.name) for one in named} == wanted
    assert size in {one.size for one in named} and store.has_original(stray)
    assert collect.collect(settings=own, now=later, dry_run=False) == named
    assert collect.collect(settings=other, now=later, dry_run=True) == []
    assert [one.fault for one in upkeep.verify(settings=other)] == [""]
    film = next(path for path in s3[1].rglob("48p.m4s") if path.is_file() and tmp_path.name in path.parts)
    film.chmod(0o644)
    film.write_bytes(b"r" * film.stat().st_size)
    assert [(one.fault, one.files) for one in upkeep.verify(settings=other)] == [
        ("renditions rotten", ("48p.m4s rotten",))
    ]
    upkeep.adopt(asset.id, settings=other, now=later)
    assert [one.fault for one in upkeep.verify(settings=other)] == [""], "what is there now counts from now on"


def test_a_store_that_is_away_is_told_in_words_and_nothing_is_half_kept(away: Settings, tmp_path: Path) -> None:
    gone = replace(away, s3_endpoint=f"http://127.0.0.1:{free_port()}")
    source = tmp_path / "original"
    source.write_bytes(b"film")
    with pytest.raises(Unavailable, match="media.store_away"):
        open_store(gone).keep_original(source)
    sha256, _ = open_store(away).keep_original(source)
    assert open_store(away).original_is_whole(sha256)
    with pytest.raises(Unavailable, match="media.store_away"):
        open_store(replace(away, s3_secret_key="wrong" * 5)).has_original(sha256)


def test_the_policy_of_pages_names_no_other_place_without_a_bucket(app: Flask) -> None:
    policy = app.test_client().get("/login").headers["Content-Security-Policy"]
    assert "connect-src" not in policy and "http" not in policy


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"S3_BUCKET": "a"}, "needs LEARNHUB_S3_ACCESS_KEY"),
        (
            {"S3_BUCKET": "a", "S3_ACCESS_KEY": "k", "S3_SECRET_KEY": "s", "S3_ENDPOINT": "ftp://x"},
            "must begin with http",
        ),
    ],
)
def test_settings_of_a_bucket_that_cannot_work_stop_the_start(
    tmp_path: Path, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadSetting, match=sentence):
        read_settings({f"LEARNHUB_{name}": text for name, text in given.items()}, tmp_path)


def test_nginx_leaves_media_of_a_bucket_to_learnhub(away: Settings) -> None:
    assert "secure_link" not in configuration(away) and "secure_link" in configuration(replace(away, s3_bucket=""))
    assert urlsplit(away.s3_endpoint).netloc not in configuration(away)
