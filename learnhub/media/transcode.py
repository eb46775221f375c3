"""Fills a folder with everything that is made of one original: heights, sounds, playlists, pictures, waveforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from learnhub.kernel import files
from learnhub.kernel.runner import Bounds, ChildStopped, Finished, run
from learnhub.media import commands, ladder, languages, waveforms
from learnhub.media.commands import LadderPlan, SoundPlan
from learnhub.media.facts import Facts
from learnhub.media.measure import Measured, complaints, measure_file, read_loudness
from learnhub.media.playlists import Variant, bit_rates, bytes_named, codec_of, master_playlist
from learnhub.media.probe import FrameCount, MediaRefused, accepted, decode_file, probe_file
from learnhub.media.rules import Decoded, Limits, Probe, judge
from learnhub.media.stills import make_stills

MASTER = "master.m3u8"
WAVEFORM = "waveform.json"
SOUND = "audio"
_HEAD_BYTES = 16_384
_TRIES_FOR_LOUDNESS = 2
_MEASURE_SHARE, _LADDER_SHARE = 0.05, 0.97  # of the work: how far it is when each has ended
_MEASURE_SHARE_OF_SOUND = 0.4


class PreparingFailed(Exception):
    """The machine failed, not the file: trying again may help."""


def prepare_recording(
    original: Path,
    limits: Limits,
    folder: Path,
    *,
    av1: bool = False,
    preset: str = ladder.PRESET,
    progress: Callable[[float], None] = lambda share: None,
) -> Facts:
    """Looks through a recording, transcodes it into an empty folder and returns what was made.

    The picture is decoded once: the frames that are encoded are counted, and that decides whether the file is whole.
    Raises MediaRefused for a file that cannot become a lecture, :class:`PreparingFailed` when the machine fails.
    """
    wall_s = decode_wall_s(original)
    probe = probe_file(original, limits)
    accepted(judge(probe, None, limits))
    share = _MEASURE_SHARE if probe.video else _MEASURE_SHARE_OF_SOUND
    measured = measure_file(original, probe, limits, wall_s=wall_s, progress=lambda part: progress(part * share))
    verdict = accepted(judge(probe, measured.decoded(probe), limits))
    plan = plan_for(probe, measured, av1=av1, preset=preset)
    plan, outcome = make_ladder(
        original, probe, plan, limits, folder, lambda part: progress(share + (_LADDER_SHARE - share) * part)
    )
    variants = _variants(plan, folder)
    files.write_whole(folder / MASTER, master_playlist(variants).encode())
    _write_waveforms(plan, folder)
    if plan.rungs:
        make_stills(plan, folder)
    (folder / commands.FRAMES).unlink(missing_ok=True)
    progress(1.0)
    size = (probe.video.width, probe.video.height) if probe.video else (None, None)
    return Facts(
        *(verdict.kind, round(plan.total_s * 1000), *size, tuple(variants)),
        lufs=measured.decoded(probe).lufs,
        gain_db=plan.sounds[0].gain_db if plan.sounds else 0.0,
        outcome_lufs=outcome.get(SOUND),
    )


def plan_for(probe: Probe, measured: Measured, *, av1: bool = False, preset: str = ladder.PRESET) -> LadderPlan:
    """What is to be made of a file that was measured and accepted."""
    video = probe.video
    rungs = tuple(ladder.rungs_for(video.width, video.height)) if video else ()
    return LadderPlan(
        rungs=rungs,
        rate=ladder.frame_rate_for(video.nominal_rate, video.average_rate) if video else ladder.Fraction(25),
        video_ends_s=measured.video_ends_s,
        sounds=_plan_sounds(probe, measured),
        interlaced=bool(video and (video.is_interlaced or video.codec in _OFTEN_INTERLACED)),
        video_index=video.index if video else None,
        preset=preset,
        av1_rungs=tuple(ladder.av1_rungs_for(rungs)) if av1 else (),
    )


_OFTEN_INTERLACED = frozenset({"mpeg2video", "dvvideo"})


def _plan_sounds(probe: Probe, measured: Measured) -> tuple[SoundPlan, ...]:
    usable = [sound for sound in probe.sounds if sound.index in measured.sounds]
    labels = languages.label_sounds((sound.language, sound.title) for sound in usable)
    return tuple(
        SoundPlan(
            index=sound.index,
            name=SOUND if number == 1 else f"{SOUND}-{number}",
            channels=min(2, max(1, sound.channels)),
            gain_db=ladder.gain_db_for(measured.sounds[sound.index].lufs),
            ends_s=measured.sounds[sound.index].ends_s,
            language=languages.tag_of(sound.language),
            label=label,
        )
        for number, (sound, label) in enumerate(zip(usable, labels, strict=True), 1)
    )


def make_ladder(
    original: Path, probe: Probe, plan: LadderPlan, limits: Limits, folder: Path, progress: Callable[[float], None]
) -> tuple[LadderPlan, dict[str, float | None]]:
    """Runs the one ffmpeg, judges what it decoded, and evens out the sound once more where a limiter took too much.

    Returns the plan as it was carried out and the loudness of each sound made. ``progress`` is told the share done.
    Raises MediaRefused and :class:`PreparingFailed`.
    """
    ended = _run(commands.ladder_command(original, plan, limits), plan, folder, progress)
    _judge_decoded(original, probe, plan, limits, folder, ended)
    outcome = read_loudness(ended.errors)
    for _try in range(_TRIES_FOR_LOUDNESS):
        louder = tuple(
            replace(sound, gain_db=ladder.corrected_gain_db(sound.gain_db, outcome.get(sound.name)))
            for sound in plan.sounds
        )
        if louder == plan.sounds:
            break
        plan = replace(plan, sounds=louder)
        ended = _run(commands.sound_command(original, plan, limits), plan, folder, lambda share: progress(1.0))
        _require_success(ended)
        outcome = read_loudness(ended.errors)
    return plan, outcome


def _judge_decoded(
    original: Path, probe: Probe, plan: LadderPlan, limits: Limits, folder: Path, ended: Finished
) -> None:
    """Refuses a file whose picture proved to be damaged while it was transcoded."""
    if ended.code != 0:
        _require_room(ended)
        # Was it the file or the machine? A decode by itself knows.
        accepted(judge(probe, decode_file(original, probe, limits, wall_s=decode_wall_s(original)), limits))
        _require_success(ended)
    if probe.video is None:
        return
    count = FrameCount(has_video=True)
    with (folder / commands.FRAMES).open(encoding="ascii") as lines:
        for line in lines:
            count.read(line)
    sound = probe.audio and next((one for one in plan.sounds if one.index == probe.audio.index), None)
    seen = Decoded(
        video_s=count.ends_s().get(0, 0.0),
        audio_s=max(sound.ends_s, probe.audio.duration_s or 0.0) if sound and probe.audio else 0.0,
        frames=count.frames(0),
        errors=complaints(ended.errors),
    )
    accepted(judge(probe, seen, limits))


def _require_room(ended: Finished) -> None:
    if any("No space left on device" in line for line in ended.errors):
        raise PreparingFailed("No space left on device")


def _require_success(ended: Finished) -> None:
    if ended.code != 0:
        told = [line for line in ended.errors if "[error]" in line or "[fatal]" in line]
        raise PreparingFailed(" | ".join(told[-3:]) or f"exit code {ended.code}")


def decode_wall_s(path: Path) -> float:
    """Seconds a full decode may take: 60 and one for every 200 kB, at most two hours."""
    return min(7200.0, 60 + path.stat().st_size / 200_000)


class Progress:
    """Reads ffmpeg's ``-progress`` lines and tells the share of ``total_s`` that is done."""

    def __init__(self, total_s: float, tell: Callable[[float], None]) -> None:
        self._total_s, self._tell = max(total_s, 0.1), tell

    def read(self, line: str) -> None:
        """Takes one line."""
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit():
            self._tell(min(1.0, max(0.0, int(value) / 1e6 / self._total_s)))


def _write_waveforms(plan: LadderPlan, folder: Path) -> None:
    for sound in plan.sounds:
        samples = folder / f"{sound.name}{commands.SAMPLES}"
        peaks = waveforms.peaks_of(samples, commands.WAVE_RATE)
        files.write_whole(
            folder / WAVEFORM.replace("waveform", sound.name.replace(SOUND, "waveform")), waveforms.to_json(peaks)
        )
        samples.unlink()


def _variants(plan: LadderPlan, folder: Path) -> list[Variant]:
    made = [
        _variant(folder, rung.name, "video", width=rung.width, height=rung.height, rate=float(plan.rate))
        for rung in (*plan.rungs, *plan.av1_rungs)
    ]
    return made + [
        replace(_variant(folder, one.name, "audio"), language=one.language, label=one.label, channels=one.channels)
        for one in plan.sounds
    ]


def _variant(folder: Path, name: str, kind: str, *, width: int = 0, height: int = 0, rate: float = 0.0) -> Variant:
    playlist = (folder / f"{name}.m3u8").read_text("utf-8")
    peak, mean = bit_rates(playlist)
    if (folder / f"{name}.m4s").stat().st_size < bytes_named(playlist):  # a full disk: ffmpeg does not always tell
        raise PreparingFailed(f"{name}.m4s is shorter than its playlist says")
    with (folder / f"{name}.m4s").open("rb") as opened:
        codecs = codec_of(opened.read(_HEAD_BYTES))
    return Variant(name, kind, peak, mean, codecs, width, height, rate)


def _run(argv: list[str], plan: LadderPlan, folder: Path, progress: Callable[[float], None]) -> Finished:
    slow = 3 if plan.av1_rungs else 1
    bounds = Bounds(wall_s=120 + plan.total_s * 8 * slow, stall_s=90, cpu_s=int(240 + plan.total_s * 16 * slow))
    try:
        return run(argv, bounds=bounds, folder=folder, on_line=Progress(plan.total_s, progress).read)
    except ChildStopped:
        raise MediaRefused("media.took_too_long") from None
