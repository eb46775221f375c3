"""The editor's pages of media and the end of a medium's life."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.media.models import Asset
from learnhub.media.store import open_store
from learnhub.media.uploads import life
from learnhub.media.uploads.models import MediaQuota, Upload
from learnhub.media.uploads.rules import Stage, stage_of
from tests.cast import Cast
from tests.media.uploads.conftest import Sender

TEXT = "第一课\n".encode() * 100


@pytest.fixture
def upload(sender: Sender) -> Upload:
    """A text of the county that is ready."""
    sender.send(TEXT, "讲稿.txt")
    jobs.run_all()
    done: Upload = Upload.get()
    return done


def test_each_stage_has_its_words() -> None:
    assert stage_of("receiving") == Stage.RECEIVING
    assert stage_of("received") == Stage.CHECKING
    assert stage_of("done", "waiting") == Stage.PREPARING
    assert stage_of("done", "refused") == stage_of("refused") == Stage.REFUSED
    assert stage_of("done", "ready") == Stage.READY
    assert stage_of("done", "ready", is_withdrawn=True, is_expired=True) == Stage.WITHDRAWN


def test_the_list_shows_state_and_reason_to_those_in_whose_care_the_unit_is(
    sender: Sender, upload: Upload, client_for: Callable[[str], Any]
) -> None:
    sender.send(b"#EXTM3U\n", "坏的.mp4")
    sender.begin(10, "半个.mp4")
    jobs.run_all()
    page = sender.browser.get("/media").get_data(as_text=True)
    for words in ("讲稿.txt", "可以使用", "坏的.mp4", "未接受", "播放列表", "半个.mp4", "未传完", "陈慧敏"):
        assert words in page, words
    assert "讲稿.txt" in client_for("system_admin").get("/media").get_data(as_text=True)
    assert "讲稿.txt" not in client_for("system_admin").get("/media?mine=1").get_data(as_text=True)
    assert "讲稿.txt" not in client_for("neighbour").get("/media").get_data(as_text=True)
    assert client_for("neighbour").get(f"/media/{upload.id}").status_code == 404


def test_small_files_come_in_without_a_script(sender: Sender, cast: Cast) -> None:
    sender.browser.get("/media")
    data = {"file": [(io.BytesIO(TEXT), "a.txt"), (io.BytesIO(b"other"), "b.txt")], "unit": str(cast.township.id)}
    assert sender.browser.send("/media", data, content_type="multipart/form-data").status_code == 302
    jobs.run_all()
    assert {(row.state, row.unit_id) for row in Upload.select()} == {("done", cast.township.id)}
    nothing = sender.browser.send("/media", {}, content_type="multipart/form-data")
    assert nothing.status_code == 422
    assert "没有选择文件" in nothing.get_data(as_text=True)


def test_the_script_learns_how_far_its_uploads_are(sender: Sender, upload: Upload, client_for: Any) -> None:
    told = sender.browser.get(f"/media/states?ids={upload.id},999,x").json["media"]
    assert [(one["id"], one["stage"], one["kind"]) for one in told] == [(upload.id, "ready", "good")]
    assert client_for("neighbour").get(f"/media/states?ids={upload.id}").json["media"] == []


def test_a_withdrawn_medium_is_served_to_nobody_until_it_is_restored(
    sender: Sender, upload: Upload, settings: Settings
) -> None:
    store, asset_id = open_store(settings), upload.asset_id
    sender.browser.get(f"/media/{upload.id}")
    assert sender.browser.send(f"/media/{upload.id}/withdraw", {"reason": " "}).status_code == 422
    assert not store.is_barred(0, asset_id)
    assert sender.browser.send(f"/media/{upload.id}/withdraw", {"reason": "内容有误"}).status_code == 302
    assert store.is_barred(0, asset_id)
    assert "内容有误" in sender.browser.get(f"/media/{upload.id}").get_data(as_text=True)
    assert sender.browser.send(f"/media/{upload.id}/restore").status_code == 302
    assert not store.is_barred(0, asset_id)


def test_who_does_not_answer_for_all_holders_may_not_withdraw(
    sender: Sender, upload: Upload, client_for: Callable[[str], Any]
) -> None:
    other = Sender(client_for("neighbour"))
    other.send(TEXT, "同一个文件.txt")
    jobs.run_all()
    sender.browser.get(f"/media/{upload.id}")
    assert sender.browser.send(f"/media/{upload.id}/withdraw", {"reason": "x"}).status_code == 409
    admin = client_for("system_admin")
    admin.get(f"/media/{upload.id}")
    assert admin.send(f"/media/{upload.id}/withdraw", {"reason": "x"}).status_code == 302


def test_a_medium_ends_when_its_last_day_is_over_in_china(sender: Sender, upload: Upload, settings: Settings) -> None:
    store, asset_id = open_store(settings), upload.asset_id
    today = clock.local_date(clock.now())
    sender.browser.get(f"/media/{upload.id}")
    for told, status in (("heute", 422), ((today - timedelta(days=1)).isoformat(), 422), (today.isoformat(), 302)):
        assert sender.browser.send(f"/media/{upload.id}/last-day", {"last_day": told}).status_code == status
    end = clock.instant(today + timedelta(days=1), datetime.min.time())
    jobs.run_all(end - timedelta(minutes=1))
    assert not store.is_barred(0, asset_id)
    with clock.told_by(lambda: end):
        jobs.run_all(end)
        assert store.is_barred(0, asset_id)
    assert sender.browser.send(f"/media/{upload.id}/last-day", {"last_day": ""}).status_code == 302
    assert not store.is_barred(0, asset_id)
    assert life.is_expired(Asset(expires_on=date(2026, 1, 1)), clock.now())


def test_storage_is_told_by_unit_and_age_and_quotas_are_set_by_the_administrator(
    sender: Sender, upload: Upload, cast: Cast, client_for: Callable[[str], Any]
) -> None:
    Upload.update(created_at=clock.now() - timedelta(days=400)).where(Upload.id == upload.id).execute()
    page = sender.browser.get("/media/storage").get_data(as_text=True)
    assert "红塔区" in page and "江川区" not in page
    assert sender.browser.send("/media/storage", {"unit": cast.county.id, "gigabytes": "1"}).status_code == 403
    admin = client_for("system_admin")
    admin.get("/media/storage")
    assert admin.send("/media/storage", {"unit": cast.county.id, "gigabytes": "x"}).status_code == 422
    assert admin.send("/media/storage", {"unit": cast.county.id, "gigabytes": "2"}).status_code == 302
    assert MediaQuota.get().bytes == 2_000_000_000
    assert "2" in admin.get("/media/storage").get_data(as_text=True)
    assert admin.send("/media/storage", {"unit": cast.county.id, "gigabytes": ""}).status_code == 302
    assert MediaQuota.select().count() == 0


def test_the_list_costs_the_same_however_long_it_is(
    app: Flask, sender: Sender, upload: Upload, queries: Callable[[], int]
) -> None:
    sender.browser.get("/media")
    queries()
    sender.browser.get("/media")
    few = queries()
    for number in range(12):
        sender.send(f"第{number}课".encode(), f"{number}.txt")
    jobs.run_all()
    queries()
    sender.browser.get("/media")
    assert queries() == few
