"""Media in a bucket of an S3-compatible store, for installations with several machines or little disk.

The media folder stays, as the desk on which things are made and as a copy of small files; what is kept is in the bucket
under the same names. Large files leave the desk as soon as they are in the bucket. Players fetch segments from the
bucket itself: LearnHub asks for each one whether the address is still good and leads to a signed one of minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import Any

from learnhub.config import Settings
from learnhub.kernel import files
from learnhub.kernel.errors import Unavailable
from learnhub.media.store import SUMS, Kept, Store

LARGE = ".m4s"
COMPLETE = ".complete"
"""Put last beside the renditions of one ladder: other machines take them for whole only when it is there."""

AWAY_S = 300
"""How long an address in the bucket is good; a player is led to a fresh one for every segment."""


class BucketStore(Store):
    """The store whose truth is a bucket; ``root`` is only the desk. Raises Unavailable ``media.store_away``."""

    is_away = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.media_dir)
        self.bucket, _, prefix = settings.s3_bucket.partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        place = (settings.s3_region, settings.s3_access_key, settings.s3_secret_key)
        self._client = _client(settings.s3_endpoint, *place)
        self._public = _client(settings.s3_public_endpoint or settings.s3_endpoint, *place)

    def keep_original(self, source: Path) -> tuple[str, int]:
        """As in :class:`Store`; the bucket has it before this returns."""
        sha256, size = super().keep_original(source)
        self._push(super().original_path(sha256))
        return sha256, size

    def adopt(self, part: Path, sha256: str) -> None:
        """As in :class:`Store`; the bucket has it before this returns."""
        super().adopt(part, sha256)
        self._push(super().original_path(sha256))

    def original_path(self, sha256: str) -> Path:
        """The original on the desk, fetched when another machine has put it into the bucket."""
        return self._pull(super().original_path(sha256))

    def has_original(self, sha256: str) -> bool:
        """True when the bucket has it."""
        return self._size(super().original_path(sha256)) is not None

    def drop_original(self, sha256: str) -> None:
        """Forgets an original here and there."""
        path = super().original_path(sha256)
        self._remove(self._key(path))
        path.unlink(missing_ok=True)

    def original_is_whole(self, sha256: str) -> bool:
        """Reads the original in the bucket and compares its checksum."""
        return self._sum_of(super().original_path(sha256)) == sha256

    def _sum_of(self, path: Path) -> str | None:
        if self._size(path) is None:
            return None
        hashed = new_sha256()
        with _told():
            for chunk in self._client.get_object(Bucket=self.bucket, Key=self._key(path))["Body"].iter_chunks(1 << 20):
                hashed.update(chunk)
        return hashed.hexdigest()

    def has_renditions(self, sha256: str, version: str) -> bool:
        """True when the bucket has all of them."""
        return self._size(self.rendition_folder(sha256, version) / COMPLETE) is not None

    def make_renditions(self, sha256: str, version: str, make: Callable[[Path], None]) -> Path:
        """As in :class:`Store`; goes on with what a killed worker had made but not yet put into the bucket."""
        folder = self.rendition_folder(sha256, version)
        if not self.has_renditions(sha256, version):
            folder = super().make_renditions(sha256, version, make)
            for path in sorted(folder.iterdir()):
                self._push(path)
            self._push_mark(folder / COMPLETE)
        for one in self._objects(folder):  # made by another machine that was stopped before it told the database
            if not one["Key"].endswith((LARGE, COMPLETE)):
                self._pull(self.root / one["Key"].removeprefix(self._prefix))
        for path in folder.glob(f"*{LARGE}"):
            path.unlink()
        super().original_path(sha256).unlink(missing_ok=True)
        return folder

    def write_sums(self, sha256: str, version: str) -> None:
        """As in :class:`Store`; the bucket has them before this returns."""
        super().write_sums(sha256, version)
        self._push(self.rendition_folder(sha256, version) / SUMS)

    def _names_in(self, folder: Path) -> list[str]:
        names = (one["Key"].rpartition("/")[2] for one in self._objects(folder))
        return sorted(name for name in names if name != COMPLETE)

    def drop_renditions(self, sha256: str, version: str = "") -> None:
        """Removes everything made from an original, or what one ladder made of it, here and there."""
        folder = self.rendition_folder(sha256, version) if version else self.root / "renditions" / sha256
        found = [one["Key"] for one in self._objects(folder)]
        # The mark first: half of the rest is then no whole.
        for key in sorted(found, key=lambda key: not key.endswith(COMPLETE)):
            self._remove(key)
        super().drop_renditions(sha256, version)

    def list_kept(self, part: str) -> list[Kept]:
        """As in :class:`Store`: what is in the bucket, and what lies on the desk without being there."""
        found: dict[str, Kept] = {}
        for one in self._objects(self.root / part):
            below = one["Key"].removeprefix(self._prefix)
            name = below if part == "captions" else below.split("/")[1 if part == "renditions" else 2]
            before = found.get(name, Kept(name, 0, 0.0))
            changed_s = max(before.changed_s, one["LastModified"].timestamp())
            found[name] = Kept(name, before.size + one["Size"], changed_s)
        desk = {kept.name: kept for kept in super().list_kept(part)}
        return [(desk | found)[name] for name in sorted(desk | found)]

    def drop_caption(self, relative: str) -> None:
        """As in :class:`Store`, here and there."""
        self._remove(self._prefix + relative)
        super().drop_caption(relative)

    def _objects(self, folder: Path) -> list[dict[str, Any]]:
        with _told():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self._key(folder) + "/"
            )
            return [one for page in pages for one in page.get("Contents", ())]

    def keep_caption(self, text: str) -> str:
        """As in :class:`Store`; the bucket has it before this returns."""
        relative = super().keep_caption(text)
        self._push(self.root / relative)
        return relative

    def kept_path(self, relative: str) -> Path:
        """As in :class:`Store`, fetched when it is not on the desk."""
        return self._pull(self.root / relative)

    def file_of(self, sha256: str, version: str, name: str) -> Path | None:
        """As in :class:`Store`, fetched when it is not on the desk."""
        if super().file_of(sha256, version, name) is None and self.is_file_name(name):
            self._pull(self.rendition_folder(sha256, version) / name)
        return super().file_of(sha256, version, name)

    def away_address(self, relative: str) -> str:
        """Where a file of the bucket can be fetched by whoever holds this address, for :data:`AWAY_S` seconds: long
        enough for one request that has begun, and not for a lecture of somebody who may no longer see it."""
        return str(
            self._public.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": self._prefix + relative}, ExpiresIn=AWAY_S
            )
        )

    def _key(self, path: Path) -> str:
        return self._prefix + str(path.relative_to(self.root))

    def _push(self, path: Path) -> None:
        if self._size(path) != path.stat().st_size:
            with _told():
                self._client.upload_file(str(path), self.bucket, self._key(path))

    def _push_mark(self, path: Path) -> None:
        with _told():
            self._client.put_object(Bucket=self.bucket, Key=self._key(path), Body=b"")

    def _pull(self, path: Path) -> Path:
        """``path``, with its content when the bucket has it; as in :class:`Store` it may be absent."""
        if not path.exists() and (size := self._size(path)) is not None:
            self.require_room(size)
            with _told():
                body = self._client.get_object(Bucket=self.bucket, Key=self._key(path))["Body"]
                files.write_chunks(path, body.iter_chunks(1 << 20), mode=0o444)
        return path

    def _size(self, path: Path) -> int | None:
        from botocore.exceptions import ClientError

        with _told():
            try:
                return int(self._client.head_object(Bucket=self.bucket, Key=self._key(path))["ContentLength"])
            except ClientError as error:
                if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                    return None
                raise

    def _remove(self, key: str) -> None:
        with _told():
            self._client.delete_object(Bucket=self.bucket, Key=key)


@lru_cache(maxsize=8)
def _client(endpoint: str, region: str, access_key: str, secret_key: str) -> Any:
    """One client per place: making one takes a tenth of a second, and it may be used by all threads."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=60,
            retries={"max_attempts": 3, "mode": "standard"},
            # Newer checksums in the head of an upload are not known to every store.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong with the bucket becomes one refusal; the log has the reason."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise Unavailable("media.store_away") from error
