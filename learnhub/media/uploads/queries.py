"""Reads on uploads: one's own, those of the units in one's care, what counts against quotas."""

from __future__ import annotations

from collections.abc import Iterable

import peewee

from learnhub.kernel.errors import NotFound
from learnhub.media.models import Asset
from learnhub.media.uploads.models import MediaQuota, Upload
from learnhub.media.uploads.rules import OCCUPYING, Quota, State
from learnhub.org.models import Unit
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, in_scope, scope_of


def own_upload(actor: Actor, upload_id: int) -> Upload:
    """An upload of the actor's own, for a unit still in the actor's care. Raises NotFound."""
    found = _upload((Upload.id == upload_id) & (Upload.person == actor.person_id) & in_scope(actor, "catalog.edit"))
    if found is None or found.state == State.REMOVED:
        raise NotFound("upload.not_found")
    return found


def upload_for(actor: Actor, upload_id: int) -> Upload:
    """An upload for a unit in the actor's care, with unit and asset. Raises NotFound."""
    found = _upload((Upload.id == upload_id) & in_scope(actor, "catalog.edit"))
    if found is None or found.state == State.REMOVED:
        raise NotFound("upload.not_found")
    return found


def _upload(condition: peewee.Expression) -> Upload | None:
    found: Upload | None = (
        Upload.select(Upload, Unit, Asset)
        .join_from(Upload, Unit)
        .join_from(Upload, Asset, peewee.JOIN.LEFT_OUTER)
        .where(condition)
        .first()
    )
    return found


def roots(actor: Actor) -> list[Unit]:
    """The units at the top of the actor's care as an editor, from the top of the tree."""
    return list(Unit.select().where(Unit.path.in_(scope_of(actor, "catalog.edit"))).order_by(Unit.path))


def units_to_choose(actor: Actor) -> list[Unit]:
    """For whom the actor may upload, as far as a list can be read: the roots of the area and the units just below."""
    above = [unit.id for unit in roots(actor)]
    return list(
        Unit.select().where((Unit.id.in_(above) | Unit.parent.in_(above)) & ~Unit.is_retired).order_by(Unit.path)
    )


def bytes_outstanding() -> int:
    """Bytes that unfinished uploads may still bring. One query."""
    left = peewee.fn.SUM(Upload.size - Upload.received)
    return int(Upload.select(left).where(Upload.state == State.RECEIVING).scalar() or 0)


def count_open(person_id: int) -> int:
    """Unfinished uploads of a person. One query."""
    return int(Upload.select().where((Upload.person == person_id) & (Upload.state == State.RECEIVING)).count())


def quotas_over(unit: Unit) -> list[Quota]:
    """The quotas that an upload for a unit must fit into: its own and those above, with what is used. One query and one for each."""
    rows = MediaQuota.select(MediaQuota, Unit).join(Unit).where(MediaQuota.unit.in_(ids_on(unit.path)))
    return [Quota(row.unit.name, row.bytes, bytes_used(row.unit)) for row in rows]


def bytes_used(unit: Unit) -> int:
    """What a unit and everything below it keeps or is receiving; the same content twice in one unit counts once."""
    counted = Upload.state.in_(OCCUPYING) & ~Upload.is_repeat & Unit.path.within(unit.path)
    return int(Upload.select(peewee.fn.SUM(Upload.size)).join(Unit).where(counted).scalar() or 0)


def is_held(upload: Upload, asset: Asset) -> bool:
    """Whether the unit of an upload holds the same content through another one already."""
    same = (Upload.unit == upload.unit_id) & (Upload.asset == asset) & (Upload.state == State.DONE)
    return bool(Upload.select().where(same & (Upload.id != upload.id)).exists())


def held_by(actor: Actor, asset_ids: Iterable[int]) -> set[int]:
    """Those of these assets that stand on the list of a unit in the actor's care. One query."""
    held = Upload.asset.in_(list(asset_ids)) & (Upload.state == State.DONE) & in_scope(actor, "catalog.edit")
    return {row.asset_id for row in Upload.select(Upload.asset).join(Unit).where(held)}
