"""The command lines for ffmpeg and ffprobe: one pure function per purpose, values in, a list of words out.

Built with ffmpeg-python's ``compile()``; ``runner`` runs them. Inputs are always ``file:`` addresses of names that the
server made, opened only by the allowed demuxers: a playlist named lesson.mp4 opens nothing. Outputs are relative names
inside the folder that the command is run in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from learnhub.media import ladder
from learnhub.media.rules import AUDIO_CODECS, FORMATS, VIDEO_CODECS, Limits, Probe

_QUIET = ("-nostdin", "-hide_banner")
_PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.5")
_PADDING_S = 0.2  # shorter differences between picture and sound are left as they are


@dataclass(frozen=True)
class LadderPlan:
    """All that the ladder's command needs to know about one source; lengths in seconds, rates in frames per second."""

    rungs: tuple[ladder.Rung, ...]
    rate: Fraction
    video_s: float
    audio_s: float
    audio_channels: int
    gain_db: float
    interlaced: bool = False
    video_index: int | None = None
    audio_index: int | None = None
    preset: str = ladder.PRESET

    @property
    def total_s(self) -> float:
        """The length of what is made: the picture's, unless the sound goes on well beyond it."""
        longer = self.audio_s - self.video_s > _PADDING_S
        return self.audio_s if longer else self.video_s


def probe_command(original: Path, limits: Limits) -> list[str]:
    """ffprobe that prints format and streams as JSON."""
    wanted = (
        "format=format_name,duration,size:stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,"
        "r_frame_rate,avg_frame_rate,channels,duration,field_order:stream_tags=language,DURATION,rotate:"
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


def ladder_command(original: Path, plan: LadderPlan, limits: Limits) -> list[str]:
    """One process, one decode: every height and the sound as HLS with one fragmented MP4 each.

    Key frames fall on the same times in all heights: constant rate first, then forced every segment, none by scene.
    ``negative_cts_offsets`` without edit lists lets picture and sound both begin at exactly 0 s for players that
    read fragments (a shift of two frames makes a hole at 0 s). The output has no ``file:``: it would be written into
    the playlists before every name.
    """
    source = _source(original, limits)
    videos = _cascade(source, plan)
    sounds = [_levelled(source, plan)] if plan.audio_index is not None else []
    options: dict[str, Any] = {}
    if videos:
        options |= _video_options(plan)
    if sounds:
        options |= _sound_options(plan)
    names = [f"v:{at},agroup:sound,name:{rung.name}" for at, rung in enumerate(plan.rungs)]
    names += ["a:0,agroup:sound,name:audio"] if sounds else []
    if not sounds:
        names = [name.replace(",agroup:sound", "") for name in names]
    output = ffmpeg.output(
        *videos,
        *sounds,
        "%v.m3u8",
        format="hls",
        hls_time=ladder.SEGMENT_S,
        hls_playlist_type="vod",
        hls_segment_type="fmp4",
        hls_flags="single_file+independent_segments",
        hls_segment_options="movflags=+negative_cts_offsets:use_editlist=0",
        var_stream_map=" ".join(names),
        map_metadata=-1,
        map_chapters=-1,
        **options,
    )
    return _compiled(output, level="error", progress=True)


def key_frames_command(rendition: str) -> list[str]:
    """The key frames of a made rendition as raw grey pictures of 16×16 on standard output."""
    source = ffmpeg.input(f"file:{rendition}", skip_frame="nokey", protocol_whitelist="file", format_whitelist="mov")
    small = (
        source.video.filter("scale", 16, 16, flags="area")
        .filter("signalstats")
        .filter("metadata", mode="print", file="-")
    )
    return _compiled(ffmpeg.output(small, "-", format="null", vsync="passthrough"), level="error")


def poster_command(rendition: str, at_s: float) -> list[str]:
    """``poster.jpg`` in full size and ``thumb.jpg`` of 320 pixels in width, from a made rendition."""
    source = ffmpeg.input(f"file:{rendition}", ss=f"{at_s:.3f}", protocol_whitelist="file", format_whitelist="mov")
    both = source.video.filter_multi_output("split", 2)
    full = ffmpeg.output(both[0], "file:poster.jpg", **_ONE_PICTURE, **{"q:v": 3})
    thumb = both[1].filter("scale", 320, -2)
    small = ffmpeg.output(thumb, "file:thumb.jpg", **_ONE_PICTURE, **{"q:v": 4})
    return _compiled(ffmpeg.merge_outputs(full, small), level="error")


_ONE_PICTURE: dict[str, Any] = {"frames:v": 1, "f": "image2", "update": 1, "pix_fmt": "yuvj420p"}


def _cascade(source: Any, plan: LadderPlan) -> list[Any]:
    """One decoded picture scaled down step by step (720 → 480 → 360 → 240); lowest first."""
    if plan.video_index is None:
        return []
    picture = source[str(plan.video_index)]
    if plan.interlaced:
        picture = picture.filter("bwdif", mode="send_frame")
    picture = picture.filter("fps", fps=_ratio(plan.rate), start_time=0)
    missing_s = plan.total_s - plan.video_s
    if missing_s > _PADDING_S:
        picture = picture.filter("tpad", stop_mode="clone", stop_duration=f"{missing_s:.3f}")
    made = []
    for rung in reversed(plan.rungs):
        picture = picture.filter("scale", rung.width, rung.height, flags="bicubic").filter("setsar", 1)
        if not made:
            picture = picture.filter("format", "yuv420p")
        if rung is not plan.rungs[0]:
            both = picture.filter_multi_output("split", 2)
            made.append(both[0])
            picture = both[1]
        else:
            made.append(picture)
    return made[::-1]


def _levelled(source: Any, plan: LadderPlan) -> Any:
    """The sound from 0 s on, at most two channels, brought to the target loudness and kept below the peak limit."""
    sound = source[str(plan.audio_index)].filter("aresample", 48000, **{"async": 1, "first_pts": 0})
    sound = sound.filter("aformat", channel_layouts=_layout(plan.audio_channels))
    if plan.gain_db:
        sound = sound.filter("volume", f"{plan.gain_db}dB")
    sound = sound.filter("alimiter", limit=ladder.PEAK_LIMIT, level="disabled", attack=5, release=50)
    missing_s = plan.total_s - plan.audio_s
    return sound.filter("apad", whole_dur=f"{plan.total_s:.3f}") if missing_s > _PADDING_S else sound


def _video_options(plan: LadderPlan) -> dict[str, Any]:
    options: dict[str, Any] = {
        "c:v": "libx264",
        "preset": plan.preset,
        "crf": ladder.CRF,
        "g": math.ceil(plan.rate * ladder.SEGMENT_S),
        "sc_threshold": 0,
        "force_key_frames": f"expr:gte(t,n_forced*{ladder.SEGMENT_S})",
    }
    for at, rung in enumerate(plan.rungs):
        options[f"maxrate:v:{at}"] = f"{rung.ceiling_kbps}k"
        options[f"bufsize:v:{at}"] = f"{rung.ceiling_kbps * 2}k"
    return options


def _sound_options(plan: LadderPlan) -> dict[str, Any]:
    kbps = ladder.audio_kbps_for(plan.audio_channels)
    return {"c:a": "aac", "aac_coder": "fast", "b:a": f"{kbps}k", "ar": 48000}


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
