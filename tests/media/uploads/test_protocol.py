"""tus 1.0 as a client meets it, and who may."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from learnhub.config import Settings
from learnhub.kernel import clock, jobs
from learnhub.kernel.errors import Conflict
from learnhub.media.models import Asset
from learnhub.media.uploads import actions, parts
from learnhub.media.uploads.models import MediaQuota, Upload
from learnhub.media.uploads.rules import LIFE, State, Wish
from tests.cast import Cast
from tests.media.uploads.conftest import PIECE, TUS, Sender, metadata


def test_the_server_says_what_it_can_without_a_session(client: Any) -> None:
    response = client.options("/media/uploads")
    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert set(response.headers["Tus-Extension"].split(",")) == {
        *("creation", "creation-with-upload", "expiration", "checksum", "termination")
    }
    assert response.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(response.headers["Tus-Max-Size"]) >= 4 << 30


def test_a_file_in_pieces_is_whole_and_waits_for_the_worker(sender: Sender, cast: Cast, settings: Settings) -> None:
    begun = sender.begin(10)
    address = begun.headers["Location"]
    assert (begun.status_code, begun.headers["Upload-Offset"], begun.headers["Tus-Resumable"]) == (201, "0", "1.0.0")
    assert parsedate_to_datetime(begun.headers["Upload-Expires"]) > clock.now() + LIFE - timedelta(minutes=1)
    first = sender.append(address, 0, b"01234")
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "5")
    assert sender.reach(address) == 5
    assert sender.append(address, 5, b"56789").headers["Upload-Offset"] == "10"
    upload = Upload.get()
    assert (upload.state, upload.unit_id, upload.person_id) == (
        State.RECEIVED,
        cast.county.id,
        cast.people["editor"].id,
    )
    assert parts.path_of(settings.media_dir, upload.id).read_bytes() == b"0123456789"
    assert sender.reach(address) == 10


def test_a_body_at_creation_is_the_first_piece(sender: Sender) -> None:
    headers = {**TUS, "Upload-Length": "6", "Upload-Metadata": metadata(filename="a.mp4")}
    begun = sender.browser.post("/media/uploads", data=b"012", content_type=PIECE, headers=headers)
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "3")
    assert sender.reach(begun.headers["Location"]) == 3


def test_a_piece_for_another_place_is_refused_and_writes_nothing(sender: Sender) -> None:
    address = sender.begin(10).headers["Location"]
    sender.append(address, 0, b"01234")
    for offset in (0, 4, 6):
        assert sender.append(address, offset, b"x").status_code == 409
    assert sender.reach(address) == 5


def test_more_than_was_announced_is_refused(sender: Sender) -> None:
    address = sender.begin(4).headers["Location"]
    assert sender.append(address, 0, b"01234").status_code == 413
    assert sender.reach(address) == 0


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_piece_with_the_wrong_checksum_counts_nothing(sender: Sender, name: str) -> None:
    address = sender.begin(8).headers["Location"]
    right = base64.b64encode(hashlib.new(name, b"0123").digest()).decode()
    wrong = sender.append(address, 0, b"012X", **{"Upload-Checksum": f"{name} {right}"})
    assert wrong.status_code == 460
    assert sender.reach(address) == 0
    assert sender.append(address, 0, b"0123", **{"Upload-Checksum": f"{name} {right}"}).status_code == 204
    assert sender.append(address, 4, b"4567", **{"Upload-Checksum": "md5 AAAA"}).status_code == 400
    assert sender.reach(address) == 4


def test_an_upload_given_up_is_gone_with_its_bytes(sender: Sender, parts_left: Callable[[], list[Path]]) -> None:
    address = sender.begin(8).headers["Location"]
    assert len(parts_left()) == 1
    assert sender.browser.delete(address, headers=TUS).status_code == 204
    assert parts_left() == []
    assert sender.browser.head(address, headers=TUS).status_code == 404
    assert sender.append(address, 0, b"0").status_code == 404


def test_an_upload_that_waited_too_long_is_removed(
    sender: Sender, settings: Settings, parts_left: Callable[[], list[Path]]
) -> None:
    address = sender.begin(8).headers["Location"]
    now = clock.now()
    assert actions.expire(settings=settings, now=now + LIFE - timedelta(hours=1)) == 0
    assert actions.expire(settings=settings, now=now + LIFE + timedelta(hours=1)) == 1
    assert parts_left() == []
    assert sender.browser.head(address, headers=TUS).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "5"}, 412),
        ({**TUS, "Tus-Resumable": "0.2.2", "Upload-Length": "5"}, 412),
        ({**TUS}, 400),
        ({**TUS, "Upload-Length": "0"}, 422),
        ({**TUS, "Upload-Length": str(9 << 30)}, 413),
        ({**TUS, "Upload-Length": "5", "Upload-Metadata": "filename ?"}, 400),
        ({**TUS, "Upload-Length": "5", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_creation_that_breaks_a_rule_is_refused(sender: Sender, headers: dict[str, str], status: int) -> None:
    response = sender.browser.post("/media/uploads", headers=headers)
    assert response.status_code == status
    assert Upload.select().count() == 0


def test_a_piece_of_another_type_is_refused(sender: Sender) -> None:
    address = sender.begin(4).headers["Location"]
    headers = {**TUS, "Upload-Offset": "0"}
    assert sender.browser.patch(address, data=b"0123", content_type="text/plain", headers=headers).status_code == 415


def test_an_upload_belongs_to_its_person_and_to_a_unit_in_their_care(
    sender: Sender, client_for: Callable[[str], Any], cast: Cast
) -> None:
    address = sender.begin(4, unit=str(cast.village.id)).headers["Location"]
    assert Upload.get().unit_id == cast.village.id
    for role in ("neighbour", "system_admin"):
        other = Sender(client_for(role))
        assert other.browser.head(address, headers=TUS).status_code == 404
        assert other.append(address, 0, b"0123").status_code == 404
    assert Sender(client_for("neighbour")).browser.delete(address, headers=TUS).status_code == 404
    assert Sender(client_for("learner")).begin(4).status_code == 403
    for unit in (cast.other_village.id, cast.city.id, 99_999):
        assert sender.begin(4, unit=str(unit)).status_code == 403
    assert sender.reach(address) == 0


def test_without_a_session_the_answer_is_json(client: Any) -> None:
    response = client.post("/media/uploads", headers={**TUS, "Upload-Length": "5"})
    assert response.status_code == 401
    assert response.json["error"]["code"] == "org.sign_in_first"


def test_a_newer_request_takes_over_and_the_older_one_writes_nothing_more(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    editor = cast.editor
    upload = actions.begin(editor, Wish("a.mp4", 12), settings=settings, now=clock.now())

    class Slow:
        """Gives four bytes; then, while it is waited for, somebody else goes on."""

        gave = 0

        def read(self, size: int) -> bytes:
            self.gave += 1
            if self.gave == 1:
                return b"old!"
            if self.gave == 2:
                assert actions.reach(editor, upload.id, settings=settings).received == 0
                actions.append(editor, upload.id, 0, Once(b"0123"), settings=settings, clock=clock.now)
            return b"older"

    with pytest.raises(Conflict, match="superseded"):
        actions.append(editor, upload.id, 0, Slow(), settings=settings, clock=clock.now)
    actions.append(editor, upload.id, 4, Once(b"456789ab"), settings=settings, clock=clock.now)
    assert parts.path_of(settings.media_dir, upload.id).read_bytes() == b"0123456789ab"


def test_a_broken_line_keeps_what_has_arrived(cast: Cast, settings: Settings) -> None:
    editor = cast.editor
    upload = actions.begin(editor, Wish("a.mp4", 12), settings=settings, now=clock.now())
    with pytest.raises(ConnectionResetError):
        actions.append(editor, upload.id, 0, Broken(b"01234"), settings=settings, clock=clock.now)
    assert actions.reach(editor, upload.id, settings=settings).received == 5
    actions.append(editor, upload.id, 5, Once(b"56789ab"), settings=settings, clock=clock.now)
    assert Upload.get_by_id(upload.id).state == State.RECEIVED


def test_a_quota_bounds_a_unit_and_all_below_it(sender: Sender, cast: Cast, now: Any) -> None:
    MediaQuota.create(unit=cast.township, bytes=5 << 20, changed_at=now)
    assert sender.begin(4 << 20, unit=str(cast.village.id)).status_code == 201
    full = sender.begin(2 << 20, unit=str(cast.sibling_village.id))
    assert (full.status_code, full.json["error"]["code"]) == (409, "upload.quota")
    assert "北城街道" in full.json["error"]["message"]
    assert sender.begin(2 << 20, unit=str(cast.sibling_township.id)).status_code == 201
    sender.browser.delete(f"/media/uploads/{Upload.get().id}", headers=TUS)
    assert sender.begin(2 << 20, unit=str(cast.sibling_village.id)).status_code == 201


def test_a_full_disk_is_told_before_and_during(
    sender: Sender, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    address = sender.begin(40 << 20).headers["Location"]
    real = shutil.disk_usage

    def nearly_full(path: Path) -> Any:
        return dataclasses.make_dataclass("Usage", ["total", "used", "free"])(1 << 40, 1 << 39, 100 << 20)

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    before = sender.begin(8)
    assert (before.status_code, before.json["error"]["code"]) == (503, "media.disk_full")
    during = sender.append(address, 0, b"x" * (20 << 20))
    assert (during.status_code, during.json["error"]["code"]) == (503, "media.disk_full")
    monkeypatch.setattr(shutil, "disk_usage", real)
    assert sender.reach(address) == 8 << 20
    assert sender.append(address, 8 << 20, b"x" * (32 << 20)).status_code == 204


def test_a_piece_may_be_larger_than_a_form(app: Flask, sender: Sender, settings: Settings) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    sender.send(b"x" * 5000)
    assert Upload.get().received == 5000


def test_a_whole_upload_becomes_an_asset_and_the_same_file_is_stored_once(
    sender: Sender, cast: Cast, settings: Settings, parts_left: Callable[[], list[Path]]
) -> None:
    text = "第一课\n".encode() * 100
    sender.send(text, "讲稿.txt")
    sender.send(text, "讲稿 副本.txt")
    sender.send(text, "别的单位.txt", unit=str(cast.village.id))
    jobs.run_all()
    first, again, other = Upload.select().order_by(Upload.id)
    assert Asset.select().count() == 1
    assert {first.asset_id, again.asset_id, other.asset_id} == {Asset.get().id}
    assert [first.is_repeat, again.is_repeat, other.is_repeat] == [False, True, False]
    assert (first.state, Asset.get().state, Asset.get().kind) == (State.DONE, "ready", "document")
    assert len(list((settings.media_dir / "originals").rglob("*/*"))) == 1
    assert parts_left() == []


def test_what_cannot_be_used_is_refused_with_its_reason_and_leaves_nothing(
    sender: Sender, settings: Settings, parts_left: Callable[[], list[Path]]
) -> None:
    sender.send(b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n", "课.mp4")
    sender.send(b"plain words", "课2.mp4", sha256="0" * 64)
    jobs.run_all()
    assert [row.refusal_code for row in Upload.select().order_by(Upload.id)] == [
        "media.playlist",
        "upload.checksum_whole",
    ]
    assert {row.state for row in Upload.select()} == {State.REFUSED}
    assert parts_left() == []
    assert list((settings.media_dir / "originals").rglob("*/*")) == []


def test_taking_in_goes_on_after_a_kill_at_each_step(
    sender: Sender, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "第一课\n".encode() * 100
    sender.send(text, "讲稿.txt")
    upload_id = Upload.get().id

    class Killed(BaseException):
        """Nobody catches it, like kill -9."""

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    for place, name in (("Store", "adopt"), ("media", "enter_asset")):
        with monkeypatch.context() as patched:
            patched.setattr(getattr(actions, place), name, die)
            with pytest.raises(Killed):
                actions.take_in(upload_id, settings=settings, now=clock.now())
        assert Upload.get_by_id(upload_id).state == State.RECEIVED
    assert actions.take_in(upload_id, settings=settings, now=clock.now()).state == State.DONE
    assert actions.take_in(upload_id, settings=settings, now=clock.now()).state == State.DONE
    assert Asset.select().count() == 1


class Once:
    """A body of one piece."""

    def __init__(self, piece: bytes) -> None:
        self.left = piece

    def read(self, size: int) -> bytes:
        """The piece, then nothing."""
        piece, self.left = self.left, b""
        return piece


class Broken(Once):
    """A body whose line breaks after the first piece."""

    def read(self, size: int) -> bytes:
        """The piece, then an error."""
        if not self.left:
            raise ConnectionResetError
        return super().read(size)
