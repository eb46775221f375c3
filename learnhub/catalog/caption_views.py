"""The captions of a lesson's recording: upload, versions, and the page on which they are edited against the sound."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from learnhub.catalog import forms, queries
from learnhub.config import Settings
from learnhub.design.i18n import _, _l
from learnhub.kernel import clock, jobs, messages
from learnhub.kernel.errors import Invalid
from learnhub.media import captioning, players, speech
from learnhub.media.captions import MOST_BYTES, CaptionsRefused
from learnhub.media.queries import list_caption_cues
from learnhub.org.guard import ability, actor

blueprint = Blueprint("captions", __name__, url_prefix="/editing/lessons/<int:recording_id>")
ORIGINS = {"file": _l("File"), "edited": _l("Edited here"), "speech": _l("Written down by machine")}


def _settings() -> Settings:
    settings: Settings = current_app.extensions["learnhub_settings"]
    return settings


@blueprint.get("/captions")
@ability("catalog.edit")
def show(recording_id: int) -> str:
    """The captions of a lesson in all languages and versions."""
    return _page(recording_id)


@blueprint.post("/captions")
@ability("catalog.edit")
def upload(recording_id: int) -> Redirect | tuple[str, int]:
    """Takes a WebVTT or SRT file, or says which line is wrong."""
    version = queries.edited_recording_for(actor(), recording_id)
    sent, language = request.files.get("file"), request.form.get("language", "")
    raw = sent.stream.read(MOST_BYTES + 1) if sent else b""
    try:
        kept = captioning.add_captions(
            version.asset_id, language, raw, settings=_settings(), actor=actor(), now=clock.now()
        )
    except (CaptionsRefused, Invalid) as refused:
        return _page(recording_id, {"file": messages.text_of(refused.code, dict(refused.params))}), 422
    flash(_("Kept: %(count)d captions.", count=kept.cues), "success")
    return redirect(url_for("captions.show", recording_id=recording_id))


@blueprint.get("/captions/<language>")
@ability("catalog.edit")
def edit(recording_id: int, language: str) -> str:
    """The editor: cues in a list, the sound as a picture, the recording beside them."""
    version, now = queries.edited_recording_for(actor(), recording_id), clock.now()
    there = captioning.find_caption(version.asset_id, language)
    cues = list_caption_cues(version.asset_id, settings=_settings())
    player = players.player_of(
        version.asset,
        actor().person_id,
        fresh_url=url_for("captions.sources", recording_id=recording_id),
        settings=_settings(),
        now=now,
    )
    return render_template(
        "catalog/caption_editor.html",
        version=version,
        language=language,
        label=there.label if there else captioning.LABELS.get(language, language),
        player={**player, "captions": []},
        data={
            "base": there.version if there else 0,
            "cues": [list(cue[1:]) for cue in cues if cue[0] == language],
            "language": language,
            "length_ms": version.asset.duration_ms or 0,
            "waveform": player["waveform"],
            "save_url": url_for("captions.save", recording_id=recording_id, language=language),
            "keep_as": f"learnhub.captions.{version.asset_id}.{language}",
            "words": _editor_words(),
        },
    )


@blueprint.post("/captions/<language>")
@ability("catalog.edit")
def save(recording_id: int, language: str) -> dict[str, Any]:
    """Saves the editor's captions as the next version; JSON."""
    version = queries.edited_recording_for(actor(), recording_id)
    base, cues = forms.read_cues(request.get_json(silent=True))
    kept = captioning.save_cues(
        actor(), version.asset_id, language, cues, base=base, settings=_settings(), now=clock.now()
    )
    return {"version": kept.version, "cues": kept.cues}


@blueprint.get("/captions/<language>/<int:number>.vtt")
@ability("catalog.edit")
def download(recording_id: int, language: str, number: int) -> Response:
    """One version as a file."""
    version = queries.edited_recording_for(actor(), recording_id)
    text = captioning.read_version(version.asset_id, language, number, settings=_settings())
    name = f"lesson-{recording_id}-{language}-{number}.vtt"
    return Response(text, mimetype="text/vtt", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.post("/captions/<language>/speech")
@ability("catalog.edit")
def ask_machine(recording_id: int, language: str) -> Redirect:
    """Has the engine of the settings write the recording down."""
    version = queries.edited_recording_for(actor(), recording_id)
    speech.ask_for_captions(actor(), version.asset_id, language, settings=_settings(), now=clock.now())
    flash(_("The recording is being written down. Look again in a while; a version of its own will be here."), "info")
    return redirect(url_for("captions.show", recording_id=recording_id))


@blueprint.get("/sources")
@ability("catalog.edit")
def sources(recording_id: int) -> dict[str, Any]:
    """Fresh addresses of the recording for the editor's player; JSON."""
    version = queries.edited_recording_for(actor(), recording_id)
    return players.sources_of(version.asset, actor().person_id, settings=_settings(), now=clock.now())


def _page(recording_id: int, errors: dict[str, str] | None = None) -> str:
    version = queries.edited_recording_for(actor(), recording_id)
    versions = captioning.list_versions(version.asset_id)
    running = jobs.latest(f"{speech.JOB}:{version.asset_id}:{language}" for language in captioning.LABELS)
    return render_template(
        "catalog/captions.html",
        version=version,
        versions=versions,
        in_force={(one.language, one.version): one for one in captioning.list_captions(version.asset_id)},
        languages=list(captioning.LABELS.items()),
        origins=ORIGINS,
        errors=errors or {},
        offers_speech=speech.is_offered(_settings()),
        running=[job for job in running.values() if job.state in ("waiting", "running", "failed")],
    )


def _editor_words() -> dict[str, str]:
    return {
        "saved": _("Saved as version {version}."),
        "unsaved": _("Not saved yet; kept on this machine."),
        "clean": _("Everything is saved."),
        "no_line": _("The line is down. Your work is kept on this machine; save it when the line is back."),
        "conflict": _("Somebody else has saved version {version} meanwhile. Your work is kept on this machine."),
        "draft": _("Work of {time} that was not saved was found on this machine and is shown here."),
        "draft_old": _(
            "Work of {time} that was not saved was found on this machine, but version {version} was saved since."
        ),
        "backwards": _("The end must lie after the beginning."),
        "overlap": _("Begins before the caption above ends."),
        "empty": _("No words: it will be left out."),
        "bad_time": _("Write times as 1:02.300"),
        "cue": _("Caption {number}"),
        "from": _("Begins at"),
        "to": _("Ends at"),
        "text": _("Words"),
        "play": _("Play"),
        "count": _("{count} captions"),
        "no_wave": _("There is no picture of the sound for this recording yet; the captions are drawn without it."),
    }
