"""The editor's pages of media: the list with the upload, one medium, storage."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from learnhub.config import Settings
from learnhub.design.i18n import _, _n
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock, messages
from learnhub.kernel.errors import Invalid
from learnhub.media.delivery import addresses_of
from learnhub.media.uploads import actions, forms, life, queries, rules, shelf
from learnhub.media.uploads.messages import STAGES, UPLOAD_WORDS
from learnhub.org.guard import ability, actor

blueprint = Blueprint("shelf", __name__, url_prefix="/media", template_folder="../templates", static_folder=None)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings


@blueprint.get("")
@ability("catalog.edit")
def list_media() -> str:
    """The media of the units in one's care, and the place to drop new ones."""
    return _list_page({})


@blueprint.post("")
@ability("catalog.edit")
def send() -> Response:
    """Takes small files without a script."""
    show_again(_list_page)
    files = [one for one in request.files.getlist("file") if one.filename]
    if not files:
        raise Invalid("upload.no_file", fields={"file": "upload.no_file"})
    unit_id = forms.read_unit(request.form.get("unit", ""))
    for one in files:
        size = one.stream.seek(0, 2)
        one.stream.seek(0)
        wish = rules.Wish(rules.plain_name(one.filename or ""), size, unit_id)
        upload = actions.begin(actor(), wish, settings=_settings(), now=clock.now())
        actions.append(actor(), upload.id, 0, one.stream, settings=_settings(), clock=clock.now)
    flash(
        _n(
            "%(num)d file has arrived and is being checked.",
            "%(num)d files have arrived and are being checked.",
            len(files),
        ),
        "success",
    )
    return redirect(url_for("shelf.list_media"))


@blueprint.get("/states")
@ability("catalog.edit")
def list_states() -> dict[str, Any]:
    """How far some uploads are, for the page's script."""
    found = shelf.list_some(actor(), forms.read_ids(request.args), now=clock.now())
    return {"media": [_as_json(one) for one in found]}


@blueprint.get("/<int:upload_id>")
@ability("catalog.edit")
def show(upload_id: int) -> str:
    """One medium: what it is, where it is used, and its end."""
    return _medium_page(upload_id, {})


@blueprint.post("/<int:upload_id>/remove")
@ability("catalog.edit")
def remove(upload_id: int) -> Response:
    """Takes a medium off the list."""
    actions.remove(actor(), upload_id, settings=_settings(), now=clock.now())
    flash(_("It is off the list. Lessons that show it keep it."), "success")
    return redirect(url_for("shelf.list_media"))


@blueprint.post("/<int:upload_id>/withdraw")
@ability("catalog.publish")
def withdraw(upload_id: int) -> Response:
    """Nobody is served it any more."""
    show_again(lambda errors: _medium_page(upload_id, errors))
    reason = request.form.get("reason", "")
    life.withdraw(actor(), _asset_id(upload_id), reason, settings=_settings(), now=clock.now())
    flash(_("It is withdrawn: from now on nobody can play or open it."), "success")
    return redirect(url_for("shelf.show", upload_id=upload_id))


@blueprint.post("/<int:upload_id>/restore")
@ability("catalog.publish")
def restore(upload_id: int) -> Response:
    """It is served again."""
    life.restore(actor(), _asset_id(upload_id), settings=_settings(), now=clock.now())
    flash(_("It can be played and opened again."), "success")
    return redirect(url_for("shelf.show", upload_id=upload_id))


@blueprint.post("/<int:upload_id>/last-day")
@ability("catalog.publish")
def set_last_day(upload_id: int) -> Response:
    """The day after which it is served no more."""
    show_again(lambda errors: _medium_page(upload_id, errors))
    last = forms.read_last_day(request.form.get("last_day", ""))
    life.set_last_day(actor(), _asset_id(upload_id), last, settings=_settings(), now=clock.now())
    flash(_("The last day is kept."), "success")
    return redirect(url_for("shelf.show", upload_id=upload_id))


@blueprint.get("/storage")
@ability("catalog.edit")
def show_storage() -> str:
    """How much each unit keeps, and since when."""
    return _storage_page({})


@blueprint.post("/storage")
@ability("system.run")
def set_quota() -> Response:
    """What a unit and all below it may keep."""
    show_again(_storage_page)
    unit_id = forms.read_unit(request.form.get("unit", ""))
    if unit_id is None:
        raise Invalid("media.quota_unit", fields={"unit": "media.quota_unit"})
    life.set_quota(actor(), unit_id, forms.read_number(request.form.get("gigabytes", "")), now=clock.now())
    flash(_("The quota is kept."), "success")
    return redirect(url_for("shelf.show_storage"))


def _asset_id(upload_id: int) -> int:
    upload = queries.upload_for(actor(), upload_id)
    if upload.asset_id is None:
        raise Invalid("media.not_found")
    return int(upload.asset_id)


def _list_page(errors: Errors) -> str:
    me = actor()
    mine = request.args.get("mine") == "1"
    units = queries.units_to_choose(me)
    return render_template(
        "media/shelf.html",
        page=shelf.list_media(me, mine=mine, number=forms.read_page(request.args), now=clock.now()),
        mine=mine,
        errors=errors,
        units=units,
        unit_choices=[(unit.id, unit.name) for unit in units],
        own_unit=me.unit_id,
        stages=STAGES,
        reason_of=_reason_of,
        small_mb=_settings().max_upload_mb,
        words={name: str(words) for name, words in UPLOAD_WORDS.items()},
    )


def _medium_page(upload_id: int, errors: Errors) -> str:
    me, now = actor(), clock.now()
    medium = shelf.medium_for(me, upload_id, now=now)
    asset = medium.upload.asset
    addresses = None
    if medium.stage == rules.Stage.READY and asset is not None:
        addresses = addresses_of(asset, me.person_id, settings=_settings(), now=now)
    return render_template(
        "media/medium.html",
        medium=medium, upload=medium.upload, asset=asset, errors=errors, stages=STAGES, reason_of=_reason_of,
        addresses=addresses, today=clock.local_date(now), may_publish=me.can("catalog.publish"),
    )  # fmt: skip


def _storage_page(errors: Errors) -> str:
    me, now = actor(), clock.now()
    free, total = shelf.disk_of(_settings())
    return render_template(
        "media/storage.html",
        lines=shelf.list_storage(me, now=now), free=free, total=total, errors=errors,
        unit_choices=[(unit.id, unit.name) for unit in queries.units_to_choose(me)], may_set=me.can("system.run"),
    )  # fmt: skip


def _reason_of(medium: shelf.Medium) -> str:
    told = medium.refusal
    return (messages.text_of(*told) or told[0]) if told else ""


def _as_json(medium: shelf.Medium) -> dict[str, Any]:
    return {
        "id": medium.upload.id,
        "stage": medium.stage,
        "share": medium.share,
        "words": str(STAGES[medium.stage][0]),
        "kind": STAGES[medium.stage][1],
        "reason": _reason_of(medium),
    }
