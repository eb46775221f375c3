"""Writing speech down: the interface, a program as engine, and a real engine with the model of its own package."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from learnhub.config import BadSetting, Settings, read_settings
from learnhub.kernel import jobs
from learnhub.kernel.errors import Invalid
from learnhub.media import actions, captioning, speech
from learnhub.media.captions import Cue, list_cues
from learnhub.media.speech import SpeechFailed
from learnhub.media.store import open_store
from tests.cast import Cast
from tests.media.conftest import ffmpeg

PROGRAM = """
import sys, wave
sound = wave.open(sys.argv[1])
assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16000, 1, 2)
seconds = sound.getnframes() / 16000
print(f"1\\n00:00:00,000 --> 00:00:0{int(seconds)},000\\n{sys.argv[2]} {sys.argv[3]} {seconds:.0f}")
"""


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording in which a machine says three English words, loud and slowly."""
    folder = tmp_path_factory.mktemp("spoken")
    text = "flite=text='go forward ten meters':voice=slt"
    ffmpeg("-f", "lavfi", "-i", text, "-c:a", "aac", "-b:a", "128k", folder / "spoken.m4a")
    return folder / "spoken.m4a"


@pytest.fixture
def scribe(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a program as engine."""
    program = tmp_path / "engine.py"
    program.write_text(PROGRAM)
    command = f"{sys.executable} {program} {{wav}} {{language}} {{model}}"
    return replace(settings, speech_engine="command", speech_command=command, speech_model="small")


def keep(path: Path, settings: Settings, now: datetime) -> int:
    return int(actions.add_asset(None, path, path.name, settings=settings, now=now).id)


def words_of(asset_id: int, language: str, settings: Settings) -> list[str]:
    caption = captioning.find_caption(asset_id, language)
    assert caption is not None
    return [text for _start, _end, text in list_cues(open_store(settings).read_caption(caption.path))]


def test_a_program_gets_plain_sound_and_its_words_become_a_version_of_their_own(
    cast: Cast, scribe: Settings, spoken: Path, now: datetime
) -> None:
    asset = keep(spoken, scribe, now)
    captioning.add_captions(asset, "zh-CN", "00:00.000 --> 00:01.000\n人写的\n".encode(), settings=scribe)
    made = speech.transcribe(asset, "zh-CN", cast.people["editor"].id, settings=scribe, now=now)
    assert made.version == 2
    assert words_of(asset, "zh-CN", scribe)[0].startswith("zh-CN small ")
    assert [(one.number, one.origin) for one in captioning.list_versions(asset)] == [(2, "speech"), (1, "file")]


def test_a_real_engine_writes_down_what_is_said(cast: Cast, settings: Settings, spoken: Path, now: datetime) -> None:
    chosen = replace(settings, speech_engine="pocketsphinx")
    asset = keep(spoken, chosen, now)
    speech.transcribe(asset, "en", None, settings=chosen, now=now)
    assert "forward" in " ".join(words_of(asset, "en", chosen))


@pytest.mark.parametrize(
    ("command", "why"),
    [("/nowhere/engine {wav}", "No such file"), ("false", "exit status 1")],
)
def test_a_program_that_fails_changes_nothing(
    cast: Cast, scribe: Settings, spoken: Path, now: datetime, command: str, why: str
) -> None:
    asset = keep(spoken, scribe, now)
    with pytest.raises(SpeechFailed, match="speech_failed") as failed:
        speech.transcribe(asset, "zh-CN", None, settings=replace(scribe, speech_command=command), now=now)
    assert why in failed.value.params["why"]
    assert captioning.list_versions(asset) == []


def test_nothing_is_asked_of_an_engine_that_nobody_set(cast: Cast, settings: Settings, now: datetime) -> None:
    with pytest.raises(Invalid, match="no_engine"):
        speech.ask_for_captions(cast.actor("editor", now), 1, "zh-CN", settings=settings, now=now)
    with pytest.raises(SpeechFailed):
        speech.engine_named("nobody", settings)
    with pytest.raises(BadSetting, match="SPEECH_COMMAND"):
        read_settings({"LEARNHUB_SPEECH_ENGINE": "command"}, home=settings.home)


def test_asking_is_a_job_that_stands_once_in_the_line(cast: Cast, scribe: Settings, now: datetime) -> None:
    editor = cast.actor("editor", now)
    first = speech.ask_for_captions(editor, 7, "zh-CN", settings=scribe, now=now)
    assert speech.ask_for_captions(editor, 7, "zh-CN", settings=scribe, now=now) == first
    key = f"{speech.JOB}:7:zh-CN"
    assert jobs.latest([key])[key].state == "waiting"


def test_a_pause_and_six_seconds_end_a_caption() -> None:
    words = [
        ("one", 0, 400),
        ("two", 500, 900),
        ("three", 2000, 2300),
        *((f"w{n}", 3000 + n * 900, 3800 + n * 900) for n in range(8)),
    ]
    assert [cue.text for cue in speech.grouped(words)] == ["one two", "three", "w0 w1 w2 w3 w4 w5", "w6 w7"]
    assert next(speech.grouped([("字", 0, 100), ("词", 120, 200)], joint="")) == Cue(0, 200, "字词")
