"""Looking after what is stored: checksums re-read, what is missing named; preparing at once for demo and command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from learnhub.config import Settings
from learnhub.kernel import files
from learnhub.media import actions, ladder, pages
from learnhub.media.models import Asset
from learnhub.media.queries import get_asset, list_captions
from learnhub.media.store import Store, open_store
from learnhub.org import audit


@dataclass(frozen=True)
class Finding:
    """The state of one asset's files; ``fault`` is empty, ``missing``, ``rotten``, ``renditions missing``, ``renditions
    rotten``, ``captions missing`` or ``captions rotten``; ``files`` names the renditions that are missing or rotten.

    ``has_sums`` is False for renditions made before checksums were kept: only that they are there is known."""

    asset_id: int
    sha256: str
    file_name: str
    fault: str
    files: tuple[str, ...] = ()
    has_sums: bool = True


def verify(*, settings: Settings) -> Iterator[Finding]:
    """Re-reads every original, what was made of it, and its captions; one finding per asset."""
    store = open_store(settings)
    for asset in Asset.select().order_by(Asset.id):
        yield _finding(store, asset)


def adopt(asset_id: int, *, settings: Settings, now: datetime) -> None:
    """Keeps the checksums of what was made of an asset before such were kept, as it is now: from now on what changes is
    noticed. Whether it was whole until now nobody can tell; :func:`actions.make_again` makes it anew."""
    asset = get_asset(asset_id)
    open_store(settings).write_sums(asset.sha256, asset.ladder or pages.VERSION)
    told = {"file": asset.file_name}
    audit.record(None, "media.sums_written", "asset", asset_id, unit_id=asset.unit_id, now=now, **told)


def list_by_other_ladders(*, settings: Settings) -> list[Asset]:
    """The recordings that are ready and were made by another ladder than the present one, the shortest first."""
    wanted = ladder.version(av1=settings.av1)
    old = (Asset.state == "ready") & Asset.kind.in_(("video", "audio")) & (Asset.ladder != wanted)
    return list(Asset.select().where(old).order_by(Asset.duration_ms, Asset.id))


def prepare_now(
    *,
    settings: Settings,
    now: datetime,
    progress: Callable[[str, float], None] = lambda file_name, share: None,
) -> int:
    """Prepares every asset that waits, one after the other (each uses all cores); returns how many.

    ``progress`` is told the file name and the share done of all, weighted by bytes.
    """
    waiting = list(Asset.select().where(Asset.state.in_(("waiting", "working"))).order_by(Asset.size))
    total, done = sum(asset.size for asset in waiting) or 1, 0
    for asset in waiting:

        def tell(share: float, asset: Asset = asset, done: int = done) -> None:
            progress(asset.file_name, (done + share * asset.size) / total)

        actions.prepare_asset(asset.id, settings=settings, now=now, progress=tell)
        done += asset.size
        progress(asset.file_name, done / total)
    return len(waiting)


def _finding(store: Store, asset: Asset) -> Finding:
    told = (asset.id, asset.sha256, asset.file_name)
    if not store.has_original(asset.sha256):
        return Finding(*told, "missing")
    if not store.original_is_whole(asset.sha256):
        return Finding(*told, "rotten")
    faults: list[str] | None = []
    if asset.state == "ready" and asset.kind != "image":
        version = asset.ladder or pages.VERSION
        if not store.has_renditions(asset.sha256, version):
            return Finding(*told, "renditions missing")
        faults = store.list_faults(asset.sha256, version)
    if faults:
        return Finding(*told, "renditions rotten", tuple(faults))
    captions = (_fault_of_captions(store, one.path) for one in list_captions(asset.id))
    return Finding(*told, next((fault for fault in captions if fault), ""), has_sums=faults is not None)


def _fault_of_captions(store: Store, relative: str) -> str:
    path = store.kept_path(relative)
    if not path.is_file():
        return "captions missing"
    return "" if files.sha256_of(path) == path.stem else "captions rotten"
