"""The command lines for ffmpeg and ffprobe: one pure function per purpose, values in, a list of words out.

Built with ffmpeg-python's ``compile()``; ``runner`` runs them. Inputs are always ``file:`` addresses of names that the
server made, opened only by the allowed demuxers: a playlist named lesson.mp4 opens nothing. Outputs are relative names
inside the folder that the command is run in.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from learnhub.media import ladder
from learnhub.media.rules import AUDIO_CODECS, FORMATS, VIDEO_CODECS, Limits, Probe

_QUIET = ("-nostdin", "-hide_banner", "-nostats")
_PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.5")
_PADDING_S = 0.2  # shorter differences between picture and sound are left as they are
FRAMES = "frames.txt"
SHEETS = "storyboard-%d.jpg"
SAMPLES = ".u8"
WAVE_RATE = 8000


@dataclass(frozen=True)
class SoundPlan:
    """One sound of the source and what becomes of it: its stream, the name made, channels, gain, where it ends."""

    index: int
    name: str
    channels: int
    gain_db: float
    ends_s: float
    language: str = ""
    label: str = ""


@dataclass(frozen=True)
class LadderPlan:
    """All that the ladder's command needs to know about one source; times in seconds, rates in frames per second."""

    rungs: tuple[ladder.Rung, ...]
    rate: Fraction
    video_ends_s: float
    sounds: tuple[SoundPlan, ...] = ()
    interlaced: bool = False
    video_index: int | None = None
    preset: str = ladder.PRESET
    av1_rungs: tuple[ladder.Rung, ...] = ()

    @property
    def total_s(self) -> float:
        """The length of what is made: that of whatever ends last."""
        return max(self.video_ends_s, *(sound.ends_s for sound in self.sounds), 0.0)

    @property
    def is_even(self) -> bool:
        """All of its streams end together; otherwise the shorter ones are drawn out to the whole length."""
        ends = [sound.ends_s for sound in self.sounds] + ([self.video_ends_s] if self.rungs else [])
        return max(ends) - min(ends) <= _PADDING_S


def probe_command(original: Path, limits: Limits) -> list[str]:
    """ffprobe that prints format and streams as JSON."""
    wanted = (
        "format=format_name,duration,size:stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,"
        "r_frame_rate,avg_frame_rate,channels,duration,field_order:stream_tags=language,title,DURATION,rotate:"
        "stream_disposition=attached_pic,default:stream_side_data=rotation"
    )
    return [
        *("ffprobe", "-v", "error", "-hide_banner"),
        *_as_words(_guards(limits, codecs=False)),
        *("-show_entries", wanted, "-of", "json", f"file:{original}"),
    ]


def decode_command(original: Path, probe: Probe, limits: Limits) -> list[str]:
    """A full decode of the first picture and sound: a checksum line per frame, loudness in the last lines of the log.

    The picture is shrunk before it is summed up, so that the cost is that of decoding.
    """
    source = _source(original, limits)
    streams: list[Any] = []
    if probe.video:
        streams.append(source[str(probe.video.index)].filter("scale", 32, 32, flags="fast_bilinear"))
    if probe.audio:
        sound = source[str(probe.audio.index)].filter("aformat", channel_layouts=_layout(probe.audio.channels))
        streams.append(sound.filter("ebur128", framelog="verbose"))
    output = ffmpeg.output(*streams, "pipe:1", format="framecrc", vsync="passthrough", t=limits.longest_s + 60)
    return _compiled(output, level="level+info")


def measure_command(original: Path, probe: Probe, limits: Limits) -> list[str]:
    """The picture's packets read without decoding, every sound decoded: where each ends, how loud each sound is.

    A checksum line per packet or second of sound on standard output, loudness at the end of the log under
    ``ebur128@<stream>``.
    """
    source = _source(original, limits)
    streams: list[Any] = [source[str(probe.video.index)]] if probe.video else []
    for sound in probe.sounds:
        made = source[str(sound.index)].filter("aformat", channel_layouts=_layout(sound.channels))
        made = made.filter(f"ebur128@{sound.index}", framelog="verbose")
        streams.append(made.filter("asetnsamples", n=48000, p=0))
    output = ffmpeg.output(*streams, "pipe:1", format="framecrc", t=limits.longest_s + 60, **{"c:v": "copy"})
    return _compiled(output, level="level+info")


def ladder_command(original: Path, plan: LadderPlan, limits: Limits) -> list[str]:
    """One process, one decode: every height and every sound as HLS with one fragmented MP4 each, and what tells of it.

    Key frames fall on the same frames in all heights: constant rate first, then one every so many, none by scene.
    ``negative_cts_offsets`` without edit lists lets picture and sound both begin at exactly 0 s for players that
    read fragments (a shift of two frames makes a hole at 0 s). The output has no ``file:``: it would be written into
    the playlists before every name. Beside it: :data:`FRAMES`, one line for each picture decoded; the samples of the
    waveforms; the loudness of what is made under ``ebur128@<name>`` in the log.
    """
    source = _source(original, limits)
    videos: list[Any] = []
    others: list[Any] = []
    options: dict[str, Any] = {}
    if plan.video_index is not None:
        picture, seen = _twice(source[str(plan.video_index)])
        # The frames themselves are not summed up: it is their number and their times that tell.
        others.append(ffmpeg.output(seen, FRAMES, format="framecrc", vsync="passthrough", **{"c:v": "wrapped_avframe"}))
        videos = _cascade(picture, plan)
        options |= _video_options(plan)
    sounds, told = _sounds(source, plan)
    options |= _sound_options(plan)
    main = ffmpeg.output(*videos, *sounds, "%v.m3u8", **_hls_options(plan, _names(plan)), **options)
    return _compiled(ffmpeg.merge_outputs(main, *others, *told), level="level+info", progress=True)


def sound_command(original: Path, plan: LadderPlan, limits: Limits) -> list[str]:
    """The sounds of :func:`ladder_command` alone, to make them anew with another gain."""
    sounds, told = _sounds(_source(original, limits), plan)
    names = [f"a:{at},name:{sound.name}" for at, sound in enumerate(plan.sounds)]
    main = ffmpeg.output(*sounds, "%v.m3u8", **_hls_options(plan, names), **_sound_options(plan))
    return _compiled(ffmpeg.merge_outputs(main, *told), level="level+info", progress=True)


def pictures_command(rendition: str, board: ladder.Storyboard) -> list[str]:
    """From the key frames of a made rendition alone: the sheets of thumbnails, and how bright and how full each is.

    The latter on standard output, as ``metadata=print`` writes it.
    """
    both = _key_frames(rendition).filter_multi_output("split", 2)
    small = both[0].filter("scale", 16, 16, flags="area").filter("signalstats")
    told = ffmpeg.output(small.filter("metadata", mode="print", file="-"), "-", format="null", vsync="passthrough")
    sheet = both[1].filter("select", f"not(mod(n,{board.step}))").filter("scale", board.width, board.height)
    sheet = sheet.filter("tile", f"{board.columns}x{board.rows}")
    drawn = ffmpeg.output(sheet, SHEETS, f="image2", vsync="passthrough", pix_fmt="yuvj420p", **{"q:v": 6})
    return _compiled(ffmpeg.merge_outputs(told, drawn), level="error")


def poster_command(rendition: str, at_s: float) -> list[str]:
    """``poster.jpg`` in full size and ``thumb.jpg`` of 320 pixels in width, from a made rendition."""
    source = ffmpeg.input(f"file:{rendition}", ss=f"{at_s:.3f}", **_MADE)
    both = source.video.filter_multi_output("split", 2)
    full = ffmpeg.output(both[0], "file:poster.jpg", **_ONE_PICTURE, **{"q:v": 3})
    thumb = both[1].filter("scale", 320, -2)
    small = ffmpeg.output(thumb, "file:thumb.jpg", **_ONE_PICTURE, **{"q:v": 4})
    return _compiled(ffmpeg.merge_outputs(full, small), level="error")


def speech_command(original: Path, rate: int) -> list[str]:
    """``sound.wav``, mono and of 16 bit, from an original: what engines that write speech down read."""
    source = _source(original, Limits())
    sound = ffmpeg.output(source.audio, "file:sound.wav", ac=1, ar=rate, acodec="pcm_s16le", f="wav")
    return _compiled(sound, level="error")


_ONE_PICTURE: dict[str, Any] = {"frames:v": 1, "f": "image2", "update": 1, "pix_fmt": "yuvj420p"}


_MADE = {"protocol_whitelist": "file", "format_whitelist": "mov"}


def _key_frames(rendition: str) -> Any:
    return ffmpeg.input(f"file:{rendition}", skip_frame="nokey", **_MADE).video


def _cascade(picture: Any, plan: LadderPlan) -> list[Any]:
    """One decoded picture scaled down step by step (720 → 480 → 360 → 240); lowest first, the pictures for AV1 last."""
    if plan.interlaced:
        picture = picture.filter("bwdif", mode="send_frame", deint="interlaced")
    picture = picture.filter("fps", fps=_ratio(plan.rate), start_time=0)
    if not plan.is_even:
        picture = picture.filter("tpad", stop_mode="clone", stop=-1)
    sizes = {(rung.width, rung.height) for rung in plan.av1_rungs}
    made, modern = [], []
    for rung in reversed(plan.rungs):
        picture = picture.filter("scale", rung.width, rung.height, flags="bicubic").filter("setsar", 1)
        if not made:
            picture = picture.filter("format", "yuv420p")
        if rung is not plan.rungs[0]:
            out, picture = _twice(picture)
        else:
            out = picture
        if (rung.width, rung.height) in sizes:
            out, again = _twice(out)
            modern.append(again)
        made.append(out)
    return made[::-1] + modern[::-1]


def _sounds(source: Any, plan: LadderPlan) -> tuple[list[Any], list[Any]]:
    """Every sound levelled, and the outputs that tell how it came out: loudness in the log, samples for a waveform."""
    levelled, told = [], []
    for sound in plan.sounds:
        made, heard = _twice(_levelled(source, sound, plan), "asplit")
        levelled.append(made)
        heard = heard.filter(f"ebur128@{sound.name}", framelog="verbose")
        heard = heard.filter("aresample", WAVE_RATE).filter("aformat", channel_layouts="mono")
        told.append(ffmpeg.output(heard, sound.name + SAMPLES, format="u8", **_until(plan)))
    return levelled, told


def _levelled(source: Any, plan: SoundPlan, whole: LadderPlan) -> Any:
    """The sound from 0 s on, at most two channels, brought to the target loudness and kept below the peak limit."""
    sound = source[str(plan.index)].filter("aresample", 48000, **{"async": 1, "first_pts": 0})
    sound = sound.filter("aformat", channel_layouts=_layout(plan.channels))
    if plan.gain_db:
        sound = sound.filter("volume", f"{plan.gain_db}dB")
    sound = sound.filter("alimiter", limit=ladder.PEAK_LIMIT, level="disabled", attack=5, release=50)
    return sound if whole.is_even else sound.filter("apad")


def _twice(stream: Any, kind: str = "split") -> tuple[Any, Any]:
    both = stream.filter_multi_output(kind, 2)
    return both[0], both[1]


def _until(plan: LadderPlan) -> dict[str, Any]:
    """What is drawn out without end is ended by the clock."""
    return {} if plan.is_even else {"t": f"{plan.total_s:.3f}"}


def _names(plan: LadderPlan) -> list[str]:
    group = ",agroup:sound" if plan.sounds else ""
    names = [f"v:{at}{group},name:{rung.name}" for at, rung in enumerate((*plan.rungs, *plan.av1_rungs))]
    return names + [f"a:{at}{group},name:{sound.name}" for at, sound in enumerate(plan.sounds)]


def _hls_options(plan: LadderPlan, names: list[str]) -> dict[str, Any]:
    return {
        "format": "hls",
        "hls_time": ladder.SEGMENT_S,
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_flags": "single_file+independent_segments",
        "hls_segment_options": "movflags=+negative_cts_offsets:use_editlist=0",
        "var_stream_map": " ".join(names),
        "map_metadata": -1,
        "map_chapters": -1,
        **_until(plan),
    }


def _video_options(plan: LadderPlan) -> dict[str, Any]:
    distance = ladder.key_frame_distance(plan.rate)
    options: dict[str, Any] = {"g": distance}
    for at, rung in enumerate(plan.rungs):
        options |= {
            f"c:v:{at}": "libx264",
            f"preset:v:{at}": plan.preset,
            f"crf:v:{at}": ladder.CRF,
            f"maxrate:v:{at}": f"{rung.ceiling_kbps}k",
            f"bufsize:v:{at}": f"{rung.ceiling_kbps * 2}k",
            f"keyint_min:v:{at}": distance,
            f"sc_threshold:v:{at}": 0,
        }
    for at, rung in enumerate(plan.av1_rungs, len(plan.rungs)):
        options |= {
            f"c:v:{at}": "libsvtav1",
            f"preset:v:{at}": ladder.AV1_PRESET,
            f"crf:v:{at}": ladder.AV1_CRF,
            f"svtav1-params:v:{at}": f"mbr={rung.ceiling_kbps}",
        }
    return options


def _sound_options(plan: LadderPlan) -> dict[str, Any]:
    if not plan.sounds:
        return {}
    rates = {f"b:a:{at}": f"{ladder.audio_kbps_for(sound.channels)}k" for at, sound in enumerate(plan.sounds)}
    return {"c:a": "aac", "aac_coder": "fast", "ar": 48000, **rates}


def _guards(limits: Limits, *, codecs: bool = True) -> dict[str, str]:
    guards = {"protocol_whitelist": "file", "format_whitelist": ",".join(sorted(FORMATS))}
    if codecs:
        guards["codec_whitelist"] = ",".join(sorted(VIDEO_CODECS | AUDIO_CODECS | _DECODERS))
        guards["max_pixels"] = str(limits.pixels)
    return guards


# Decoders whose name differs from that of the codec that they decode.
_DECODERS = frozenset("libdav1d libaom-av1 libvpx libvpx-vp9 mp3float flv h263i libopus libvorbis ac3_fixed".split())


def _source(original: Path, limits: Limits) -> Any:
    return ffmpeg.input(f"file:{original}", **_guards(limits))


def _as_words(options: dict[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in (f"-{name}", value)]


def _compiled(output: Any, *, level: str, progress: bool = False) -> list[str]:
    words = output.global_args(*_QUIET, "-v", level, *(_PROGRESS if progress else ())).compile(overwrite_output=True)
    return [str(word) for word in words]


def _layout(channels: int) -> str:
    return "mono" if channels == 1 else "stereo"


def _ratio(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
