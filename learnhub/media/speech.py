"""Speech to text as an optional extra: an engine and its model are settings, and nothing is downloaded by itself.

``LEARNHUB_SPEECH_ENGINE`` names one: ``command`` (any program that gets a WAV file and prints WebVTT or SRT),
``pocketsphinx`` (``pip install learnhub[speech]``), or what another package offers under the entry point group
``learnhub.speech``. An engine is a callable ``(wav: Path, language: str, model: str) -> Iterable[Cue]``; the WAV file
is 16 kHz, mono, 16 bit. An engine runs in the worker, never in a request.
"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path

from learnhub.config import Settings
from learnhub.kernel import jobs
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Invalid, Unavailable
from learnhub.kernel.runner import Bounds, run
from learnhub.media import commands
from learnhub.media.captioning import add_captions
from learnhub.media.captions import Cue, read_captions, repaired, to_webvtt
from learnhub.media.models import Asset, Caption
from learnhub.media.store import open_store
from learnhub.org.models import Person
from learnhub.org.scope import Actor, load_actor

Engine = Callable[[Path, str, str], Iterable[Cue]]
JOB = "media.transcribe"
GROUP = "learnhub.speech"
RATE = 16_000
_LONGEST_CUE_MS = 6000
_PAUSE_MS = 600
_SLOWEST = 20  # times the recording's length, and
_LEAST_S = 600


class SpeechFailed(Unavailable):
    """The engine is missing, its model is, or it gave no captions; ``why`` among the parameters."""


def is_offered(settings: Settings) -> bool:
    """True when an engine is set."""
    return bool(settings.speech_engine)


def ask_for_captions(actor: Actor, asset_id: int, language: str, *, settings: Settings, now: datetime) -> int:
    """Enqueues the writing down of a recording; the id of the job."""
    if not is_offered(settings):
        raise Invalid("captions.no_engine")
    with transaction():
        return jobs.enqueue(
            JOB, {"asset": asset_id, "language": language, "person": actor.person_id}, now=now,
            key=f"{JOB}:{asset_id}:{language}", priority=-1,
        )  # fmt: skip


def transcribe(asset_id: int, language: str, person_id: int | None, *, settings: Settings, now: datetime) -> Caption:
    """Writes a recording down as a new version of its captions. Raises :class:`SpeechFailed`."""
    asset: Asset = Asset.get_by_id(asset_id)
    engine = engine_named(settings.speech_engine, settings)
    with tempfile.TemporaryDirectory(prefix="speech-") as folder:
        wav = Path(folder) / "sound.wav"
        _extract(open_store(settings).original_path(asset.sha256), wav, asset)
        cues = repaired(engine(wav, language, settings.speech_model))
    if not cues:
        raise SpeechFailed("captions.speech_failed", why="no words")
    return add_captions(
        asset_id, language, to_webvtt(cues).encode(), settings=settings, origin="speech", now=now,
        actor=_actor(person_id, now),
    )  # fmt: skip


def engine_named(name: str, settings: Settings) -> Engine:
    """The engine of that name. Raises :class:`SpeechFailed` when nobody offers it."""
    if name == "command":
        return lambda wav, language, model: _by_command(settings.speech_command, wav, language, model)
    if name == "pocketsphinx":
        return _by_pocketsphinx
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            found: Engine = entry.load()
            return found
    raise SpeechFailed("captions.speech_failed", why=f"no engine named {name}")


def grouped(words: Iterable[tuple[str, int, int]], *, joint: str = " ") -> Iterator[Cue]:
    """Words with their milliseconds as captions: a pause of 0.6 s or six seconds end one.

    >>> [cue.text for cue in grouped([("a", 0, 200), ("b", 250, 400), ("c", 2000, 2100)])]
    ['a b', 'c']
    """
    kept: list[tuple[str, int, int]] = []
    for word in words:
        if kept and (word[1] - kept[-1][2] >= _PAUSE_MS or word[2] - kept[0][1] > _LONGEST_CUE_MS):
            yield _cue(kept, joint)
            kept = []
        kept.append(word)
    if kept:
        yield _cue(kept, joint)


def _cue(words: list[tuple[str, int, int]], joint: str) -> Cue:
    return Cue(words[0][1], words[-1][2], joint.join(word for word, _start, _end in words))


def _extract(original: Path, wav: Path, asset: Asset) -> None:
    wall = _LEAST_S + (asset.duration_ms or 0) / 1000
    done = run(commands.speech_command(original, RATE), bounds=Bounds(wall_s=wall), folder=wav.parent)
    if done.code or not wav.is_file():
        raise SpeechFailed("captions.speech_failed", why="no sound")


def _by_command(command: str, wav: Path, language: str, model: str) -> list[Cue]:
    """``{wav}``, ``{language}`` and ``{model}`` in the setting are replaced; no shell reads it."""
    values = {"wav": str(wav), "language": language, "model": model}
    argv = [word.format(**values) for word in shlex.split(command)]
    try:
        seconds = _LEAST_S + _SLOWEST * wav.stat().st_size / (2 * RATE)
        done = subprocess.run(argv, capture_output=True, timeout=seconds, check=True, cwd=wav.parent)
    except (OSError, subprocess.SubprocessError) as error:
        raise SpeechFailed("captions.speech_failed", why=str(error)[:200]) from error
    return read_captions(done.stdout)


def _by_pocketsphinx(wav: Path, _language: str, model: str) -> list[Cue]:
    """``model``: a folder with ``acoustic/``, ``words.lm.bin`` and ``words.dict``; empty for the package's English."""
    try:
        import pocketsphinx
    except ImportError as error:
        raise SpeechFailed("captions.speech_failed", why="pip install learnhub[speech]") from error
    paths = {}
    if model:
        base = Path(model)
        paths = {"hmm": str(base / "acoustic"), "lm": str(base / "words.lm.bin"), "dict": str(base / "words.dict")}
    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL", **paths)
    per_frame = 1000 // decoder.config["frate"]
    decoder.start_utt()
    decoder.process_raw(wav.read_bytes()[44:], full_utt=True)
    decoder.end_utt()
    said = [
        (segment.word.partition("(")[0], segment.start_frame * per_frame, (segment.end_frame + 1) * per_frame)
        for segment in decoder.seg() or ()
        if segment.word[0] not in "<["
    ]
    return list(grouped(said))


def _actor(person_id: int | None, now: datetime) -> Actor | None:
    if person_id is None:
        return None
    try:
        return load_actor(person_id, now)
    except Person.DoesNotExist:  # who asked for it has left since; the work is done all the same
        return None
